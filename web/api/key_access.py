"""Who comes with an API key: `Authorization: Bearer ppk_...`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.api_keys import PREFIX, note_use, working_key
from accounts.key_models import ApiKey, Scope
from peepopay.errors import Forbidden, RateLimited, Unauthorized
from peepopay.throttling import AddressLimit

NO_KEY = (
    "This API key doesn't work: it is unknown, expired or revoked, or whoever made it is no owner any more."
)
NOT_FOR_KEYS = "API keys can't be used here."


class WrongKeys(AddressLimit):
    """Only wrong ones count: programs share addresses with strangers."""

    name, limit = "api-key", 30


class ApiKeyAuthentication(BaseAuthentication):
    """In front of the session: whoever shows a key goes by it alone. CSRF tokens are about cookies; none is needed."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        shown = bearer_of(request)
        if shown is None:
            return None
        now = timezone.now()
        key = working_key(shown, now=now)
        if key is None:
            _count_wrong(request)
            raise Unauthorized(NO_KEY if shown.startswith(PREFIX) else None)
        note_use(key, now=now)
        return key.member.user, key


def bearer_of(request: Request | HttpRequest) -> str | None:
    """What is shown as a Bearer token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def shows_key(request: HttpRequest) -> bool:
    """Whether it would be a key of a business, if it works, and no token of a booking."""
    return (bearer_of(request) or "").startswith(PREFIX)


def require_scope(key: ApiKey, scope: Scope | None) -> None:
    """`scope`: what this address and method ask of a key; None: they are for people alone."""
    if scope is None:
        raise Forbidden(NOT_FOR_KEYS)
    if scope not in key.scopes:
        raise Forbidden(f"This API key may not do that: it needs the scope {scope}.")


def _count_wrong(request: Request) -> None:
    limit = WrongKeys()
    if not limit.allow_request(request, None):
        raise RateLimited(retry_after=int(limit.wait()) + 1)

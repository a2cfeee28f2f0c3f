"""Whether somebody has shown, in this session, more than a password or a mailbox."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def has_one(request: HttpRequest) -> bool:
    """Asked of the database once a request."""
    known: bool | None = getattr(request, "has_second_factor", None)
    if known is None:
        known = bool(is_mfa_enabled(request.user, SECOND_FACTORS))
        request.has_second_factor = known  # type: ignore[attr-defined]
    return known


def shown(request: HttpRequest) -> bool:
    """Shown in this session, and not taken off since. A session from before it was set up has not shown it."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records) and has_one(request)

"""Signing in with Google, where GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are set.

Google vouches for who somebody is, not for every address: it is the authority for its own mailboxes and those of the
organisations that it hosts (https://developers.google.com/identity/gsi/web/guides/verify-google-id-token). Only with
such an address does somebody get into an account that they had before; with another they sign in as usual first, and
connect Google then.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import messages as notices
from django.http import Http404, HttpRequest
from django.shortcuts import redirect

from accounts.models import User

from .adapter import users_of

OWN_MAILBOXES = ("@gmail.com", "@googlemail.com")
KEPT = ("email", "hd")  # hd: the domain of the organisation that Google hosts
UNCONFIRMED = (
    "Google hasn't confirmed your email address, so we can't go by it. Sign up with the address here."
)
TAKEN = (
    "There is an account with your address already. Sign in to it as usual, then connect Google under More: "
    "after that, Google signs you in, too."
)


class Google(DefaultSocialAccountAdapter):
    error_messages = {
        "email_taken": TAKEN,
        "invalid_token": "Google's answer didn't reach us whole. Please try again.",
        "no_password": "Choose a password first, or you couldn't sign in any more.",
        "no_verified_email": "Confirm your email address first, or you couldn't sign in any more.",
        "disconnect_last": "That is the only way in that you have.",
        "connected_other": "That Google account signs somebody else in here.",
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Of the settings alone: none is looked for in the database."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return list(chain.from_iterable(found.values()))

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """Raises Http404 where there are no keys."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as no_keys:
            raise Http404 from no_keys

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """Of what Google says no more is kept than is needed."""
        said = sociallogin.account.extra_data
        sociallogin.account.extra_data = {name: said[name] for name in KEPT if name in said}
        user: User = super().new_user(request, sociallogin)
        return user

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        names = (data.get("first_name"), data.get("last_name"))
        user.name = " ".join(filter(None, names))[:80]
        return user

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Into an account that has confirmed that very address; allauth asks only for what Google has confirmed."""
        is_its_own = email.lower().endswith(OWN_MAILBOXES) or bool(login.account.extra_data.get("hd"))
        return is_its_own and EmailAddress.objects.filter(email__iexact=email, verified=True).exists()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Nobody is led into a mail about "somebody tried to sign up": Google said that the address is theirs."""
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        addresses = [one.email for one in sociallogin.email_addresses if one.verified]
        if not addresses:
            raise _back(request, "account_signup", UNCONFIRMED)
        if any(users_of(address) for address in addresses):
            raise _back(request, "account_login", TAKEN)


def _back(request: HttpRequest, page: str, why: str) -> ImmediateHttpResponse:
    notices.warning(request, why)
    return ImmediateHttpResponse(redirect(page))

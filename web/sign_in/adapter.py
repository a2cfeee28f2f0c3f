"""What sign-in does differently from allauth: who counts as one guesser, how many mails leave, when sessions end."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit
from accounts.audit_models import Change
from accounts.models import User
from accounts.sessions import end_sessions
from notifications import budgets
from notifications.models import Channel
from peepopay.client_address import client_address

from . import codes, known_browser, mails, rolling

AGAIN = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class Adapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "That's a lot of tries. Wait five minutes, or sign in with a code by email.",
        "incorrect_code": "That code isn't right, or it has been used. Look for the newest one.",
        "email_password_mismatch": "That email address and password don't go together.",
        "account_inactive": "Nobody can sign in with this account any more.",
        "cannot_remove_primary_email": "That is your main address. Make another one the main one first.",
        "duplicate_email": "You have that address already.",
        "email_taken": "Somebody has an account with that address.",
        "enter_current_password": "That isn't your password now.",
        "incorrect_password": "That isn't your password.",
        "invalid_or_expired_key": "That link doesn't work any more.",
        "invalid_password_reset": "That link doesn't work any more. Have another one sent.",
        "max_email_addresses": "You can have %d addresses at most.",
        "rate_limited": "That's a lot of tries. Wait a few minutes, then try again.",
        "same_as_current": "That is the one that you have now.",
        "select_only_one": "Choose one only.",
        "unknown_email": "There is no account with that address.",
        "unverified_primary_email": "Confirm that address first.",
    }

    # ---- guesses

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count one guess, before the password is looked at. allauth takes it back if the password is right.

        Guesses from a browser that the account knows are counted apart from everybody else's: so they have an end
        too, and nobody else can use them up. Raises ValidationError.
        """
        email = credentials.get("email", "")
        users = users_of(email)
        browser, account = known_browser.recognise(request, users), account_key(users, email)
        if browser:
            counts = [("login_failed_in_known_browser", f"{account}:{browser}")]
        else:
            self._count(request, "login_by_password", account)
            counts = [("login_failed_from_address", account), ("login_failed", account)]
        usages = [self._count(request, action, key) for action, key in counts]
        self._login_failed_rl_usage = RateLimitUsage([one for usage in usages for one in usage.usage])

    def _count(self, request: HttpRequest, action: str, key: str) -> RateLimitUsage:
        usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
        if not usage:
            raise self.validation_error("too_many_login_attempts")
        return usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = credentials.get("email", "")
        return account_key(users_of(email), email)

    # ---- sessions

    def login(self, request: HttpRequest, user: User) -> None:
        """All steps are done."""
        is_new = known_browser.recognise(request, [user]) is None
        super().login(request, user)
        for place in user.workplaces if is_new else ():
            audit.note(place.tradie_id, Change.SIGNED_IN, about=user.get_full_name(), user_id=user.pk)
        rolling.begin(request)
        known_browser.remember(request, user)

    def logout(self, request: HttpRequest) -> None:
        """Everywhere: on this browser and on every other."""
        end_sessions(request.user)  # type: ignore[arg-type]
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Every other session ends by itself, and the browser that it was changed in stays known."""
        super().set_password(user, password)
        user.browsers.all().delete()
        if self.request.user.pk == user.pk:
            known_browser.remember(self.request, user)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        return [
            {**method, "description": AGAIN[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]

    # ---- mails

    def generate_login_code(self) -> str:
        return codes.code_for(self.request.asks_for_code, now=timezone.now())

    def generate_email_verification_code(self) -> str:
        """Sent again it is the same: a mail that is late, or held back by a limit, must not make the one that came
        worthless."""
        waiting = self.request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY, {})
        if self.request.POST.get("action") == "resend" and waiting.get("code"):
            return str(waiting["code"])
        return str(super().generate_email_verification_code())

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """They read a mail of ours there, so they may be sent more of them."""
        budgets.confirm(Channel.EMAIL, email_address.email, now=timezone.now())
        return bool(super().confirm_email(request, email_address))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A row for the workers: no mail server may hold up whoever waits for the page."""
        now = timezone.now()
        if mails.may_leave(template_prefix, email, context, now=now):
            mails.queue(
                self.render_mail(
                    template_prefix,
                    email,
                    mails.at_our_address({"request": self.request, "email": email, **context}),
                ),
                template_prefix,
                now=now,
            )


def users_of(email: str) -> list[User]:
    """Whom allauth would try a password on."""
    return list(filter_users_by_email(email, prefer_verified=True, for_login=True))


def account_key(users: list[User], email: str) -> str:
    """What guesses are counted under: the account, whichever of its addresses is typed and however."""
    return "|".join(sorted(str(user.pk) for user in users)) or email.strip().casefold()

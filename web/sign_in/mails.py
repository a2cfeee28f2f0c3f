"""The mails of sign-in: how many may leave, how long they are worth sending, and what their links point to."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import salted_hmac

from notifications import account_mails, budgets
from notifications.models import Channel
from peepopay.throttling import count_try

from .codes import CHANGES_EVERY, MAILS_PER_CODE

LOGIN_CODE = "account/email/login_code"
# Anybody can have these sent to anybody, signed in or not.
FOR_THE_ASKING = {
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_key",
    "account/email/unknown_account",
}
MOST_A_DAY = 5  # of those, to one address
# How long what a mail holds opens anything; a late code would only make people type it.
VALID_FOR = {
    LOGIN_CODE: timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT),
    "account/email/email_confirmation": timedelta(seconds=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT),
    "account/email/email_confirmation_signup": timedelta(
        seconds=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT
    ),
    "account/email/password_reset_key": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
}
NEWS_FOR = timedelta(days=1)  # those that hold nothing secret


def may_leave(kind: str, email: str, context: dict[str, Any], *, now: datetime) -> bool:
    """Count one mail; False when its recipient has had enough. Whoever asked for it is not told.

    Whose address is confirmed can always be mailed: nobody else's bookings use that up. Anybody else has one budget for
    all that strangers can have sent to them.
    """
    return _is_one_of_few(kind, email, context, now) and (
        _is_confirmed(email) or budgets.take_one(Channel.EMAIL, email, now=now)
    )


def _is_one_of_few(kind: str, email: str, context: dict[str, Any], now: datetime) -> bool:
    if kind == LOGIN_CODE:
        key = _hash(f"{email.lower()}:{context['code']}")
        return count_try(f"sign-in code:{key}", window=CHANGES_EVERY, now=now) <= MAILS_PER_CODE
    if kind in FOR_THE_ASKING:
        key = _hash(budgets.mailbox(email))
        return count_try(f"account mail:{key}", window=timedelta(days=1), now=now) <= MOST_A_DAY
    return True


def _is_confirmed(email: str) -> bool:
    return EmailAddress.objects.filter(email__iexact=email, verified=True).exists()


def at_our_address(context: dict[str, Any]) -> dict[str, Any]:
    """The context with links to SITE_URL: the host of the request is whatever its client wrote."""
    links = {name: _moved(value) for name, value in context.items() if name.endswith("_url")}
    site = SimpleNamespace(name="PeepoPay", domain=urlsplit(settings.SITE_URL).netloc)
    return {**context, **links, "current_site": site, "site_url": settings.SITE_URL}


def queue(mail: EmailMessage, kind: str, *, now: datetime) -> None:
    content = account_mails.Content(to=mail.to[0], subject=str(mail.subject), text=str(mail.body))
    account_mails.queue(kind, content, valid_for=VALID_FOR.get(kind, NEWS_FOR), now=now)


def _moved(link: str) -> str:
    parts = urlsplit(link)
    return settings.SITE_URL + parts.path + (f"?{parts.query}" if parts.query else "")


def _hash(text: str) -> str:
    return salted_hmac("web.sign_in.mails", text, algorithm="sha256").hexdigest()

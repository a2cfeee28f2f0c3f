"""System checks of what carries mails, SMS and words on phones; as checks.py has them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from .checks import of_those_who_act


@of_those_who_act
def phones_can_be_told() -> Iterator[CheckMessage]:
    if not settings.VAPID_PRIVATE_KEY:
        return
    try:
        is_key = len(base64.b64decode(settings.VAPID_PRIVATE_KEY.strip(), validate=True)) == 32
    except ValueError:
        is_key = False
    if not is_key:
        yield Error(
            "VAPID_PRIVATE_KEY is no key.",
            hint="Unset it, and phones are told nothing; or set it to 32 random bytes: openssl rand -base64 32",
            id="peepopay.E018",
        )


@of_those_who_act
def messages_really_leave() -> Iterator[CheckMessage]:
    """Nobody could sign up, and no customer would hear of their booking."""
    if settings.SENT_MESSAGES_DIR:
        yield Warning(
            "SENT_MESSAGES_DIR is set: mails and SMS are kept as files and never sent.",
            hint="Unset it in production.",
            id="peepopay.W002",
        )
    elif "console" in settings.EMAIL_BACKEND:
        yield Error(
            "Mails are only printed.",
            hint="Set EMAIL_URL, or EMAIL_BACKEND and ANYMAIL for a provider's API. "
            "Example: EMAIL_URL=smtp+tls://user:password@smtp.example.com:587",
            id="peepopay.E010",
        )
    elif problem := _why_unusable(settings.EMAIL_BACKEND, mail.get_connection):
        yield Error(
            f"No mail could be sent by EMAIL_BACKEND: {problem}.",
            hint="Unset EMAIL_BACKEND and set EMAIL_URL, or set both EMAIL_BACKEND and ANYMAIL as "
            "https://anymail.dev/en/stable/esps/ says. "
            'Example: anymail.backends.postmark.EmailBackend and {"POSTMARK_SERVER_TOKEN": "..."}',
            id="peepopay.E022",
        )
    if "@localhost" in settings.DEFAULT_FROM_EMAIL or "@" not in parseaddr(settings.DEFAULT_FROM_EMAIL)[1]:
        yield Error(
            "Mails would come from nowhere that a mail server takes them from.",
            hint="Set DEFAULT_FROM_EMAIL. Example: PeepoPay <bookings@example.com.au>",
            id="peepopay.E011",
        )
    if problem := _why_unusable(settings.SMS_BACKEND, lambda: import_string(settings.SMS_BACKEND)()):
        yield Error(
            f"No SMS could be sent by SMS_BACKEND: {problem}.",
            hint="Unset it, and no SMS goes out; or set SMS_BACKEND=notifications.channels.sms.TwilioBackend.",
            id="peepopay.E023",
        )
    twilio = {
        name: getattr(settings, name) for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
    }
    if "Twilio" in settings.SMS_BACKEND and not all(twilio.values()):
        missing = " and ".join(name for name, value in twilio.items() if not value)
        yield Error(
            f"SMS_BACKEND is Twilio's, and {missing} is missing.",
            hint="Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM. Example: AC..., the token, +61480000000",
            id="peepopay.E012",
        )
    elif "Twilio" in settings.SMS_BACKEND and not settings.TWILIO_FROM.startswith(("+", "MG")):
        yield Error(
            "TWILIO_FROM is neither a number nor a messaging service.",
            hint="A name may only be a business's own, registered one, which is recorded in the admin. "
            "Example: +61480000000",
            id="peepopay.E017",
        )


def _why_unusable(path: str, backend: Callable[[], Any]) -> str:
    """Nothing if it is there, and is told all that it needs."""
    try:
        backend()
    except ImportError:
        return f"there is no {path}"
    except ImproperlyConfigured as problem:
        return " ".join(str(problem).split())
    return ""

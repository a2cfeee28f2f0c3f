"""SMS over a small interface: a backend has `send` and raises ChannelError."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

import requests
from django.conf import settings
from django.utils.module_loading import import_string

from .errors import ChannelError, Unsubscribed
from .figures import counted

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5
UNSUBSCRIBED = 21610  # https://www.twilio.com/docs/api/errors/21610
DENIED = {401, 403}
WORTH_A_RETRY = {*DENIED, 408, 425, 429}  # credentials and limits: a person or time puts those right


@dataclass(frozen=True)
class Sms:
    to: str  # E.164
    body: str
    dedupe_key: str
    sender: str = ""  # a registered name; without one it comes from our number


class SmsBackend(Protocol):
    def send(self, sms: Sms) -> None:
        """Hand it over. Raises ChannelError."""


@counted("sms")
def send(sms: Sms) -> None:
    """Over the backend that SMS_BACKEND names. Raises ChannelError."""
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    backend.send(sms)


class ConsoleBackend:
    """Sends nothing and says so, without the number and the text: nothing personal belongs in a log."""

    def send(self, sms: Sms) -> None:
        logger.info("An SMS of %d characters was not sent: no provider is configured.", len(sms.body))


class TwilioBackend:
    """https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource"""

    def send(self, sms: Sms) -> None:
        account = settings.TWILIO_ACCOUNT_SID
        try:
            answer = requests.post(
                f"{settings.TWILIO_API_BASE}/2010-04-01/Accounts/{account}/Messages.json",
                data={"To": sms.to, **self._sender(sms), "Body": sms.body},
                auth=(account, settings.TWILIO_AUTH_TOKEN),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            raise ChannelError(f"Twilio could not be reached ({type(problem).__name__}).") from problem
        if self._is_unsubscribed(answer):
            raise Unsubscribed
        if answer.status_code != 201:
            raise ChannelError(
                f"Twilio answered {answer.status_code}.",
                retry_helps=self._retry_helps(answer.status_code),
                is_denied=answer.status_code in DENIED,
            )

    @staticmethod
    def _sender(sms: Sms) -> dict[str, str]:
        """A messaging service has an id instead of a number."""
        if sms.sender:
            return {"From": sms.sender}
        field = "MessagingServiceSid" if settings.TWILIO_FROM.startswith("MG") else "From"
        return {field: settings.TWILIO_FROM}

    @staticmethod
    def _is_unsubscribed(answer: requests.Response) -> bool:
        if answer.status_code != 400:
            return False
        try:
            said = answer.json()
        except requests.JSONDecodeError:
            return False
        return isinstance(said, dict) and said.get("code") == UNSUBSCRIBED

    @staticmethod
    def _retry_helps(status: int) -> bool:
        return not 400 <= status < 500 or status in WORTH_A_RETRY

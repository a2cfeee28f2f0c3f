"""For tests: what was sent, read back from the files that the local backends write."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from notifications.models import Message
from notifications.tasks import deliver_message
from peepopay import outbox


class Sent:
    """What the backends wrote, oldest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def mails(self) -> list[EmailMessage]:
        read = [
            email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in self.files("mail")
        ]
        return [mail for mail in read if isinstance(mail, EmailMessage)]

    @property
    def sms(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in self.files("sms")]

    def files(self, kind: str) -> list[Path]:
        return sorted((self.folder / kind).glob("*"))


@pytest.fixture
def sent(settings: Any, tmp_path: Path) -> Sent:
    settings.SENT_MESSAGES_DIR = str(tmp_path)
    settings.EMAIL_BACKEND = "notifications.channels.files.EmailBackend"
    settings.SMS_BACKEND = "notifications.channels.files.SmsBackend"
    settings.DEFAULT_FROM_EMAIL = "PeepoPay <bookings@peepopay.example>"
    settings.SITE_URL = "https://book.example.com.au"
    return Sent(tmp_path)


def deliver(message: Message, *, now: datetime) -> None:
    """What the task does, at `now`."""
    outbox.run(Message, message.pk, lambda row: deliver_message(row, now), now=now)


def deliver_all(*, now: datetime) -> None:
    for message in Message.objects.filter(done_at=None).order_by("kind", "channel"):
        deliver(message, now=now)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")

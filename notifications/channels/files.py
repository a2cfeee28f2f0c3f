"""Mails and SMS as files in SENT_MESSAGES_DIR, for development and tests: nothing leaves the machine."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from .sms import Sms


class EmailBackend(BaseEmailBackend):
    """One `mail/TIME-ID.eml` each; names sort by time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            write_file("mail", "eml", message.message().as_bytes())
        return len(email_messages)


class SmsBackend:
    """One `sms/TIME-ID.json` each: {"to", "from", "body", "sent_at", "dedupe_key"}; "from" is a registered name or
    nothing."""

    def send(self, sms: Sms) -> None:
        content = {
            "to": sms.to,
            "from": sms.sender,
            "body": sms.body,
            "sent_at": timezone.now().isoformat(),
            "dedupe_key": sms.dedupe_key,
        }
        write_file("sms", "json", json.dumps(content, ensure_ascii=False, indent=1).encode())


def write_file(kind: str, ending: str, content: bytes) -> Path:
    """Whole or not at all: a reader never meets half a file."""
    folder = Path(settings.SENT_MESSAGES_DIR) / kind
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{timezone.now():%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex[:8]}.{ending}"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
    return path

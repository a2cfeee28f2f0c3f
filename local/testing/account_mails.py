"""For tests: the mails of signing in, which a worker sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import mail
from django.utils import timezone

from notifications.models import AccountMail
from notifications.tasks import deliver_account_mail
from peepopay import outbox


def send_waiting(*, now: datetime) -> None:
    """What the relay and a worker do with those that are due at `now`."""
    for row in outbox.open_rows(AccountMail).filter(due_at__lte=now):
        outbox.run(AccountMail, row.pk, lambda row: deliver_account_mail(row, now), now=now)


def mailbox() -> list[Any]:
    """All that left so far, oldest first."""
    send_waiting(now=timezone.now())
    return mail.outbox

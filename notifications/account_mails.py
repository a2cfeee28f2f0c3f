"""The mails of signing in: rendered where they are asked for, sealed in a row, and sent by a worker like every other.

They hold codes and links that open an account. So the row says to nobody to whom it goes or what it says, and its
content is wiped when it was sent or is out of date.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from peepopay import outbox, sweeps
from peepopay.sealing import seal, unseal

from .channels import email
from .channels.errors import ChannelError
from .models import AccountMail

PURPOSE = "notifications.account_mails"
KEPT = timedelta(days=7)
WIPED = {"sealed": ""}


@dataclass(frozen=True)
class Content:
    to: str
    subject: str
    text: str


@transaction.atomic
def queue(kind: str, content: Content, *, valid_for: timedelta, now: datetime) -> AccountMail:
    """To be sent within `valid_for`, after which nobody could use it. Budgets are the caller's."""
    row = AccountMail.objects.create(
        kind=kind,
        sealed=seal(asdict(content), purpose=PURPOSE),
        created_at=now,
        due_at=now,
        expires_at=now + valid_for,
    )
    outbox.announce()
    return row


def deliver(row: AccountMail, *, now: datetime) -> dict[str, Any]:
    """Send it, unless it is out of date. Returns what to write into the row. Raises ChannelError where a retry helps.

    A refused address is nobody's to mend: whoever typed it will see that nothing comes.
    """
    if row.expires_at <= now:
        return {**WIPED, "skipped_because": "What it holds has run out."}
    content = Content(**unseal(row.sealed, purpose=PURPOSE))
    try:
        email.send(_mail(row, content))
    except ChannelError as problem:
        if problem.retry_helps:
            raise
        return {**WIPED, "skipped_because": str(problem)}
    return {**WIPED, "sent_at": now}


def _mail(row: AccountMail, content: Content) -> email.Mail:
    return email.Mail(
        to=content.to, subject=content.subject, text=content.text, dedupe_key=f"account_mail:{row.pk}"
    )


def forget_old(*, now: datetime) -> int:
    """Wipe what ran out unsent, drop what ran out a week ago; returns how many went."""
    out_of_date = AccountMail.objects.filter(expires_at__lt=now)
    out_of_date.exclude(sealed="").filter(done_at__isnull=True).update(
        **WIPED, done_at=now, running_since=None, skipped_because="What it holds has run out."
    )
    out_of_date.exclude(sealed="").update(**WIPED)
    return sweeps.forget(out_of_date.filter(expires_at__lt=now - KEPT))

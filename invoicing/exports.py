"""Everything of a business as one ZIP file: asked for, made by a worker piece by piece, kept for a week, handed out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Membership, Tradie
from accounts.people import lock_business
from peepopay import outbox
from peepopay.errors import RateLimited

from .account_messages import tell_export_ready
from .export_file import write_on
from .export_models import Export

KEPT = timedelta(days=7)
MOST_A_DAY = 3
ENOUGH = f"{MOST_A_DAY} files a day are the most. The last one is still below."


@transaction.atomic
def ask_for_export(member: Membership, *, now: datetime) -> Export:
    """The one that is being made, or a new one. Raises RateLimited."""
    tradie = lock_business(member.tradie_id)
    if waiting := outbox.open_rows(Export).filter(tradie=tradie).first():
        return waiting
    if tradie.exports.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise RateLimited(ENOUGH)
    export = Export.objects.create(tradie=tradie, asked_by=member.user, created_at=now, due_at=now)
    audit.note(tradie.pk, Change.EXPORT_ASKED)
    outbox.announce()
    return export


def to_fetch(tradie: Tradie, *, now: datetime) -> Any:
    """Those that are made and still there, the newest first."""
    return tradie.exports.filter(done_at__isnull=False, expires_at__gt=now)


def make(export: Export, *, now: datetime) -> outbox.Changes | None:
    """As much of it as fits into a task, from where the last one stopped. Returns what to write into the row, or None
    where there is more: it comes round again."""
    if not write_on(export, now=now):
        outbox.look_again(export, due_at=now)
        outbox.announce()
        return None
    until = now + KEPT
    tell_export_ready(export, until=until, now=now)
    return {"expires_at": until, "progress": {}}


def content_of(export: Export) -> Iterator[bytes]:
    """Part by part, a query for each."""
    for number in export.parts.order_by("number").values_list("number", flat=True):
        yield bytes(export.parts.get(number=number).content)


def note_fetching(export: Export) -> None:
    audit.note(export.tradie_id, Change.EXPORT_FETCHED)


def forget_old(*, now: datetime) -> int:
    """Their week is over, or nobody could make them; returns how many went."""
    over = Export.objects.filter(expires_at__lte=now) | Export.objects.filter(
        expires_at=None, created_at__lte=now - KEPT
    )
    gone, _ = over.delete()
    return gone

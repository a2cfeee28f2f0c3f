"""Customers' details in quotes go too: with those of the job that came of it, or some time after nothing did.

docs/privacy.md says how long, why, and what becomes of each column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts import audit
from accounts.audit_models import Change
from bookings.erasure import BATCH, KEPT_WHERE_NOTHING_CAME_OF_IT
from bookings.models import Booking
from bookings.quote_columns import ACCEPTED_OR_HELD
from bookings.whose_columns import NOBODYS
from notifications.models import Message
from notifications.webhooks import log as webhook_log
from peepopay.errors import BookingNotChangeable

from .quote_models import FormerQuoteToken, Quote, QuoteStatus, QuoteVersion

BLANK: dict[str, Any] = {**NOBODYS, "decline_reason": ""}
WAITS = "A quote still waits for their answer. Withdraw it first."


def due(*, now: datetime) -> QuerySet[Quote]:
    """Quotes whose customers' details are to go, those untouched for longest first."""
    since = now - KEPT_WHERE_NOTHING_CAME_OF_IT
    jobs = Booking.objects.filter(quote_id=OuterRef("pk"), status__in=ACCEPTED_OR_HELD)
    is_over = ~Q(status=QuoteStatus.SENT) | Q(valid_until__lt=since)
    came_to_nothing = is_over & ~Exists(jobs)
    rows = Quote.objects.filter(erased_at__isnull=True, changed_at__lt=since)
    return rows.filter(came_to_nothing | Exists(jobs.filter(erased_at__isnull=False))).order_by("changed_at")


def erase_due(*, now: datetime, at_most: int) -> int:
    """Erase what is due, in small transactions; returns how many quotes. Running it again finds nothing left."""
    erased = 0
    while erased < at_most and (done := _erase_batch(min(BATCH, at_most - erased), now)):
        erased += done
    return erased


@transaction.atomic
def _erase_batch(size: int, now: datetime) -> int:
    """The rows that somebody has locked are another round's."""
    locked = due(now=now).select_for_update(skip_locked=True, of=("self",)).values_list("pk", "tradie_id")
    return _blank(list(locked[:size]), now, "as their time was up")


def erase_of_person(tradie_id: UUID, values: Sequence[str], now: datetime) -> None:
    """All that went to one of these numbers or addresses, in the caller's transaction. Raises BookingNotChangeable
    while one waits for an answer."""
    rows = Quote.objects.filter(tradie=tradie_id, erased_at=None).alias(address=Lower("customer_email"))
    theirs = rows.filter(Q(customer_phone__in=values) | Q(address__in=values))
    jobs = Booking.objects.filter(quote_id=OuterRef("pk"), status__in=ACCEPTED_OR_HELD)
    if theirs.filter(~Exists(jobs), status=QuoteStatus.SENT, valid_until__gt=now).exists():
        raise BookingNotChangeable(WAITS)
    if found := list(theirs.values_list("pk", "tradie_id")):
        _blank(found, now, "as they asked")


def _blank(rows: Sequence[tuple[UUID, UUID]], now: datetime, because: str) -> int:
    keys = [key for key, _ in rows]
    Quote.objects.filter(pk__in=keys).update(**BLANK, erased_at=now)
    QuoteVersion.objects.filter(quote__in=keys).update(message="")
    FormerQuoteToken.objects.filter(quote__in=keys).delete()
    Message.objects.filter(about__in=keys).delete()
    webhook_log.forget_about(keys)
    for tradie_id, count in Counter(tradie for _, tradie in rows).items():
        said = f"of {count} quote{'' if count == 1 else 's'}, {because}"
        audit.note(tradie_id, Change.DETAILS_ERASED, detail=said)
    return len(keys)

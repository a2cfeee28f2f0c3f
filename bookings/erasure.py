"""Personal details of customers are not kept for ever: some time after the job they go, and what the books need stays.

docs/privacy.md says how long, why, and what becomes of each column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import autodiscover_modules

from accounts import audit
from accounts.audit_models import Change
from notifications.models import Message
from notifications.webhooks import log as webhook_log

from .customer_models import Customer
from .models import Booking, BookingEvent, FormerToken, Status
from .photo_removal import have_removed, of_bookings
from .series_models import Series
from .whose_columns import NOBODYS

A_MONTH = timedelta(days=365.25 / 12)
CAME_TO_NOTHING = (Status.EXPIRED, Status.DECLINED)
KEPT_WHERE_NOTHING_CAME_OF_IT = timedelta(days=90)
BATCH = 500

BLANK: dict[str, Any] = {
    **NOBODYS,
    "notes": "",
    "site_name": "",
    "site_phone": "",
    "access_notes": "",
    "answers": {},
    "tradie_notes": "",
    "cancel_reason": "",
    "client_key": None,
    "request_hash": "",
    "client_address_hash": "",
}


_rules: list[Callable[[Sequence[UUID]], None]] = []
_rules_of_a_person: list[Callable[[UUID, Sequence[str], datetime], None]] = []


def also(rule: Callable[[Sequence[UUID]], None]) -> Callable[[Sequence[UUID]], None]:
    """Register what an app further right erases of bookings with these ids, in the same transaction. It stands in the
    app's `erasing.py`, where it is looked for."""
    _rules.append(rule)
    return rule


def also_of_a_person(rule: Callable[[UUID, Sequence[str], datetime], None]) -> Callable[..., None]:
    """The same of what is no booking's, of whoever has one of these numbers or addresses, when they ask for it:
    business, values, now. May raise BookingNotChangeable."""
    _rules_of_a_person.append(rule)
    return rule


@cache
def _further_rules() -> Sequence[Callable[[Sequence[UUID]], None]]:
    autodiscover_modules("erasing")
    return _rules


def erase_contacts(tradie_id: UUID, values: Sequence[str], *, now: datetime) -> None:
    """What an app further right knows of them besides bookings, in the caller's transaction."""
    _further_rules()
    for rule in _rules_of_a_person:
        rule(tradie_id, values, now)


def due(*, now: datetime) -> QuerySet[Booking]:
    """Bookings whose customers' details are to go, the oldest first."""
    kept = settings.PERSONAL_DATA_MONTHS * A_MONTH
    over = Q(ends_at__lt=now - kept)
    nothing = Q(
        status__in=CAME_TO_NOTHING, ends_at__lt=now, created_at__lt=now - KEPT_WHERE_NOTHING_CAME_OF_IT
    )
    return Booking.objects.filter(over | nothing, erased_at__isnull=True).order_by("created_at")


def erase_due(*, now: datetime, at_most: int | None = None) -> int:
    """Erase what is due, in small transactions; returns how many bookings. Running it again finds nothing left."""
    erased = 0
    while at_most is None or erased < at_most:
        size = BATCH if at_most is None else min(BATCH, at_most - erased)
        done = _erase_batch(due(now=now), size, now)
        if not done:
            break
        erased += done
    return erased


@transaction.atomic
def _erase_batch(bookings: QuerySet[Booking], size: int, now: datetime) -> int:
    """The rows that somebody has locked are another round's."""
    return erase(bookings.select_for_update(skip_locked=True), now=now, at_most=size)


def erase(
    bookings: QuerySet[Booking],
    *,
    now: datetime,
    at_most: int | None = None,
    because: str = "as its time was up",
) -> int:
    """Erase what is told of the customers of these bookings, in the caller's transaction; returns how many bookings
    there were. A customer goes with their last."""
    rows = list(bookings.values_list("pk", "tradie_id", "customer_id")[:at_most])
    keys, tradies = [key for key, _, _ in rows], [tradie for _, tradie, _ in rows]
    Booking.objects.filter(pk__in=keys).update(**BLANK, customer=None, call_wanted_since=None, erased_at=now)
    Customer.objects.filter(pk__in={customer for _, _, customer in rows if customer}, bookings=None).delete()
    BookingEvent.objects.filter(booking__in=keys).exclude(detail="").update(detail="")
    FormerToken.objects.filter(booking__in=keys).delete()
    Series.objects.filter(like__in=keys).update(until=F("made_until"))  # nobody knows any more for whom
    Message.objects.filter(about__in=keys).delete()
    webhook_log.forget_about(keys)
    have_removed(of_bookings(keys), now=now)
    for erase in _further_rules():
        erase(keys)
    for tradie_id, count in Counter(tradies).items():
        said = (
            f"of one booking, {because}"
            if count == 1
            else f"of {count} bookings, {because.replace('its', 'their')}"
        )
        audit.note(tradie_id, Change.DETAILS_ERASED, detail=said)
    return len(keys)

"""Entering in the books what they lack: of a booking, and of Stripe's own movements."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bookings.models import Booking, BookingEvent, EventKind, Status

from .chart import Account
from .models import Entry, Folio, Journal, JournalKind
from .planning import Entered, Life, Plan, plan
from .told import Told, all_told

# From then on the customer's money is earned, but for what goes back; and where it is entered.
EARNED: dict[str, tuple[EventKind, Account]] = {
    Status.COMPLETED: (EventKind.COMPLETED, Account.SALES),
    Status.NO_SHOW: (EventKind.NO_SHOW, Account.KEPT),
    Status.CANCELLED: (EventKind.CANCELLED, Account.KEPT),
}
STRIPES_OWN = "txn:"  # sources of what Stripe did by itself: fees, payouts


@transaction.atomic
def keep_books(booking_id: uuid.UUID) -> int:
    """Enter whatever of a booking's money is not in the books, or stands there differently; how many journals that
    took. Any number of times, by anybody at once."""
    booking = (
        Booking.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tradie")
        .get(pk=booking_id)
    )
    told, entered = all_told(booking), entered_of(booking)
    if not told.movements and not entered:
        return 0
    folio, _ = Folio.objects.get_or_create(
        booking=booking, defaults={"gst_registered": booking.tradie.gst_registered}
    )
    life = life_of(booking, told, folio)
    plans, now = plan(told, life, entered), timezone.now()
    for planned in plans:
        enter(booking.tradie_id, planned, booking_id=booking.pk, now=now)
    if folio.posted_until != life.known_at:
        Folio.objects.filter(pk=folio.pk).update(posted_until=life.known_at)
    return len(plans)


def life_of(booking: Booking, told: Told, folio: Folio) -> Life:
    """What the books must know of a booking besides its money. One query."""
    events: list[tuple[str, datetime]] = list(
        BookingEvent.objects.filter(booking=booking).order_by("at", "id").values_list("kind", "at")
    )
    moments = [at for _, at in events] + [movement.at for movement in told.movements]
    kind, account = EARNED.get(booking.status, (None, Account.SALES))
    ended = [at for event, at in events if event == kind]
    known_at = max(moments)
    return Life(
        position=f"booking:{booking.pk}",
        gst_registered=folio.gst_registered,
        known_at=known_at,
        ended_at=(ended[-1] if ended else known_at) if kind else None,
        earned_on=account,
        posted_until=folio.posted_until,
    )


def entered_of(booking: Booking) -> dict[str, Entered]:
    """What stands in the books of each source of a booking, but for what Stripe did by itself. Two queries."""
    journals = list(Journal.objects.filter(booking=booking).exclude(source__startswith=STRIPES_OWN))
    lines: defaultdict[str, Counter[Account]] = defaultdict(Counter)
    sources = {journal.pk: journal.source for journal in journals}
    for entry in Entry.objects.filter(journal__in=journals):
        lines[sources[entry.journal_id]][Account(entry.account)] += entry.cents
    counts = Counter(sources.values())
    taxed: Counter[str] = Counter()
    free: Counter[str] = Counter()
    for journal in journals:
        taxed[journal.source] += journal.taxed_cents
        free[journal.source] += journal.free_cents
    return {of: Entered(counts[of], lines[of], taxed[of], free[of]) for of in counts}


def enter(
    tradie_id: uuid.UUID, planned: Plan, *, booking_id: uuid.UUID | None, now: datetime | None = None
) -> Journal:
    """Add a journal, in the caller's transaction. The database refuses one that is there, or doesn't sum to zero.

    `now`: the same for those that belong together, as one invoice for the accountant.
    """
    journal = Journal.objects.create(
        tradie_id=tradie_id,
        booking_id=booking_id,
        kind=planned.kind,
        source=planned.source,
        number=planned.number,
        at=planned.at,
        posted_at=now or timezone.now(),
        taxed_cents=planned.taxed_cents,
        free_cents=planned.free_cents,
    )
    Entry.objects.bulk_create(
        Entry(journal=journal, account=account, cents=cents) for account, cents in planned.lines.items()
    )
    return journal


def enter_stripes_own(
    tradie_id: uuid.UUID,
    transaction_id: str,
    kind: JournalKind,
    at: datetime,
    lines: Mapping[Account, int],
    *,
    booking_id: uuid.UUID | None,
) -> None:
    """Something that Stripe did by itself, in the caller's transaction, which sees to it that it is done once."""
    moving: Iterable[tuple[Account, int]] = ((account, cents) for account, cents in lines.items() if cents)
    if kept := dict(moving):
        planned = Plan(f"{STRIPES_OWN}{transaction_id}", 0, kind, at, kept)
        enter(tradie_id, planned, booking_id=booking_id)

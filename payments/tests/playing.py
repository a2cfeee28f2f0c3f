"""What all parts of the protocol machine have: its stage, how a procedure runs, and how it chooses which of several
things, and what its calls to Stripe meet."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from accounts.models import Service, Tradie
from bookings.actors import By
from bookings.models import Actor, Booking, Status
from local.testing.stripe_world import StripeWorld
from payments.stripe_gateway import StripeRefused
from peepopay import outbox
from peepopay.errors import AppError
from peepopay.local_time import zone

from .interleaving import Conductor, Died, Fate, Procedure

Course = Fate | None
Work = Callable[[Any, datetime], Any]
PICK = st.integers(0, 1_000)
LATEST_FIRST = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7])
TROUBLE = [fate for fate in Fate if fate is not Fate.ANSWERED]
# How a procedure runs: to its end, every call meeting that fate; or it stands at each call until `stripe_answers`.
STANDS = None
COURSES = st.sampled_from([Fate.ANSWERED] * 14 + [STANDS] * 8 + TROUBLE)
GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"
CARD_WITH_3DS_ANSWERED, CARD_WITH_3DS_LEFT_OPEN = "4000002500003155", "4000002760003184"
CARDS = st.sampled_from([GOOD_CARD] * 4 + [DECLINED_CARD, CARD_WITH_3DS_ANSWERED, CARD_WITH_3DS_LEFT_OPEN])
MOST_AT_ONCE = 3
SAM = By(Actor.TRADIE)
# With a deposit; with one that a card holds until the business has said yes; without, for who saves a card.
DRAIN, BATHROOM, LOOK = "Blocked drain", "Bathroom", "A look at it"


def picked(things: list[Any], which: int) -> Any:
    """Counted from the latest."""
    return things[-1 - which % len(things)]


class Play:
    """Time is the machine's own and starts ten days ago, so that it may pass faster than the demo Stripe's."""

    world: StripeWorld
    conductor: Conductor
    now: datetime
    tradie: Tradie
    jobs: dict[str, Service]  # DRAIN, ...

    def begin(self) -> None:
        ten_days_ago = timezone.now() - timedelta(days=10)
        self.now = ten_days_ago.replace(hour=0, minute=0, second=0, microsecond=0)
        self.seen: Counter[str] = Counter()
        self.began: dict[int, datetime] = {}  # of procedures, by the object's id
        self.made: list[uuid.UUID] = []
        self.secrets: dict[uuid.UUID, str] = {}  # of bookings: what a browser was given
        self.links: dict[uuid.UUID, str] = {}  # of balances and fees: what the page behind a link has
        self.lowered: set[uuid.UUID] = set()  # bookings whose bill came down after it was made
        self.promised: dict[uuid.UUID, int] = {}  # of cancelled bookings: what must come back, in cents
        self.given: Counter[uuid.UUID] = Counter()  # what the business gave back by hand, by booking
        self.changed = True

    def run(self, work: Callable[[], Any], course: Course) -> None:
        procedure = self.conductor.start(work)
        self.began[id(procedure)] = self.now
        while course and not procedure.is_over:
            late = procedure.is_carried_out  # its answer has been on its way for long enough
            self.conductor.answer(procedure, Fate.ANSWERED if late else course)
        self.look_at(procedure)

    def look_at(self, procedure: Procedure) -> None:
        """An expected refusal is fine; so is the death that we caused. A bug is not."""
        self.changed = True
        if procedure.is_over and not isinstance(procedure.problem, AppError | StripeRefused | Died | None):
            raise procedure.problem

    def has_room(self) -> bool:
        return len(self.conductor.standing) < MOST_AT_ONCE

    def time(self, which: int) -> datetime:
        """9:00 or 9:30 for an hour, in two or three days: two pairs that overlap."""
        day = (self.now + timedelta(days=2 + which // 2 % 2)).date()
        return datetime.combine(day, time(9, 30 * (which % 2)), zone("Australia/Sydney"))

    def bookings(self, *statuses: Status) -> list[Booking]:
        """In the order in which they were made, which their ids don't tell."""
        found = Booking.objects.select_related("tradie").in_bulk(self.made)
        return [found[pk] for pk in self.made if not statuses or found[pk].status in statuses]

    def may_be_refused(self, work: Callable[[], object]) -> bool:
        """Whether it was done."""
        self.changed = True
        try:
            return work() is not False
        except AppError as refusal:
            self.seen[refusal.code] += 1
            return False

    def work_on(self, rows: list[Any], which: int, work: Work, course: Course) -> None:
        if rows:
            row, now = picked(rows, which), self.now
            self.run(lambda: outbox.run(type(row), row.pk, lambda fresh: work(fresh, now), now=now), course)

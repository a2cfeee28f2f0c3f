"""What is counted as a promise kept, against a count by hand."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Actor, Booking, BookingEvent, EventKind, Status
from local.testing.cast import make_booking
from payments.kept_promises import COUNTED, KeptPromises, kept_promises, shown_to_public
from payments.models import Payment, PaymentStatus, Refund, RefundStatus

A_DAY = timedelta(days=1)


def job(drain: Service, number: int, now: datetime, **fields: Any) -> Booking:
    starts = now.replace(minute=0, second=0, microsecond=0) - A_DAY * 20 - timedelta(hours=2 * number)
    return make_booking(drain, starts, **{"status": Status.COMPLETED, **fields})


def note(booking: Booking, kind: EventKind, at: datetime, actor: Actor = Actor.TRADIE) -> None:
    BookingEvent.objects.create(booking=booking, kind=kind, actor=actor, at=at)


def refund(
    booking: Booking, status: RefundStatus, made: datetime, took: timedelta | None, **more: Any
) -> Refund:
    payment, _ = Payment.objects.get_or_create(
        booking=booking,
        defaults={
            "status": PaymentStatus.SUCCEEDED,
            "account_id": "acct",
            "intent_id": f"pi_{booking.pk}",
            "amount_cents": 3_000,
            "created_at": made,
        },
    )
    done_at = made + took if took is not None else None
    return Refund.objects.create(
        payment=payment, status=status, amount_cents=100, reason="x", created_at=made, done_at=done_at, **more
    )


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def counted(drain: Service, now: datetime) -> tuple[int, int]:
    found = kept_promises(drain.tradie_id, now=now)
    return found.jobs, found.kept


def test_each_way_of_keeping_and_of_breaking_one(drain: Service, now: datetime) -> None:
    off: dict[str, Any] = {"status": Status.CANCELLED}
    job(drain, 0, now)  # kept
    job(drain, 1, now, late_minutes=15)  # late
    note(job(drain, 2, now, **off), EventKind.CANCELLED, now)  # called off by the business
    note(job(drain, 3, now, **off), EventKind.CANCELLED, now, Actor.CUSTOMER)  # by its customer: not counted
    job(drain, 4, now, asked_to_move_at=now, **off)  # they couldn't make it, so the customer called it off
    moved = job(drain, 5, now)
    note(moved, EventKind.ASKED_TO_MOVE, now - A_DAY)  # not on time
    stayed = job(drain, 6, now)
    note(stayed, EventKind.ASKED_TO_MOVE, now - A_DAY)
    note(stayed, EventKind.KEPT, now)  # kept after all
    for number, status, made, took in (
        (7, RefundStatus.SUCCEEDED, now - 16 * A_DAY, 14 * A_DAY),  # in time: kept
        (8, RefundStatus.SUCCEEDED, now - 16 * A_DAY, 15 * A_DAY),  # too late
        (9, RefundStatus.FAILED, now - A_DAY, None),  # failed
        (10, RefundStatus.REQUESTED, now - 13 * A_DAY, None),  # on its way: kept so far
        (11, RefundStatus.REQUESTED, now - 15 * A_DAY, None),  # should have been there
        (12, RefundStatus.NOT_NEEDED, now - A_DAY, A_DAY),  # the money went back in another way: kept
    ):
        called_off = job(drain, number, now, **off)
        note(called_off, EventKind.CANCELLED, now, Actor.CUSTOMER)
        refund(called_off, status, made, took)
    again = job(drain, 13, now)
    failed = refund(again, RefundStatus.FAILED, now - A_DAY, None)
    refund(again, RefundStatus.SUCCEEDED, now, timedelta(), instead_of=failed)  # kept by the second
    found = kept_promises(drain.tradie_id, now=now)
    assert found == KeptPromises(jobs=13, kept=6, cancelled=2, not_on_time=2, not_refunded=3)


def test_only_jobs_of_a_year_that_were_booked_and_are_over(
    drain: Service, now: datetime, alex: Tradie
) -> None:
    for number, status in enumerate(set(Status) - {Status.COMPLETED, Status.CANCELLED, *()}):
        held = {"held_until": now} if status in (Status.PENDING, Status.EXPIRING) else {}
        job(drain, number, now, status=status, **held)
    job(drain, 50, now, confirmed_at=None)
    make_booking(drain, now - timedelta(days=367), status=Status.COMPLETED)
    make_booking(drain, now + timedelta(days=1), status=Status.COMPLETED)
    assert counted(drain, now) == (0, 0)
    job(drain, 60, now)
    assert counted(drain, now) == (1, 1)
    assert kept_promises(alex.pk, now=now).jobs == 0


def test_a_count_by_hand_agrees(drain: Service, now: datetime) -> None:
    chance = random.Random(7)
    jobs = kept = 0
    for number in range(40):
        late, asked, off = (chance.random() < 0.3 for _ in range(3))
        by = chance.choice([Actor.TRADIE, Actor.CUSTOMER])
        back = chance.choice([None, RefundStatus.SUCCEEDED, RefundStatus.FAILED])
        booking = job(
            drain, number, now, late_minutes=30 * late, status=Status.CANCELLED if off else Status.COMPLETED
        )
        if asked:
            note(booking, EventKind.ASKED_TO_MOVE, now - A_DAY)
        if off:
            note(booking, EventKind.CANCELLED, now, by)
        if back:
            refund(booking, back, now - A_DAY, timedelta() if back == RefundStatus.SUCCEEDED else None)
        if off and by == Actor.CUSTOMER and not back:
            continue
        jobs += 1
        broken = (off and by == Actor.TRADIE) or (not off and (late or asked)) or back == RefundStatus.FAILED
        kept += not broken
    assert counted(drain, now) == (jobs, kept)


def test_strangers_see_it_from_twenty_jobs_on_and_only_if_the_owner_says_so(
    drain: Service, now: datetime, django_assert_num_queries: Any
) -> None:
    sam = drain.tradie
    for number in range(20):
        job(drain, number, now)
    with django_assert_num_queries(0):
        assert shown_to_public(sam, now=now) is None
    sam.shows_kept_promises = True
    assert shown_to_public(sam, now=now) == KeptPromises(20, 20, 0, 0, 0)
    Booking.objects.filter(pk=Booking.objects.order_by("pk")[0].pk).update(status=Status.NO_SHOW)
    assert shown_to_public(sam, now=now) is None


def test_the_page_for_owners_has_the_very_statement() -> None:
    written = (Path(settings.BASE_DIR) / "docs" / "promises.md").read_text()
    shown = COUNTED.replace("%(tradie)s", ":tradie").replace("%(now)s", ":now")
    assert shown.strip() in written

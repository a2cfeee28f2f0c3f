"""Running late moves windows along, and each customer is told once; setting out late moves only what can't be kept."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from accounts.models import Service, Tradie
from bookings import on_my_way, running_late
from bookings.actors import SYSTEM
from bookings.models import Booking, EventKind
from local.testing.cast import at, make_booking, make_service
from local.testing.sent import Sent, deliver_all
from notifications.models import Message

EIGHT = at("2027-01-14 08:00 +11:00")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def windowed(sam: Tradie) -> Service:
    return make_service(sam, arrival_window_minutes=60)


@pytest.fixture
def day(windowed: Service) -> list[Booking]:
    """Four hours of work from eight, an hour each, within an hour; another day, too."""
    return [
        make_booking(
            windowed,
            EIGHT + timedelta(hours=hours),
            customer_email=f"jo{hours}@example.com",
            customer_phone=f"+614123456{hours:02}",
        )
        for hours in (0, 1, 2, 3, 24)
    ]


def late(rows: list[Booking]) -> list[int]:
    return [Booking.objects.get(pk=row.pk).late_minutes for row in rows]


def say(tradie: Tradie, minutes: int, now: datetime) -> int:
    return running_late.say_late(tradie.calendars.all()[0], minutes, by=SYSTEM, now=now)


def set_out(booking: Booking, now: datetime) -> int:
    fresh = Booking.objects.select_related("tradie", "calendar__tradie").get(pk=booking.pk)
    return on_my_way.set_out(fresh, by=SYSTEM, now=now)


def test_windows_move_along_and_only_ever_later(sam: Tradie, day: list[Booking], sent: Sent) -> None:
    now = EIGHT - 10 * A_MINUTE
    assert say(sam, 30, now) == 4
    assert late(day) == [30, 30, 30, 30, 0]
    assert day[1].events.get(kind=EventKind.RUNNING_LATE).detail == (
        "30 min: expected between 9:30 and 10:30 am"
    )
    assert say(sam, 30, now) == 0
    assert say(sam, 15, now) == 0
    assert late(day) == [30, 30, 30, 30, 0]
    later = now + A_MINUTE
    assert say(sam, 45, later) == 4
    deliver_all(now=later)
    assert sum("Expect us between 8:45 and 9:45 am" in sms["body"] for sms in sent.sms) == 1
    assert len(sent.sms) == 4  # of the two in a row the last
    assert say(sam, 0, later + A_MINUTE) == 4
    assert late(day) == [0, 0, 0, 0, 0]


def test_an_open_window_is_late_too_unless_somebody_set_out(sam: Tradie, day: list[Booking]) -> None:
    now = EIGHT + 20 * A_MINUTE
    Booking.objects.filter(pk=day[0].pk).update(on_my_way_at=EIGHT)
    assert say(sam, 30, now) == 3
    assert late(day) == [0, 30, 30, 30, 0]
    Booking.objects.update(on_my_way_at=None, late_minutes=0)
    assert say(sam, 30, now) == 4
    assert say(sam, 0, EIGHT + 61 * A_MINUTE) == 3  # of the first that would be over by then
    assert late(day) == [30, 0, 0, 0, 0]


def test_whoever_sets_out_late_moves_the_windows_that_cannot_be_kept(
    sam: Tradie, windowed: Service, day: list[Booking]
) -> None:
    """At 9:20 to the job of eight: there until 10:20, when the next one, promised until ten, is due."""
    now = EIGHT + 80 * A_MINUTE
    Booking.objects.filter(pk=day[0].pk).update(late_minutes=30)
    assert set_out(day[0], now) == 4
    assert late(day) == [30, 90, 90, 90, 0]
    kinds = Message.objects.filter(kind="running_late").values_list("about", flat=True).distinct()
    assert set(kinds) == {job.pk for job in day[1:4]}
    assert set_out(day[0], now) == 0
    assert set_out(day[1], EIGHT + 150 * A_MINUTE) == 1  # half past ten: all that was told can be kept


def test_who_sets_out_within_the_window_moves_nothing_that_can_be_kept(day: list[Booking]) -> None:
    assert set_out(day[0], EIGHT + 59 * A_MINUTE) == 1
    assert late(day) == [0, 0, 0, 0, 0]


def test_time_between_jobs_is_made_use_of_and_exact_times_stay(sam: Tradie, windowed: Service) -> None:
    exact = make_service(sam, name="Exact", position=1)
    now = EIGHT + 100 * A_MINUTE
    day = [
        make_booking(windowed, EIGHT, late_minutes=60),
        make_booking(exact, EIGHT + timedelta(hours=2)),
        make_booking(
            windowed, EIGHT + timedelta(hours=3)
        ),  # promised until twelve, and at 11:40 they can be there
        make_booking(windowed, EIGHT + timedelta(hours=7)),
    ]
    assert set_out(day[0], now) == 1
    assert late(day) == [60, 0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_pressed_no_window_begins_before_it_was_promised_or_goes_back(
    sam: Tradie, day: list[Booking], seed: int
) -> None:
    dice = random.Random(seed)
    now, before = EIGHT - 30 * A_MINUTE, late(day)
    for _ in range(12):
        now += dice.randrange(40) * A_MINUTE
        if dice.random() < 0.5:
            told = say(sam, dice.choice((15, 30, 45, 60)), now)
        else:
            told = max(set_out(dice.choice(day), now) - 1, 0)
        after = late(day)
        assert all(
            was <= is_now <= running_late.MOST_MINUTES for was, is_now in zip(before, after, strict=True)
        )
        assert told == sum(was != is_now for was, is_now in zip(before, after, strict=True))
        before = after

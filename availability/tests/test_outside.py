"""Calendars kept elsewhere: what in them holds time, how they are asked, and what becomes of a reading that fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Service, Tradie
from availability import outside as rules
from availability.models import OutsideCalendar, TimeOff
from availability.outside_busy import MOST_TIMES, NoCalendar, busy_in, uid_of
from local.testing import receiver as kinds
from local.testing.cast import make_booking, soon
from local.testing.receiver import Receiver, Start
from peepopay import outbox
from peepopay.errors import ValidationFailed

SYDNEY = "Australia/Sydney"
NOW = datetime(2027, 3, 1, tzinfo=UTC)
NINE = "DTSTART;TZID=Australia/Sydney:{day}T090000\nDTEND;TZID=Australia/Sydney:{day}T100000"


def file_of(*events: str) -> bytes:
    parts = [
        f"BEGIN:VEVENT\nUID:{number}@x\nDTSTAMP:20270101T000000Z\n{event}\nEND:VEVENT\n"
        for number, event in enumerate(events)
    ]
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{''.join(parts)}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def busy(*events: str, zone_name: str = SYDNEY) -> list[str]:
    spans = sorted(busy_in([file_of(*events)], zone_name, now=NOW))
    return [f"{starts:%m-%d %H:%M} {(ends - starts).total_seconds() / 3600:g}h" for starts, ends in spans]


def test_what_repeats_keeps_its_clock_time_when_the_clocks_change() -> None:
    """Sydney's go back on 4 April 2027: 9:00 is 22:00 UTC the day before, then 23:00."""
    event = (
        NINE.format(day="20270329")
        + "\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Australia/Sydney:20270412T090000"
    )
    assert busy(event) == ["03-28 22:00 1h", "04-04 23:00 1h"]


def test_one_of_a_series_that_was_moved_is_where_it_was_moved_to() -> None:
    series = NINE.format(day="20270308") + "\nRRULE:FREQ=DAILY;COUNT=2"
    moved = "UID:0@x\nRECURRENCE-ID;TZID=Australia/Sydney:20270309T090000\nDTSTART:20270310T000000Z\nDURATION:PT1H"
    content = file_of(series, moved).replace(b"UID:1@x\r\n", b"")
    assert [f"{starts:%d %H:%M}" for starts, _ in sorted(busy_in([content], SYDNEY, now=NOW))] == [
        "07 22:00",
        "10 00:00",
    ]


@pytest.mark.parametrize(
    ("event", "held"),
    [
        ("DTSTART;VALUE=DATE:20270310", ["03-09 13:00 24h"]),
        ("DTSTART;VALUE=DATE:20270403\nDTEND;VALUE=DATE:20270405", ["04-02 13:00 49h"]),  # the clocks go back
        ("DTSTART:20270310T090000\nDURATION:PT90M", ["03-09 22:00 1.5h"]),  # no zone: where the business is
        ("DTSTART:20270310T090000Z\nDTEND:20270310T100000Z", ["03-10 09:00 1h"]),
        ("DTSTART;TZID=AUS Eastern Standard Time:20270310T090000\nDURATION:PT1H", ["03-09 22:00 1h"]),
        ("DTSTART:20270310T090000Z\nDTEND:20270310T090000Z", []),
        ("DTSTART;VALUE=DATE:20270310\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20270310T090000Z\nDURATION:PT1H\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20270310T090000Z\nDURATION:PT1H\nSTATUS:CANCELLED", []),
        ("DTSTART:20270310T090000Z\nDURATION:PT1H\nSTATUS:TENTATIVE", ["03-10 09:00 1h"]),
        ("DTSTART:20270228T120000Z\nDTEND:20270301T120000Z", ["02-28 12:00 24h"]),  # goes on
        ("DTSTART:20270228T120000Z\nDTEND:20270301T000000Z", []),  # is over
        ("DTSTART:20280401T120000Z\nDURATION:PT1H", []),  # more than a year ahead
        ("DTSTART:20270310T090000Z\nDURATION:PT1H\nDTSTART:nonsense", []),
        ("SUMMARY:never", []),
    ],
)
def test_what_an_entry_holds(event: str, held: list[str]) -> None:
    assert busy(event) == held


def test_our_own_jobs_hold_nothing_a_second_time(sam: Tradie) -> None:
    entry = file_of("DTSTART:20270310T090000Z\nDURATION:PT1H")
    assert len(busy_in([entry], SYDNEY, now=NOW)) == 1
    assert not busy_in([entry.replace(b"0@x", uid_of(sam.pk).encode())], SYDNEY, now=NOW)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "isn't a calendar"),
        (b"<!doctype html><p>Sign in", "isn't a calendar"),
        (b"\xff\xfe\x00", "isn't a calendar"),
        (file_of("DTSTART:20270310T090000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"), "every minute or second"),
        (file_of("DTSTART:20270310T090000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY"), f"more than {MOST_TIMES:,}"),
        (
            file_of(
                *[
                    "DTSTART:20270310T090000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY".replace("09", f"{n:02}")
                    for n in range(7)
                ]
            ),
            f"more than {MOST_TIMES:,}",
        ),
    ],
    ids=["nothing", "a page", "bytes", "each second", "each hour", "many"],
)
def test_what_can_not_be_kept_says_why(content: bytes, why: str) -> None:
    with pytest.raises(NoCalendar, match=why):
        busy_in([content], SYDNEY, now=NOW)


@pytest.fixture
def outside(sam: Tradie, receiver: Receiver) -> OutsideCalendar:
    return rules.connect(sam.calendars.get(), name="Google", url=receiver.url, now=timezone.now())


def read(outside: OutsideCalendar, now: datetime | None = None) -> OutsideCalendar:
    now = now or timezone.now()
    assert outbox.run(OutsideCalendar, outside.pk, lambda row: rules.read(row, now=now), now=now)
    outside.refresh_from_db()
    return outside


def entry_at(start: datetime, more: str = "") -> str:
    return f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}\nDURATION:PT1H{more}"


def test_its_times_are_held_once_and_follow_what_is_changed_there(
    outside: OutsideCalendar, receiver: Receiver, sam: Tradie, drain: Service
) -> None:
    start = soon(sam)
    receiver.answer = kinds.gives(
        file_of(entry_at(start), entry_at(start), entry_at(start + timedelta(days=1))), '"1"'
    )
    assert read(outside).problem == ""
    assert list(outside.times.values_list("starts_at", flat=True)) == [start, start + timedelta(days=1)]
    sam.refresh_from_db()
    version, kept = sam.calendar_version, set(TimeOff.objects.values_list("pk", flat=True))
    read(outside)  # 304
    assert receiver.got[-1].headers["if-none-match"] == '"1"'
    receiver.answer = kinds.gives(file_of(entry_at(start + timedelta(days=1)), entry_at(start)), '"2"')
    read(outside)
    sam.refresh_from_db()
    assert (sam.calendar_version, set(TimeOff.objects.values_list("pk", flat=True))) == (version, kept)
    receiver.answer = kinds.gives(file_of(entry_at(start + timedelta(hours=1))), '"3"')
    read(outside)
    assert list(outside.times.values_list("starts_at", flat=True)) == [start + timedelta(hours=1)]
    sam.refresh_from_db()
    assert sam.calendar_version == version + 1


def test_it_comes_due_every_ten_minutes_and_once_a_day_all_of_it_is_asked_for(
    outside: OutsideCalendar, receiver: Receiver, sam: Tradie
) -> None:
    now, days = timezone.now(), entry_at(soon(sam), "\nRRULE:FREQ=DAILY")
    receiver.answer = kinds.gives(file_of(days), '"1"')
    read(outside, now)
    assert timedelta(minutes=9) < outside.due_at - now < timedelta(minutes=11)
    last = outside.times.latest("starts_at").starts_at
    read(outside, now + timedelta(days=1))
    assert "if-none-match" not in receiver.got[-1].headers
    assert outside.times.latest("starts_at").starts_at == last + timedelta(days=1)
    read(outside, now + timedelta(days=1, minutes=10))
    assert receiver.got[-1].headers["if-none-match"] == '"1"'
    Tradie.objects.update(timezone="Australia/Perth")  # whole days are others now
    read(outside, now + timedelta(days=1, minutes=20))
    assert "if-none-match" not in receiver.got[-1].headers


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (500, "It answered 500."),
        (404, "isn't good any more"),
        (kinds.hang_up, "connection failed"),
        (kinds.flood, "larger than 5 MB"),
        (kinds.gives(b"<p>Please sign in"), "isn't a calendar"),
        (kinds.redirect_to("https://10.0.0.1/a.ics"), "private address"),
        (kinds.redirect_to("http://calendar.example.com/a.ics"), "https"),
    ],
    ids=["500", "404", "hangs up", "huge", "a page", "to our network", "to plain http"],
)
def test_a_reading_that_fails_keeps_what_was_known_and_says_why(
    outside: OutsideCalendar, receiver: Receiver, sam: Tradie, answer: Any, why: str
) -> None:
    receiver.answer = kinds.gives(file_of(entry_at(soon(sam))))
    now = timezone.now()
    read(outside, now)
    receiver.answer = answer
    read(outside, now)
    assert why in outside.problem
    assert (outside.times.count(), outside.failing_since, outside.attempts) == (1, now, 0)
    assert outside.due_at == now + timedelta(minutes=10)
    read(outside, now + timedelta(days=1))
    assert outside.due_at == now + timedelta(days=1, hours=1)
    assert not rules.in_trouble(sam, now + timedelta(hours=23)).exists()
    assert rules.in_trouble(sam, now + timedelta(days=1)).get() == outside
    receiver.answer = kinds.gives(file_of())
    read(outside, now + timedelta(days=1, hours=1))
    assert (outside.problem, outside.failing_since, outside.times.count()) == ("", None, 0)
    assert not rules.in_trouble(sam, now + timedelta(days=2)).exists()
    assert rules.in_trouble(sam, now + timedelta(days=3)).exists()  # nobody reads it at all


def test_a_redirect_is_followed_to_where_it_may_lead(
    outside: OutsideCalendar, receiver: Receiver, start_receiver: Start, sam: Tradie
) -> None:
    there = start_receiver()
    there.answer = kinds.gives(file_of(entry_at(soon(sam))))
    receiver.answer = kinds.redirect_to(there.url)
    assert read(outside).times.count() == 1
    receiver.answer = kinds.redirect_to(receiver.url)
    assert "without end" in read(outside).problem


def test_no_table_shows_the_address_and_nothing_but_times_is_kept(
    outside: OutsideCalendar, receiver: Receiver, sam: Tradie
) -> None:
    receiver.answer = kinds.gives(file_of(entry_at(soon(sam), "\nSUMMARY:Divorce lawyer\nLOCATION:Elm St")))
    read(outside)
    rows = json.dumps([*OutsideCalendar.objects.values(), *TimeOff.objects.values()], default=str)
    assert not [secret for secret in ("/hooks", "lawyer", "Elm") if secret in rows]
    assert "Google" in rows


def test_what_is_removed_while_it_is_read_leaves_nothing(outside: OutsideCalendar, sam: Tradie) -> None:
    span = (soon(sam), soon(sam) + timedelta(hours=1))
    rules.keep(outside, frozenset([span]), now=timezone.now())
    rules.remove(OutsideCalendar.objects.get())
    assert not TimeOff.objects.exists()
    rules.keep(outside, frozenset([span]), now=timezone.now())
    assert not TimeOff.objects.exists()
    sam.refresh_from_db()
    assert not sam.reads_calendars


def test_one_address_is_read_once_and_five_are_the_most(
    outside: OutsideCalendar, sam: Tradie, receiver: Receiver
) -> None:
    mine, now = sam.calendars.get(), timezone.now()
    with pytest.raises(ValidationFailed):
        rules.connect(mine, name="Again", url=receiver.url, now=now)
    for number in range(4):
        rules.connect(mine, name="More", url=f"https://calendar.example.com/{number}", now=now)
    with pytest.raises(ValidationFailed, match="5 are the most"):
        rules.connect(mine, name="More", url="https://calendar.example.com/x", now=now)


def test_a_business_that_is_closed_is_left_alone(outside: OutsideCalendar, receiver: Receiver) -> None:
    Tradie.objects.update(closed_at=timezone.now())
    read(outside)
    assert (receiver.got, outside.asked_at) == ([], None)


def test_a_job_in_its_time_stays(
    outside: OutsideCalendar, receiver: Receiver, sam: Tradie, drain: Service
) -> None:
    booking = make_booking(drain, soon(sam))
    receiver.answer = kinds.gives(file_of(entry_at(booking.starts_at)))
    read(outside)
    before = booking.status, booking.starts_at
    booking.refresh_from_db()
    assert (booking.status, booking.starts_at) == before


def test_a_thousand_times_are_kept_by_few_statements(outside: OutsideCalendar, sam: Tradie) -> None:
    start = soon(sam)
    spans = frozenset(
        (start + timedelta(hours=n), start + timedelta(hours=n, minutes=30)) for n in range(1000)
    )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rules.keep(outside, spans, now=timezone.now())
    assert outside.times.count() == 1000
    assert len(asked) < 12

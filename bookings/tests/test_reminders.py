"""Customers are reminded a day and two hours before, once, and only of what is so."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Service
from availability.models import Calendar
from bookings import messages
from bookings.actors import SYSTEM, By
from bookings.handing_over import hand_over
from bookings.lifecycle import record
from bookings.models import Actor, Booking, BookingEvent, EventKind, Status
from bookings.moving import move_booking
from bookings.reminder_rules import DAY_BEFORE, HOURS_BEFORE, Reminder, due_at
from bookings.reminders import send_reminders, statement
from local.testing.cast import at, make_booking, make_service, make_tradie
from local.testing.sent import Sent, body, deliver, deliver_all
from notifications.models import Message, MessageSettings
from notifications.sms_text import GSM
from payments.cancellations import cancel_booking

TWO_PM = at("2027-01-14 14:00 +11:00")
A_DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SAM = By(Actor.TRADIE)
DAY, HOURS = DAY_BEFORE.kind, HOURS_BEFORE.kind


def book(service: Service, starts_at: datetime, told_at: datetime | None = None, **fields: Any) -> Booking:
    """Confirmed a week before, or when the customer was told."""
    booking = make_booking(service, starts_at, **fields)
    record(booking, EventKind.CONFIRMED, by=SYSTEM, now=told_at or starts_at - 7 * A_DAY)
    BookingEvent.objects.filter(booking=booking, kind=EventKind.HELD).delete()
    return booking


def sweep(now: datetime) -> list[tuple[str, str]]:
    """What is written at `now`: [(kind, channel)]."""
    before = set(Message.objects.values_list("pk", flat=True))
    send_reminders(now=now)
    found = Message.objects.filter(kind__startswith="reminder").exclude(pk__in=before)
    return sorted(found.values_list("kind", "channel"))


@pytest.fixture
def booking(drain: Service) -> Booking:
    """Jo's drain at Sam's, Thursday 14 January 2027 at two."""
    return book(drain, TWO_PM)


def test_one_goes_a_day_before_and_one_two_hours_before(booking: Booking) -> None:
    assert sweep(TWO_PM - A_DAY - MINUTE) == []
    assert sweep(TWO_PM - A_DAY) == [(DAY, "email"), (DAY, "sms")]
    assert sweep(TWO_PM - 2 * HOUR - MINUTE) == []
    assert sweep(TWO_PM - 2 * HOUR) == [(HOURS, "sms")]
    for minutes in range(0, 180, 20):
        assert sweep(TWO_PM - 2 * HOUR + minutes * MINUTE) == []


def test_a_business_chooses_how_long_before(booking: Booking) -> None:
    MessageSettings.objects.create(tradie=booking.tradie, first_reminder_hours=72, last_reminder_hours=4)
    assert sweep(TWO_PM - 3 * A_DAY - MINUTE) == []
    assert sweep(TWO_PM - 3 * A_DAY) == [(DAY, "email"), (DAY, "sms")]
    assert sweep(TWO_PM - A_DAY) == []
    assert sweep(TWO_PM - 4 * HOUR - MINUTE) == []
    assert sweep(TWO_PM - 4 * HOUR) == [(HOURS, "sms")]
    assert sweep(TWO_PM - 2 * HOUR) == []


def test_a_change_of_the_time_reminds_nobody_twice(booking: Booking) -> None:
    assert sweep(TWO_PM - A_DAY) == [(DAY, "email"), (DAY, "sms")]
    settings = MessageSettings.objects.create(tradie=booking.tradie, first_reminder_hours=48)
    assert sweep(TWO_PM - A_DAY + MINUTE) == []
    assert settings.words == {}


def test_it_says_when_where_and_what_to_do(sent: Sent, booking: Booking) -> None:
    sweep(TWO_PM - A_DAY)
    deliver_all(now=TWO_PM - A_DAY)
    (mail,), (sms,) = sent.mails, sent.sms
    assert mail["Subject"] == "Reminder: Blocked drain, Thu 14 Jan, 2:00 pm, with Sam's Plumbing"
    for part in ("plain", "html"):
        text = body(mail, part)
        assert "is coming Thursday 14 January 2027 at 2:00 pm." in text
        assert "1 George Street, Newtown NSW 2042" in text
        assert "https://book.example.com.au/manage/" in text
    assert sms["body"].startswith(
        "Sam's Plumbing: see you Thu 14 Jan, 2:00 pm, Sydney time at 1 George Street. Move or cancel: https://book."
    ) or sms["body"].startswith("Sam's Plumbing: see you Thu 14 Jan, 2:00 pm, Sydney time")
    assert len(sms["body"]) <= 160
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize("name", ["O'Brien & Sons <Plumbing>", "Café Müller 🚿", "سباكة سيدني", "W" * 120])
@pytest.mark.parametrize("street", ["1 A St", "Unit 1204, Tower B, 1 Wentworth–O’Connell Boulevard", "路 5"])
def test_the_sms_is_one_plain_message_whatever_names_are_in_it(
    sent: Sent, drain: Service, name: str, street: str
) -> None:
    drain.tradie.business_name = name
    drain.tradie.save()
    book(drain, TWO_PM, customer_name=name, address_line1=street)
    sweep(TWO_PM - 2 * HOUR)
    deliver_all(now=TWO_PM - 2 * HOUR)
    (sms,) = sent.sms
    assert set(sms["body"]) <= GSM
    assert len(sms["body"]) <= 160


def test_who_has_no_mobile_gets_a_mail_two_hours_before(drain: Service) -> None:
    book(drain, TWO_PM, customer_phone="+61295501234")
    assert sweep(TWO_PM - 2 * HOUR) == [(HOURS, "email")]


@pytest.mark.parametrize(
    ("told_before", "expected"),
    [
        (31 * HOUR, [DAY, HOURS]),
        (29 * HOUR, [HOURS]),
        (23 * HOUR, [HOURS]),
        (4 * HOUR, [HOURS]),
        (2.5 * HOUR, []),
        (HOUR, []),
    ],
)
def test_nobody_is_reminded_of_what_they_were_just_told(
    drain: Service, told_before: timedelta, expected: list[str]
) -> None:
    book(drain, TWO_PM, told_at=TWO_PM - told_before)
    kinds = {
        kind for minutes in range(0, 60 * 40, 15) for kind, _ in sweep(TWO_PM - 40 * HOUR + minutes * MINUTE)
    }
    assert sorted(kinds) == expected


def test_an_early_job_is_reminded_of_in_the_evening_and_nobody_is_woken(drain: Service) -> None:
    seven = at("2027-01-14 07:00 +11:00")
    book(drain, seven)
    found = {
        now.astimezone(seven.tzinfo): sweep(now)
        for now in (seven - 30 * HOUR + minutes * MINUTE for minutes in range(0, 60 * 31, 15))
    }
    assert {when: what for when, what in found.items() if what} == {
        at("2027-01-13 07:00 +11:00"): [(DAY, "email"), (DAY, "sms")],
        at("2027-01-13 20:00 +11:00"): [(HOURS, "sms")],
    }


@pytest.mark.parametrize(
    ("zone", "state", "starts", "reminder", "due"),
    [
        # The clocks go forward on 3 October 2027 and back on 4 April 2027 in Sydney: 24 hours are 24 hours.
        ("Australia/Sydney", "NSW", "2027-10-03 14:00 +11:00", DAY_BEFORE, "2027-10-02 13:00 +10:00"),
        ("Australia/Sydney", "NSW", "2027-04-04 14:00 +10:00", DAY_BEFORE, "2027-04-03 15:00 +11:00"),
        ("Australia/Sydney", "NSW", "2027-10-03 08:00 +11:00", HOURS_BEFORE, "2027-10-02 20:00 +10:00"),
        ("Australia/Perth", "WA", "2027-10-03 09:00 +08:00", HOURS_BEFORE, "2027-10-03 07:00 +08:00"),
        ("Australia/Perth", "WA", "2027-10-03 08:59 +08:00", HOURS_BEFORE, "2027-10-02 20:00 +08:00"),
        ("Australia/Lord_Howe", "NSW", "2027-10-03 12:00 +11:00", DAY_BEFORE, "2027-10-02 11:30 +10:30"),
        ("Australia/Sydney", "NSW", "2027-01-14 22:00 +11:00", DAY_BEFORE, "2027-01-13 20:00 +11:00"),
        ("Australia/Sydney", "NSW", "2027-01-14 03:00 +11:00", DAY_BEFORE, "2027-01-12 20:00 +11:00"),
    ],
)
def test_when_it_is_due_by_the_clock_of_the_place(
    db: None, zone: str, state: str, starts: str, reminder: Reminder, due: str
) -> None:
    service = make_service(make_tradie(timezone=zone, state=state))
    assert due_at(reminder, at(starts), zone) == at(due)
    book(service, at(starts))
    assert reminder.kind not in {kind for kind, _ in sweep(at(due) - MINUTE)}
    assert reminder.kind in {kind for kind, _ in sweep(at(due))}


def test_after_an_outage_a_late_one_goes_while_it_is_of_use_and_never_after_the_start(drain: Service) -> None:
    book(drain, TWO_PM)
    book(drain, TWO_PM + 2 * HOUR, customer_email="late@example.com")
    assert {kind for kind, _ in sweep(TWO_PM - 10 * HOUR - 8 * HOUR)} == {DAY}  # beat was away for six hours
    Message.objects.all().delete()
    assert sweep(TWO_PM - 12 * HOUR + 6 * HOUR) == []  # a day's is too late
    assert [row for row in sweep(TWO_PM - 29 * MINUTE) if row[0] == HOURS] == []
    assert sweep(TWO_PM + HOUR) == [(HOURS, "sms")]  # the job at four, of the one at two nothing
    assert sweep(TWO_PM + 3 * HOUR) == []


@pytest.mark.parametrize("status", [status for status in Status if status != Status.CONFIRMED])
def test_only_of_what_is_confirmed(drain: Service, status: Status) -> None:
    make_booking(drain, TWO_PM, status=status, held_until=TWO_PM)
    BookingEvent.objects.all().delete()
    assert sweep(TWO_PM - A_DAY) == []


def test_a_cancellation_in_the_minute_between_stops_it(sent: Sent, booking: Booking) -> None:
    sweep(TWO_PM - A_DAY)
    cancel_booking(booking, by=SYSTEM, now=TWO_PM - A_DAY)
    sent_before = len(sent.mails)
    deliver_all(now=TWO_PM - A_DAY + MINUTE)
    reminders = Message.objects.filter(kind=DAY)
    assert {(row.state, row.skipped_because) for row in reminders} == {
        ("skipped", "The booking is cancelled now.")
    }
    assert [mail for mail in sent.mails[sent_before:] if mail["Subject"].startswith("Reminder")] == []


@pytest.mark.django_db(transaction=True)
def test_a_move_has_its_own_reminder_and_the_old_one_is_not_sent(sent: Sent, drain: Service) -> None:
    """By time, not by number: back at the first time again nobody is reminded of it twice."""
    starts = (timezone.now() + 9 * A_DAY).replace(
        hour=3, minute=0, second=0, microsecond=0
    )  # 1 or 2 pm in Sydney
    booking = book(drain, starts)
    sweep(starts - A_DAY)
    moved = move_booking(booking, starts + 3 * A_DAY, by=SAM, now=timezone.now())
    BookingEvent.objects.filter(kind=EventKind.MOVED).update(at=timezone.now() - A_DAY)
    deliver_all(now=starts - A_DAY)
    assert {row.skipped_because for row in Message.objects.filter(kind=DAY)} == {"The booking was moved."}
    assert sweep(starts - 2 * HOUR) == []
    assert sweep(starts + 2 * A_DAY) == [(DAY, "email"), (DAY, "sms")]
    move_booking(moved, starts, by=SAM, now=timezone.now())
    BookingEvent.objects.filter(kind=EventKind.MOVED).update(at=timezone.now() - A_DAY)
    assert sweep(starts - A_DAY) == []
    assert sweep(starts - 2 * HOUR) == [(HOURS, "sms")]


@pytest.mark.parametrize("changes", [{"asked_to_move_at": TWO_PM - A_DAY}, {"late_minutes": 30}])
def test_whoever_was_told_something_else_is_not_told_that_somebody_comes_then(
    sent: Sent, booking: Booking, changes: dict[str, Any]
) -> None:
    """The business can't make that day, or is running late."""
    sweep(TWO_PM - A_DAY)
    Booking.objects.update(**changes)
    deliver_all(now=TWO_PM - A_DAY)
    assert (sent.mails, sent.sms) == ([], [])
    assert sweep(TWO_PM - 2 * HOUR) == []


def test_a_job_that_was_handed_over_names_who_comes(sent: Sent, booking: Booking, van: Calendar) -> None:
    sweep(TWO_PM - A_DAY)
    hand_over(booking, van.pk, by=SYSTEM, now=TWO_PM - A_DAY, tell=False)
    deliver_all(now=TWO_PM - A_DAY)
    (mail,) = sent.mails
    assert "Who:       Van 2" in body(mail, "plain")


def test_a_worker_that_was_away_sends_nothing_at_night_and_nothing_late(sent: Sent, booking: Booking) -> None:
    sweep(TWO_PM - A_DAY)
    (mail, sms) = Message.objects.filter(kind=DAY).order_by("channel")
    night = at("2027-01-13 23:00 +11:00")
    deliver(mail, now=night)
    mail.refresh_from_db()
    assert (mail.state, mail.due_at, mail.attempts) == ("waiting", at("2027-01-14 07:00 +11:00"), 0)
    deliver(sms, now=at("2027-01-14 07:00 +11:00"))
    sms.refresh_from_db()
    assert (sms.state, sms.skipped_because) == ("skipped", "It would have come too late to be of use.")
    assert (sent.mails, sent.sms) == ([], [])


def test_the_business_chooses_which_are_sent(sent: Sent, booking: Booking) -> None:
    settings = MessageSettings.objects.create(tradie=booking.tradie, reminds_day_before=False)
    assert sweep(TWO_PM - A_DAY) == []
    assert sweep(TWO_PM - 2 * HOUR) == [(HOURS, "sms")]
    settings.reminds_hours_before = False
    settings.save()
    deliver_all(now=TWO_PM - 2 * HOUR)
    assert sent.sms == []


def test_it_leaves_room_for_the_news_that_people_must_have(quote: Service) -> None:
    """Anybody's address can be typed into a booking: reminders take from what it gets in a day, but for the last."""
    for number in range(8):
        book(quote, TWO_PM + number * HOUR - 5 * HOUR, customer_phone=f"+6141234567{number}")
    sweep(at("2027-01-13 20:59 +11:00"))
    mails = Message.objects.filter(kind=DAY, channel="email")
    assert mails.filter(done_at=None).count() == 4
    messages.tell_refund_sent(Booking.objects.all()[0], amount_cents=500, now=at("2027-01-13 20:59 +11:00"))
    assert Message.objects.get(kind="refund_sent").state == "waiting"


def test_it_reads_the_index_and_only_the_hours_that_matter(drain: Service) -> None:
    """Of 20,000 bookings over months some dozens are near; no more than those are read."""
    first = book(drain, TWO_PM + 90 * A_DAY)
    columns = [
        column.column
        for column in Booking._meta.concrete_fields
        if column.name not in ("id", "reference", "token_hash", "starts_at", "ends_at", "period", "status")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no look at each reference
        cursor.execute("ALTER TABLE bookings_booking DROP CONSTRAINT booking_no_overlap")
        cursor.execute(
            f"""INSERT INTO bookings_booking (id, reference, token_hash, starts_at, ends_at, period, status,
                {", ".join(columns)})
            SELECT gen_random_uuid(), 'R' || n, 't' || n, s, s + interval '1 hour', tstzrange(s, s + interval '1 hour'),
                'confirmed', {", ".join(columns)}
            FROM bookings_booking, generate_series(1, 20000) n, LATERAL (
                SELECT %s::timestamptz - interval '60 days' + n * interval '10 minutes' AS s) AS times
            WHERE bookings_booking.id = %s""",  # noqa: S608
            [TWO_PM, first.pk],
        )
        cursor.execute("ANALYZE bookings_booking")
        asked = statement(DAY_BEFORE, TWO_PM, TWO_PM, first.pk)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[0]}", asked[1])
        plan = json.dumps(cursor.fetchone()[0])
    assert "booking_to_come" in plan
    assert '"Relation Name": "bookings_booking", "Alias": "booking", "Seq' not in plan
    scans = [node for node in _nodes(json.loads(plan)[0]["Plan"]) if node.get("Alias") == "booking"]
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) < 400


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in _nodes(part))]

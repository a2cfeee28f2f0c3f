"""The customer moves their booking by its page: looks at free times, is asked once, and presses a button."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import Calendar
from bookings.actors import CUSTOMER
from bookings.day_move_models import Answer
from bookings.models import Actor, Booking, EventKind, Status
from bookings.moving import move_booking, shift
from bookings.open_slots import OpenSlot
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service, soon
from local.testing.sent import Sent, deliver_all
from notifications.models import Message
from peepopay.errors import BookingNotChangeable, CallInstead
from peepopay.local_time import iso
from web.tests.customer.test_manage_page import url_of
from web.tests.dashboard.test_today_page import pay
from web.tests.page_forms import forms_of


@pytest.fixture
def booking(drain: Service) -> Booking:
    """Jo's drain in ten days at nine, $30 paid."""
    booking = make_booking(drain, soon(drain.tradie, days=10, hour=9))
    pay(booking)
    return booking


def at_hour(booking: Booking, hour: int, days: int = 11) -> datetime:
    return soon(booking.tradie, days=days, hour=hour)


def ask(client: Client, booking: Booking, starts: datetime) -> Any:
    return client.get(url_of(booking, "/move"), {"start": iso(starts, booking.tradie.timezone)})


def press(client: Client, page: Any) -> Any:
    (form,) = forms_of(page)
    return client.post(form.action, form.presses()[0])


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def test_from_the_page_to_another_time_by_links_and_one_button(
    client: Client, booking: Booking, sent: Sent
) -> None:
    """As without JavaScript: only what the pages link to is followed."""
    page = client.get(url_of(booking))
    for step in (r"/manage/[^/]+/move", r"[^\"]*\?day=[^\"]+", r"[^\"]*\?start=[^\"]+"):
        link = re.findall(rf'href="({step})"', page.content.decode())[-1]
        page = client.get(link.replace("&amp;", "&"))
        assert page.status_code == 200, link
    before = booking.starts_at
    answer = press(client, page)
    assert answer["Location"] == url_of(booking) + "?done=moved"
    moved = Booking.objects.get()
    assert moved.starts_at == page.context["starts"] != before
    assert (moved.pk, moved.sequence, moved.status) == (booking.pk, 1, Status.CONFIRMED)
    assert moved.payments.get().booking_id == booking.pk
    assert moved.events.get(kind=EventKind.MOVED).actor == Actor.CUSTOMER
    assert "Your booking has moved" in client.get(answer["Location"]).content.decode()
    deliver_all(now=timezone.now())
    told = [(mail["To"], mail["Subject"].partition(" ")[0]) for mail in sent.mails]
    assert told == [("jo@example.com", "Moved"), ("sam@example.com", "Moved")]


def test_looking_and_asking_moves_nothing(client: Client, booking: Booking) -> None:
    before = booking.starts_at
    assert client.get(url_of(booking, "/move")).status_code == 200
    assert ask(client, booking, at_hour(booking, 13)).status_code == 200
    booking.refresh_from_db()
    assert (booking.starts_at, booking.sequence) == (before, 0)


def test_the_question_says_from_when_to_when_and_what_stays(client: Client, booking: Booking) -> None:
    page = ask(client, booking, at_hour(booking, 13))
    text = text_of(page)
    for said in (
        ", 9:00 am to ",
        ", 1:00 pm?",
        "Your deposit of $30 moves along. There is nothing more to pay now.",
        "1 George Street, Newtown",
        "Free to cancel until",
    ):
        assert said in text, said
    assert "instead of" not in text


def test_a_time_taken_meanwhile_is_answered_with_the_three_nearest(
    client: Client, booking: Booking, drain: Service
) -> None:
    wanted = at_hour(booking, 13)
    page = ask(client, booking, wanted)
    make_booking(drain, wanted)
    answer = press(client, page)
    assert answer.status_code == 409
    assert "That time has just been taken." in text_of(answer)
    assert len(answer.context["nearest"]) == 3
    link = re.findall(r'href="([^"]*\?start=[^"]+)"', answer.content.decode())[0]
    assert press(client, client.get(link)).status_code == 302
    booking.refresh_from_db()
    assert abs(booking.starts_at - wanted) <= timedelta(minutes=90)


@pytest.mark.parametrize(
    ("start", "status", "said"),
    [
        ("", 400, "Please choose a time from the list."),
        ("tomorrow", 400, "Please choose a time from the list."),
        ("2027-02-31T08:00:00+11:00", 400, "Please choose a time from the list."),
        ("2027-01-14T08:00:00", 400, "Please choose a time from the list."),
        ("2020-01-14T08:00:00+11:00", 400, "That time has passed."),
        ("0001-01-01T00:00:00+14:00", 400, "That time has passed."),
        ("9999-12-31T23:59:59-12:00", 400, "That’s too far ahead."),
    ],
)
def test_a_time_that_is_not_on_offer_is_refused_with_its_reason(
    start: str, status: int, said: str, client: Client, booking: Booking
) -> None:
    page = client.get(url_of(booking, "/move"), {"start": start})
    assert page.status_code == status
    assert said.replace("’", "&#x27;") in page.content.decode() or said in page.content.decode()
    sent = {"start": start, "from_start": iso(booking.starts_at, "Australia/Sydney")}
    assert client.post(url_of(booking, "/move"), sent).status_code == status
    booking.refresh_from_db()
    assert booking.sequence == 0


def test_inside_the_notice_of_the_policy_one_is_asked_to_call(client: Client, sam: Tradie) -> None:
    service = make_service(sam, free_cancellation_hours=24 * 20)
    booking = make_booking(service, soon(sam, days=10, hour=9))
    assert "Move to another time" not in client.get(url_of(booking)).content.decode()
    said = "too late to move this booking online. Please call Sam&#x27;s Plumbing on (02) 9550 1234."
    assert said in client.get(url_of(booking, "/move")).content.decode()
    wanted = iso(at_hour(booking, 13), sam.timezone)
    page = client.get(url_of(booking, "/move"), {"start": wanted})
    assert (page.status_code, said in page.content.decode()) == (409, True)
    posted = {"start": wanted, "from_start": iso(booking.starts_at, sam.timezone)}
    answer = client.post(url_of(booking, "/move"), posted)
    assert (answer.status_code, said in answer.content.decode()) == (409, True)
    booking.refresh_from_db()
    assert booking.sequence == 0


@pytest.mark.parametrize("status", [status for status in Status if status != Status.CONFIRMED])
def test_what_is_not_certain_or_over_cannot_be_moved(status: Status, client: Client, drain: Service) -> None:
    booking = make_booking(drain, soon(drain.tradie, days=10, hour=9), status=status)
    assert "Move to another time" not in client.get(url_of(booking)).content.decode()
    assert client.get(url_of(booking, "/move")).status_code == 200
    sent = {"start": iso(at_hour(booking, 13), "Australia/Sydney")}
    sent["from_start"] = iso(booking.starts_at, "Australia/Sydney")
    assert client.post(url_of(booking, "/move"), sent).status_code == 409
    booking.refresh_from_db()
    assert (booking.status, booking.sequence) == (status, 0)


def test_the_same_press_twice_moves_once_and_tells_once(client: Client, booking: Booking) -> None:
    (form,) = forms_of(ask(client, booking, at_hour(booking, 13)))
    answers = [client.post(form.action, form.presses()[0]).status_code for _ in range(2)]
    booking.refresh_from_db()
    assert (answers, booking.sequence) == ([302, 302], 1)
    assert Message.objects.filter(kind="booking_moved_tradie").count() == 1


def test_a_page_from_before_another_move_is_shown_how_it_stands(client: Client, booking: Booking) -> None:
    stale = ask(client, booking, at_hour(booking, 13))
    press(client, ask(client, booking, at_hour(booking, 14)))
    answer = press(client, stale)
    assert answer.status_code == 409
    assert "was moved after you opened that page" in text_of(answer)
    assert "2:00 pm" in text_of(answer)
    booking.refresh_from_db()
    assert (booking.starts_at, booking.sequence) == (at_hour(booking, 14), 1)


def test_it_says_when_somebody_else_would_come(client: Client, booking: Booking, van: Calendar) -> None:
    wanted = at_hour(booking, 13)
    assert "Who comes: Sam" in text_of(ask(client, booking, wanted)).replace("  ", " ")
    make_booking(booking.service, wanted, calendar=booking.calendar)
    page = ask(client, booking, wanted)
    assert "Van 2 comes instead of Sam , who isn’t free then." in text_of(page)
    press(client, page)
    booking.refresh_from_db()
    assert booking.calendar == van


def test_its_own_time_is_not_offered_but_times_beside_it_are(client: Client, booking: Booking) -> None:
    zone = booking.tradie.timezone
    own = soon(booking.tradie, days=10, hour=9)
    page = client.get(url_of(booking, "/move"), {"day": iso(own, zone)[:10]})
    times = page.context["day"].times
    assert own not in times
    assert own + timedelta(minutes=30) in times or own + timedelta(minutes=15) in times


@pytest.mark.parametrize(
    "asked", ["", "month=x", "month=2027-13", "month=0001-01", "month=9999-12", "day=2027-02-31"]
)
def test_whatever_month_is_asked_for_it_shows_one_that_can_be(
    asked: str, client: Client, booking: Booking
) -> None:
    page = client.get(f"{url_of(booking, '/move')}?{asked}")
    assert page.status_code == 200
    assert page.context["month"].first.year in (timezone.now().year, timezone.now().year + 1)


def test_a_month_without_a_free_time_leads_to_the_first_that_has_one(
    client: Client, booking: Booking, sam: Tradie
) -> None:
    sam.calendars.get().working_hours.all().delete()
    page = client.get(url_of(booking, "/move"))
    assert "Nothing else is free online" in text_of(page)
    assert "(02) 9550 1234" in text_of(page)


def test_an_hour_that_comes_twice_says_which(client: Client, db: None) -> None:
    from web.customer.month import month_of

    first = date(2027, 4, 1)
    times = [datetime.fromisoformat(t) for t in ("2027-04-03T15:30:00+00:00", "2027-04-03T16:30:00+00:00")]
    month = month_of(first, times, "Australia/Sydney", today=first, last_day=first + timedelta(90))
    (day,) = [day for week in month.weeks for day in week if day and day.times]
    assert (day.date.isoformat(), day.says_zone) == ("2027-04-04", True)
    assert (month.before, month.after) == (None, date(2027, 5, 1))


def test_a_wrong_token_moves_nothing(client: Client, booking: Booking) -> None:
    sent = {"start": iso(at_hour(booking, 13), "Australia/Sydney")}
    sent["from_start"] = iso(booking.starts_at, "Australia/Sydney")
    token = token_of(booking)
    wrong = token[:-1] + ("_" if token[-1] != "_" else "-")
    assert client.post(f"/manage/{wrong}/move", sent).status_code == 404
    booking.refresh_from_db()
    assert booking.sequence == 0


def test_whoever_moves_it_from_a_page_that_is_old_by_then_is_told_so(booking: Booking) -> None:
    """As the rule sees it whose copy is a moment old; and under the lock, of a job that was done meanwhile."""
    now, old = timezone.now(), Booking.objects.select_related("tradie", "calendar").get()
    move_booking(booking, at_hour(booking, 13), by=CUSTOMER, now=now)
    with pytest.raises(BookingNotChangeable):
        move_booking(old, at_hour(booking, 11), by=CUSTOMER, now=now)
    moved = Booking.objects.select_related("tradie", "calendar").get()
    assert (moved.starts_at, moved.sequence) == (at_hour(booking, 13), 1)
    Booking.objects.update(status=Status.COMPLETED)
    slot = OpenSlot(at_hour(booking, 11), at_hour(booking, 12), moved.calendar_id)
    with pytest.raises(BookingNotChangeable):
        shift(moved, slot, Answer.MOVED, by=CUSTOMER, now=now)
    assert Booking.objects.get().sequence == 1


def test_it_can_be_moved_three_times_a_day_and_then_one_is_asked_to_call(
    booking: Booking, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    now = timezone.now()
    Booking.objects.update(confirmed_at=now - timedelta(hours=1))

    def move(hour: int, at: datetime) -> Booking:
        fresh = Booking.objects.select_related("tradie", "calendar").get()
        return move_booking(fresh, at_hour(booking, hour), by=CUSTOMER, now=at)

    for hour in (10, 11, 12):
        move(hour, now)
    with pytest.raises(CallInstead, match="moved several times today"):
        move(13, now)
    assert move(13, now + timedelta(hours=25)).sequence == 4

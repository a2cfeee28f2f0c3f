"""Running late: a press on Today tells the rest of the day once, with the new time; the diary stays."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.models import Calendar
from bookings import running_late
from bookings.actors import SYSTEM, By
from bookings.handing_over import hand_over
from bookings.models import Actor, Booking, EventKind, Status
from bookings.moving import move_booking
from local.testing.cast import at, make_booking, make_service, owner_of, soon
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Message
from notifications.sms_text import GSM
from web.tests.customer.test_manage_page import url_of

NINE = at("2027-01-14 09:00 +11:00")
NOW = NINE - timedelta(minutes=40)
TRADIE = By(Actor.TRADIE)


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def day(drain: Service) -> list[Booking]:
    """Three hours of jobs from nine, one of the day after."""
    starts = [NINE, NINE + timedelta(hours=2), NINE + timedelta(hours=4), NINE + timedelta(days=1)]
    return [
        make_booking(
            drain, start, customer_email=f"jo{number}@example.com", customer_phone=f"+6141234567{number}"
        )
        for number, start in enumerate(starts)
    ]


def say(tradie: Tradie, minutes: int, now: datetime = NOW) -> int:
    return running_late.say_late(tradie.calendars.all()[0], minutes, by=SYSTEM, now=now)


def late(rows: list[Booking]) -> list[int]:
    return [Booking.objects.get(pk=row.pk).late_minutes for row in rows]


def told() -> Counter[tuple[str, str]]:
    return Counter(Message.objects.values_list("kind", "channel"))


def test_the_rest_of_today_is_told_the_new_time_and_the_booked_one_stays(
    sam: Tradie, day: list[Booking], sent: Sent
) -> None:
    assert say(sam, 30) == 3
    assert late(day) == [30, 30, 30, 0]
    assert [Booking.objects.get(pk=row.pk).starts_at for row in day] == [row.starts_at for row in day]
    deliver_all(now=NOW)
    assert [mail["To"] for mail in sent.mails] == [f"jo{number}@example.com" for number in range(3)]
    mail, sms = sent.mails[0], sent.sms[0]["body"]
    assert mail["Subject"] == "Running about 30 min late: Sam's Plumbing comes about 9:30 am"
    for kind in ("plain", "html"):
        said = body(mail, kind).replace("<strong>", "").replace("</strong>", "")
        assert "Expect them about 9:30 am instead of 9:00 am (AEDT, Sydney time)." in said
    assert sms.startswith(
        "Sam's Plumbing: running about 30 min late. Expect us about 9:30 am, not 9:00 am. https://"
    )
    assert set(sms) <= GSM
    assert len(sms) <= 160
    assert day[0].events.get(kind=EventKind.RUNNING_LATE).detail == "30 min: expected 9:30 am"


def test_said_twice_it_is_told_once(sam: Tradie, day: list[Booking]) -> None:
    assert [say(sam, 30), say(sam, 30)] == [3, 0]
    assert told() == {("running_late", "email"): 3, ("running_late", "sms"): 3}


def test_now_45_tells_anew_also_whose_booked_time_has_passed(
    sam: Tradie, day: list[Booking], sent: Sent
) -> None:
    say(sam, 30)
    deliver_all(now=NOW)
    assert say(sam, 45, NINE + timedelta(minutes=10)) == 3
    deliver_all(now=NINE + timedelta(minutes=10))
    assert "9:45 am" in sent.mails[3]["Subject"]
    assert say(sam, 60, NINE + timedelta(minutes=50)) == 2  # the first has begun by then
    assert late(day) == [45, 60, 60, 0]


def test_whoever_was_told_of_more_is_not_told_of_a_time_that_has_passed(
    sam: Tradie, day: list[Booking]
) -> None:
    say(sam, 60)
    assert say(sam, 30, NINE + timedelta(minutes=45)) == 2  # the first would have been visited at 9:30
    assert late(day) == [60, 30, 30, 0]


def test_on_time_again_is_told_to_those_who_were_told_otherwise(
    sam: Tradie, day: list[Booking], sent: Sent
) -> None:
    say(sam, 30)
    deliver_all(now=NOW)
    assert say(sam, 0) == 3
    assert say(sam, 0) == 0
    deliver_all(now=NOW)
    assert [mail["Subject"] for mail in sent.mails[3:]] == [
        "On time after all: Sam's Plumbing comes at 9:00 am",
        "On time after all: Sam's Plumbing comes at 11:00 am",
        "On time after all: Sam's Plumbing comes at 1:00 pm",
    ]
    assert late(day) == [0, 0, 0, 0]


def test_of_two_in_a_row_only_what_still_holds_goes_out(sam: Tradie, day: list[Booking], sent: Sent) -> None:
    for minutes in (30, 45):
        say(sam, minutes, NOW + timedelta(seconds=minutes))
    deliver_all(now=NOW + timedelta(minutes=1))
    assert len(sent.mails) == len(sent.sms) == 3
    assert all("45 min" in mail["Subject"] for mail in sent.mails)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.CONFIRMED])
def test_nobody_else_is_told(status: Status, sam: Tradie, drain: Service) -> None:
    row = make_booking(drain, NINE, status=status)
    assert (say(sam, 30), late([row])) == (0, [0])


def test_of_two_vans_only_the_late_one(sam: Tradie, drain: Service, van: Calendar) -> None:
    first, other = make_booking(drain, NINE), make_booking(drain, NINE, calendar=van)
    assert say(sam, 30) == 1
    assert late([first, other]) == [30, 0]


def test_a_job_that_moves_or_goes_to_somebody_else_is_on_time(
    sam: Tradie, drain: Service, van: Calendar
) -> None:
    moves, goes = make_booking(drain, soon(sam, hour=9)), make_booking(drain, soon(sam, hour=12))
    Booking.objects.update(late_minutes=30)
    move_booking(moves, soon(sam, days=4, hour=9), by=TRADIE, now=timezone.now())
    hand_over(goes, van.pk, by=SYSTEM, now=timezone.now())
    assert late([moves, goes]) == [0, 0]


class TestThePages:
    @pytest.fixture
    def job(self, drain: Service) -> Booking:
        """Today, an hour ahead."""
        start = (timezone.now() + timedelta(hours=1)).replace(second=0, microsecond=0)
        return make_booking(drain, start)

    @pytest.fixture(autouse=True)
    def _today(self, sam: Tradie) -> None:
        """In a zone where an hour ahead is today still."""
        hour = timezone.now().hour
        Tradie.objects.filter(pk=sam.pk).update(
            timezone="Australia/Perth" if hour in (12, 13) else "Australia/Sydney"
        )

    def press(self, client: Client, job: Booking, **sent: Any) -> Any:
        return client.post("/dashboard/late", {"calendar": str(job.calendar_id), **sent}, follow=True)

    def test_a_button_or_a_number(self, dashboard: Client, job: Booking) -> None:
        assert "Running late?" in dashboard.get("/dashboard/").content.decode()
        page = self.press(dashboard, job, minutes="15").content.decode()
        assert "telling 1 customer that you&#x27;re about 15 min late" in page
        assert "On time again" in page
        self.press(dashboard, job, typed="25")
        assert late([job]) == [25]
        assert "running about 25 min late" in dashboard.get(url_of(job)).content.decode()
        assert (
            "running late and come <strong>about"
            in dashboard.get(f"/dashboard/bookings/{job.pk}").content.decode()
        )
        self.press(dashboard, job, minutes="0")
        assert late([job]) == [0]

    @pytest.mark.parametrize(
        "sent", [{}, {"typed": "0"}, {"typed": "241"}, {"typed": "x"}, {"minutes": "-5"}]
    )
    def test_nonsense_changes_nothing(self, sent: dict[str, str], dashboard: Client, job: Booking) -> None:
        assert self.press(dashboard, job, **sent).status_code == 200
        assert (late([job]), Message.objects.count()) == ([0], 0)

    def test_with_nothing_ahead_it_is_not_offered(self, dashboard: Client) -> None:
        assert "Running late?" not in dashboard.get("/dashboard/").content.decode()

    def test_a_worker_says_it_of_their_own_calendar_alone(
        self, client: Client, job: Booking, lee: User, van: Calendar
    ) -> None:
        van.worker_id = lee.pk
        van.save()
        client.force_login(lee)
        assert self.press(client, job, minutes="30").status_code == 404
        own = make_booking(make_service(job.tradie), job.starts_at, calendar=van)
        assert self.press(client, own, minutes="30").status_code == 200
        assert late([job, own]) == [0, 30]

    def test_nobody_elses(self, client: Client, job: Booking, alex: Tradie) -> None:
        client.force_login(owner_of(alex))
        assert self.press(client, job, minutes="30").status_code == 404
        assert late([job]) == [0]

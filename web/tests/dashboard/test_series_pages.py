"""The pages of jobs that repeat: every date before it is saved, then what became of each. What is made when is in
bookings/tests/test_series.py."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Service, Tradie
from bookings import series as rules
from bookings.lifecycle import confirm_booking
from bookings.models import Booking, Series, Status
from bookings.series_models import State
from bookings.series_rule import Every
from bookings.tokens import token_of
from local.testing.cast import make_booking, owner_of, soon
from notifications.models import Message
from payments.models import Bill
from payments.series import ask_deposits
from peepopay.local_time import in_zone
from web.tests.dashboard.test_new_booking import filled_in
from web.tests.page_forms import forms_of

WEEK = timedelta(weeks=1)


@pytest.fixture
def office(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def first(drain: Service) -> Booking:
    return make_booking(drain, soon(drain.tradie, days=3, hour=9))


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def day_of(booking: Booking) -> date:
    return in_zone(booking.starts_at, "Australia/Sydney").date()


def test_a_new_booking_that_repeats_leads_to_its_dates(office: Client, quote: Service) -> None:
    made = office.post("/dashboard/bookings/new", filled_in(office, quote, every="fortnight") | {"book": "1"})
    booking = Booking.objects.get()
    assert made["Location"] == f"/dashboard/bookings/{booking.pk}/repeat?every=fortnight"
    page = office.get(made["Location"])
    assert f"Every two weeks on {day_of(booking):%A}" in text_of(page)
    assert Series.objects.count() == 0


def test_every_date_is_shown_with_what_is_in_its_way_before_it_is_saved(
    office: Client, first: Booking, drain: Service
) -> None:
    make_booking(drain, soon(drain.tradie, days=10, hour=9), customer_name="Alex Other")
    address = f"/dashboard/bookings/{first.pk}/repeat"
    page = office.get(address, {"every": "week", "until": day_of(first) + 3 * WEEK})
    assert "1 of 3 can’t be booked as things are" in text_of(page)
    assert "Another job is booked then: Alex Other" in text_of(page)
    form = forms_of(page)[-1]
    for _ in range(2):
        saved = office.post(address, form.fields)
    made = Series.objects.get()
    assert saved["Location"] == f"/dashboard/series/{made.pk}"
    assert [visit.state for visit in made.visits.all()] == ["booked", "taken", "booked", "booked"]
    assert office.get(address)["Location"] == saved["Location"]


@pytest.mark.parametrize("until", ["", "2020-01-01", "2090-01-01", "soon"])
def test_a_last_day_that_is_none_is_said_beside_its_field(office: Client, first: Booking, until: str) -> None:
    page = office.post(
        f"/dashboard/bookings/{first.pk}/repeat", {"every": "week" if until else "", "until": until}
    )
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["until" if until else "every"]
    assert Series.objects.count() == 0


def test_a_date_that_is_not_booked_is_said_on_today_until_it_is_decided(
    office: Client, first: Booking, drain: Service
) -> None:
    other = make_booking(drain, soon(drain.tradie, days=10, hour=9))
    made = rules.start_series(first, Every.WEEK, None, now=timezone.now())
    assert f"The regular visit to {first.customer_name} on" in text_of(office.get("/dashboard/"))
    assert "isn’t booked" in text_of(office.get("/dashboard/series"))
    page = f"/dashboard/series/{made.pk}"
    assert "Not booked: Another job is booked then" in text_of(office.get(page))
    day = {"day": str(day_of(other))}
    assert "still can’t be booked".replace("’", "'") in text_of(
        office.post(f"{page}/again", day, follow=True)
    ).replace("&#x27;", "'")
    office.post(f"{page}/skip", day)
    assert made.visits.get(on=day_of(other)).state == State.SKIPPED
    assert "regular visit" not in text_of(office.get("/dashboard/"))
    Booking.objects.filter(pk=other.pk).update(status=Status.CANCELLED)
    office.post(f"{page}/again", day)
    assert made.visits.get(on=day_of(other)).state == State.BOOKED


def test_ended_its_visits_are_called_off_and_its_customer_is_told_once(
    office: Client, first: Booking
) -> None:
    made = rules.start_series(first, Every.WEEK, None, now=timezone.now())
    from_day = day_of(first) + 2 * WEEK
    page = f"/dashboard/series/{made.pk}/end"
    off = office.get(page, {"day": from_day}).context["off"]
    assert len(off) == made.visits.count() - 2
    for _ in range(2):
        office.post(page, {"day": from_day})
    assert Booking.objects.filter(status=Status.CONFIRMED).count() == 2
    told = Message.objects.filter(audience="customer", kind="booking_cancelled_by_tradie", channel="email")
    assert [message.about for message in told] == [off[0].pk]
    assert "ended" not in text_of(office.get(f"/dashboard/series/{made.pk}"))
    assert rules.make_out_all(now=timezone.now() + 8 * WEEK) == 0


def test_a_booking_says_that_it_is_one_of_several_and_its_customer_sees_the_next(
    client: Client, office: Client, first: Booking
) -> None:
    assert "Repeat" in text_of(office.get(f"/dashboard/bookings/{first.pk}"))
    made = rules.start_series(first, Every.WEEK, None, now=timezone.now())
    assert f"/dashboard/series/{made.pk}" in office.get(f"/dashboard/bookings/{first.pk}").content.decode()
    page = Client().get(reverse("manage", args=[token_of(first)]))
    assert len(page.context["next_visits"]) == 6
    assert "Your next visits" in text_of(page)


def test_pages_take_as_many_queries_for_52_visits_as_for_two(
    office: Client, first: Booking, drain: Service, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for weeks in (1, 51):
        made = rules.start_series(first, Every.WEEK, day_of(first) + weeks * WEEK, now=timezone.now())
        Series.objects.filter(pk=made.pk).update(until=day_of(first) + weeks * WEEK, made_until=day_of(first))
        for later in range(0, weeks, 12):
            rules.make_out_all(now=timezone.now() + later * WEEK)
        each = []
        for page in (
            f"/dashboard/series/{made.pk}",
            "/dashboard/series",
            "/dashboard/bookings",
            "/dashboard/",
        ):
            office.get(page)
            with django_assert_max_num_queries(60) as asked:
                office.get(page)
            each.append(len(asked))
        counts.append(each)
    assert Booking.objects.count() >= 51
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("days", "said"), [("0", "no deposit is asked for"), ("7", "7 days before each we ask for the deposit")]
)
def test_what_is_shown_says_whether_a_deposit_is_asked_for(
    office: Client, first: Booking, days: str, said: str
) -> None:
    asked = {"every": "week", "until": "", "deposit_days": days}
    assert said in text_of(office.get(f"/dashboard/bookings/{first.pk}/repeat", asked))


def test_a_deposit_for_each_visit_is_asked_for_once_by_a_link_and_paid_it_is_booked(
    office: Client, first: Booking
) -> None:
    form = forms_of(
        office.get(f"/dashboard/bookings/{first.pk}/repeat", {"every": "week", "deposit_days": "7"})
    )[-1]
    office.post(f"/dashboard/bookings/{first.pk}/repeat", form.fields)
    made = Series.objects.get()
    assert (made.deposit_days, made.deposit_cents) == (7, 3_000)
    second = Booking.objects.get(visit__on=day_of(first) + WEEK)
    noon = second.starts_at.replace(hour=2, minute=0) - 6 * timedelta(days=1)
    assert ask_deposits(now=noon - timedelta(hours=12)) == 0
    assert [ask_deposits(now=noon) for _ in range(2)] == [1, 0]
    second.refresh_from_db()
    assert (second.status, second.deposit_cents) == (Status.PENDING, 3_000)
    assert second.held_until == second.starts_at - timedelta(days=1)
    asked = Message.objects.filter(kind="deposit_asked", about=second.pk)
    assert {message.channel for message in asked} == {"email", "sms"}
    first.refresh_from_db()
    assert first.status == Status.CONFIRMED
    assert confirm_booking(second, now=noon)
    assert ask_deposits(now=noon) == 0


def test_a_visit_that_was_invoiced_already_is_never_held_until_a_deposit_is_paid(first: Booking) -> None:
    now = timezone.now()
    made = rules.start_series(first, Every.WEEK, None, now=now, deposit_days=7)
    second, third = Booking.objects.filter(visit__series=made).order_by("starts_at")[1:3]
    Bill.objects.create(booking=second, asked_cents=12_000, asked_at=now)
    for visit in (second, third):
        ask_deposits(now=visit.starts_at.replace(hour=2, minute=0) - timedelta(days=6))
    assert [Booking.objects.get(pk=visit.pk).status for visit in (second, third)] == [
        Status.CONFIRMED,
        Status.PENDING,
    ]


def test_without_a_deposit_of_its_service_none_can_be_asked_for(office: Client, quote: Service) -> None:
    job = make_booking(quote, soon(quote.tradie))
    page = office.get(f"/dashboard/bookings/{job.pk}/repeat", {"every": "week", "deposit_days": "7"})
    assert "deposit_days" not in page.context["form"].fields
    assert "no deposit is asked for" in text_of(page)
    office.post(page.request["PATH_INFO"], forms_of(page)[-1].fields | {"deposit_days": "7"})
    assert Series.objects.get().deposit_days == 0


def test_dates_that_follow_from_another_time_are_shown_again(office: Client, first: Booking) -> None:
    address = f"/dashboard/bookings/{first.pk}/repeat"
    form = forms_of(office.get(address, {"every": "week"}))[-1]
    Booking.objects.update(**first.terms.times(first.starts_at + timedelta(hours=2)))
    page = office.post(address, form.fields, follow=True)
    assert "has changed in the meantime" in text_of(page)
    assert not Series.objects.exists()
    office.post(address, forms_of(page)[-1].fields)
    assert Series.objects.exists()


def test_visits_move_with_what_becomes_of_each_shown_before(office: Client, first: Booking) -> None:
    made = rules.start_series(first, Every.WEEK, day_of(first) + 3 * WEEK, now=timezone.now())
    page = f"/dashboard/series/{made.pk}/move"
    assert "From which visit on" in text_of(office.get(page))
    day = day_of(first) + WEEK
    wanted = {"from_day": str(day), "new_day": str(day), "at": "13:00"}
    past = office.get(page, wanted | {"new_day": "2026-01-05"})
    assert (past.status_code, list(past.context["form"].errors)) == (400, ["new_day"])
    assert "steps" not in past.context
    shown = office.get(page, wanted)
    assert text_of(shown).count("moves to") == 3
    moved = office.post(page, forms_of(shown)[-1].fields)
    new = Series.objects.exclude(pk=made.pk).get()
    assert moved["Location"] == f"/dashboard/series/{new.pk}"
    assert "1:00 pm" in text_of(office.get(moved["Location"]))
    refused = office.post(page, wanted | {"from_day": str(day + timedelta(days=1))})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["from_day"])


def test_its_calendar_file_is_one_entry_that_repeats(office: Client, first: Booking) -> None:
    made = rules.start_series(first, Every.FORTNIGHT, None, now=timezone.now())
    Booking.objects.filter(visit__on=day_of(first) + 2 * WEEK).update(status=Status.CANCELLED)
    file = office.get(f"/dashboard/series/{made.pk}/series.ics")
    assert file["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert event["RRULE"] == {"FREQ": ["WEEKLY"], "INTERVAL": [2]}
    assert [one.dt.date() for one in event["EXDATE"].dts] == [day_of(first) + 2 * WEEK]

"""A booking that its business moves by hand: free times, a question, and who hears of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.hours import replace_week
from bookings.models import Booking, BookingEvent, Status
from local.testing.cast import make_booking, make_service, owner_of, soon
from notifications.models import Message
from peepopay.local_time import in_zone, iso, moment
from web.tests.page_forms import PageForm, forms_of

pytestmark = pytest.mark.django_db(transaction=True)

A_DAY = timedelta(days=1)


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain, soon(drain.tradie, hour=9))


def page_of(booking: Booking) -> str:
    return f"/dashboard/bookings/{booking.pk}/move"


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


def question(client: Client, booking: Booking, starts: datetime) -> PageForm:
    page = client.get(page_of(booking), {"start": iso(starts, booking.tradie.timezone)})
    [form] = [form for form in forms_of(page) if form.action == page_of(booking)]
    return form


def told(booking: Booking) -> set[str]:
    return set(Message.objects.filter(about=booking.pk).values_list("audience", flat=True))


def test_from_the_booking_to_a_day_to_a_time_and_there_it_is(dashboard: Client, booking: Booking) -> None:
    zone, later = booking.tradie.timezone, soon(booking.tradie, hour=13)
    assert f'href="{page_of(booking)}"' in text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))
    day = dashboard.get(page_of(booking), {"day": later.date().isoformat()})
    assert later in day.context["day"].times
    assert booking.starts_at not in day.context["day"].times
    form = question(dashboard, booking, later)
    assert form.fields["tell"] == "on"
    done = dashboard.post(form.action, form.fields, follow=True)
    assert f"Moved to {moment(later, zone)}. We&#x27;re telling Jo Citizen." in text(done)
    moved = Booking.objects.get(pk=booking.pk)
    assert (moved.starts_at, moved.status, moved.sequence) == (later, Status.CONFIRMED, 1)
    event = BookingEvent.objects.get(kind="moved")
    assert event.user == owner_of(booking.tradie)
    assert told(booking) == {"customer", "tradie"}
    assert dashboard.post(form.action, form.fields).status_code == 302  # pressed twice
    assert BookingEvent.objects.filter(kind="moved").count() == 1


def test_with_the_box_unticked_its_customer_hears_nothing(dashboard: Client, booking: Booking) -> None:
    form = question(dashboard, booking, soon(booking.tradie, hour=13))
    del form.fields["tell"]
    assert "telling" not in text(dashboard.post(form.action, form.fields, follow=True))
    assert told(booking) == {"tradie"}


def test_who_was_asked_for_another_time_is_told_in_any_case(dashboard: Client, booking: Booking) -> None:
    Booking.objects.update(asked_to_move_at=timezone.now())
    form = question(dashboard, booking, soon(booking.tradie, hour=13))
    assert "tell" not in form.fields
    dashboard.post(form.action, form.fields)
    assert told(booking) == {"customer", "tradie"}
    assert Booking.objects.get().asked_to_move_at is None


def test_a_time_that_was_taken_meanwhile_is_refused_with_the_nearest_others(
    dashboard: Client, booking: Booking
) -> None:
    later = soon(booking.tradie, hour=13)
    form = question(dashboard, booking, later)
    make_booking(booking.service, later)
    refused = dashboard.post(form.action, form.fields)
    assert refused.status_code == 409
    assert "That time has just been taken." in text(refused)
    assert len(refused.context["nearest"]) == 3
    assert Booking.objects.get(pk=booking.pk).starts_at == booking.starts_at


def test_a_page_that_shows_another_time_than_it_has_moves_nothing(
    dashboard: Client, booking: Booking
) -> None:
    form = question(dashboard, booking, soon(booking.tradie, hour=13))
    elsewhere = booking.starts_at + timedelta(hours=2)
    Booking.objects.update(**booking.terms.times(elsewhere))
    assert "has changed in the meantime" in text(dashboard.post(form.action, form.fields, follow=True))
    assert Booking.objects.get().starts_at == elsewhere


@pytest.mark.parametrize("start", ["", "nonsense", "2020-01-01T09:00:00+11:00", "2027-01-01"])
def test_what_is_no_free_time_shows_the_list_again(dashboard: Client, booking: Booking, start: str) -> None:
    page = dashboard.get(page_of(booking), {"start": start})
    assert page.status_code == 400
    assert page.context["month"].has_times


def test_dropped_between_two_starts_the_nearest_are_offered(dashboard: Client, booking: Booking) -> None:
    """What the calendar sends is a clock time."""
    dropped = f"{soon(booking.tradie, hour=11):%Y-%m-%d}T11:10:00"
    page = dashboard.get(page_of(booking), {"start": dropped})
    assert page.status_code == 400
    assert [f"{in_zone(one.starts, booking.tradie.timezone):%H:%M}" for one in page.context["nearest"]] == [
        "10:30",
        "11:00",
        "11:30",
    ]
    page = dashboard.get(page_of(booking), {"start": dropped.replace("11:10", "11:30")})
    assert page.context["starts"] == soon(booking.tradie, hour=11, minute=30)


def test_where_the_clocks_change_a_job_is_dropped_where_it_was_let_go(dashboard: Client, sam: Tradie) -> None:
    """Before the change the clock is another hour from UTC than at noon."""
    Tradie.objects.update(horizon_days=250)
    replace_week(sam.calendars.get(), {day: [(0, 1440)] for day in range(7)})
    booking, noon = make_booking(make_service(sam), soon(sam)), soon(sam, hour=12)
    while (noon + A_DAY).utcoffset() == noon.utcoffset():
        noon += A_DAY
    change = noon + A_DAY
    for hour in (1, 5):
        page = dashboard.get(page_of(booking), {"start": f"{change:%Y-%m-%d}T{hour:02}:00:00"})
        assert in_zone(page.context["starts"], sam.timezone) == change.replace(hour=hour)


@pytest.mark.parametrize("status", [Status.REQUESTED, Status.CANCELLED, Status.COMPLETED])
def test_what_is_not_certain_is_not_moved(dashboard: Client, booking: Booking, status: Status) -> None:
    Booking.objects.update(status=status)
    page = dashboard.get(page_of(booking))
    assert page.context["refusal"]
    assert "month" not in page.context
    assert dashboard.post(page_of(booking))["Location"] == f"/dashboard/bookings/{booking.pk}"
    assert page_of(booking) not in text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))

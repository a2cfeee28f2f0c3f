"""The page "New booking": for a customer who rang. What may be booked is in api/test_manual_booking.py."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.models import Calendar
from bookings.models import Booking, Status
from invoicing.models import Receipt
from local.testing.cast import make_booking, owner_of, soon
from peepopay.local_time import clock
from web.tests.page_forms import forms_of

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/dashboard/bookings/new"
JO = {
    "customer_name": "Jo Citizen",
    "customer_phone": "0412 345 678",
    "customer_email": "",
    "address_line1": "1 George Street",
    "address_suburb": "Newtown",
    "address_postcode": "2042",
}


@pytest.fixture
def office(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def filled_in(client: Client, service: Service, **changes: str) -> dict[str, str]:
    """What the page sends once somebody has typed it for Jo, at nine on the third day from now."""
    form = forms_of(client.get(NEW))[-1]
    day = f"{soon(service.tradie):%Y-%m-%d}"
    typed = {"service": str(service.pk), "day": day, "deposit": "waive"}
    typed |= {"start": "another", "other_time": "09:00"}
    return form.fields | JO | typed | changes


def test_it_is_one_tap_from_today_and_from_the_list(office: Client, drain: Service) -> None:
    for page in ("/dashboard/", "/dashboard/bookings"):
        assert f'href="{NEW}"' in office.get(page).content.decode()
    Service.objects.all().delete()
    assert "First add a service" in text_of(office.get(NEW))


def test_it_begins_with_the_first_day_that_has_free_times(office: Client, drain: Service) -> None:
    page = office.get(NEW)
    day = page.context["day"]
    assert page.context["times"]
    assert 0 <= (day - timezone.localdate()).days <= 2
    assert page.context["form"]["deposit"].value() == "link"


def test_another_days_free_times_are_shown_and_nothing_typed_is_lost(office: Client, quote: Service) -> None:
    taken = make_booking(quote, soon(quote.tradie))
    page = office.post(NEW, filled_in(office, quote, other_time="") | {"look": "1"})
    assert page.status_code == 200
    offered = [label for _, label in page.context["form"].fields["start"].choices]
    assert clock(taken.starts_at, "Australia/Sydney") not in offered
    assert "9:30 am" in offered
    assert page.context["form"]["customer_name"].value() == "Jo Citizen"
    assert Booking.objects.count() == 1


def test_a_free_time_is_booked_however_often_the_button_is_pressed(office: Client, quote: Service) -> None:
    start = soon(quote.tradie)
    sent = filled_in(office, quote, other_time="", start=start.isoformat(), notes="Ring first") | {
        "book": "1"
    }
    for _ in range(2):
        booked = office.post(NEW, sent)
    booking = Booking.objects.get()
    assert booked["Location"] == f"/dashboard/bookings/{booking.pk}"
    assert (booking.starts_at, booking.status, booking.notes) == (start, Status.CONFIRMED, "Ring first")
    assert (booking.customer_phone, booking.customer_email) == ("+61412345678", "")
    assert "Booked: Jo Citizen" in text_of(office.get(booked["Location"]))


def test_cash_and_a_reason_are_asked_for_beside_their_fields(office: Client, drain: Service) -> None:
    sent = filled_in(office, drain, deposit="cash", other_time="19:00")
    page = office.post(NEW, sent)
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["cash_cents"]
    page = office.post(NEW, sent | {"cash_cents": "30"})
    assert "outside the working hours" in str(page.context["form"].errors["override_reason"])
    page = office.post(NEW, sent | {"cash_cents": "30", "override_reason": "After hours"})
    assert page.status_code == 302
    assert Receipt.objects.get().amount_cents == 3_000
    thread = text_of(office.get(page["Location"]))
    assert "$30 cash" in thread
    assert "outside the working hours: After hours" in thread


def test_a_clash_is_said_beside_the_time_that_was_typed(office: Client, quote: Service) -> None:
    make_booking(quote, soon(quote.tradie))
    page = office.post(NEW, filled_in(office, quote))
    assert page.status_code == 400
    assert "There is a booking at that time already" in str(page.context["form"].errors)
    assert Booking.objects.count() == 1


def test_one_time_is_booked_and_not_the_other(office: Client, quote: Service) -> None:
    both = filled_in(office, quote, start=soon(quote.tradie, hour=11).isoformat())
    assert "You chose a free time, too" in str(office.post(NEW, both).context["form"].errors["other_time"])
    # The day was changed after its times were shown.
    other_day = both | {"other_time": "", "day": f"{soon(quote.tradie, days=4):%Y-%m-%d}"}
    assert "isn’t free any more" in str(office.post(NEW, other_day).context["form"].errors["start"])
    assert not Booking.objects.exists()


def test_a_time_that_the_clocks_leave_out_is_refused(office: Client, quote: Service) -> None:
    page = office.post(NEW, filled_in(office, quote, day="2027-10-03", other_time="02:30"))
    assert "The clocks change then" in str(page.context["form"].errors["other_time"])


def test_the_time_that_a_link_keeps_is_shown_and_given_back(office: Client, drain: Service) -> None:
    made = office.post(NEW, filled_in(office, drain, deposit="link"))
    booking = Booking.objects.get()
    page = text_of(office.get(made["Location"]))
    assert "Kept for Jo Citizen" in page
    assert "It’s booked once Jo Citizen pays the deposit of $30" in page
    assert "Jo Citizen" in text_of(office.get("/dashboard/bookings"))
    assert "Give the time back" in page
    office.post(f"/dashboard/bookings/{booking.pk}/let-go")
    booking.refresh_from_db()
    assert booking.status == Status.EXPIRED
    # A customer's own hold is theirs.
    theirs = make_booking(drain, soon(drain.tradie), status=Status.PENDING)
    office.post(f"/dashboard/bookings/{theirs.pk}/let-go")
    theirs.refresh_from_db()
    assert theirs.status == Status.PENDING


def test_a_customer_who_is_known_is_picked(office: Client, drain: Service, quote: Service) -> None:
    before = make_booking(quote, soon(quote.tradie, days=-9), customer_name="Max Power")
    found = office.get(NEW, {"q": "max"})
    assert f'href="?from={before.pk}"' in found.content.decode()
    form = office.get(NEW, {"from": str(before.pk)}).context["form"]
    assert (form["customer_name"].value(), form["service"].value()) == ("Max Power", str(quote.pk))


def test_the_day_of_the_calendar_is_taken_along(office: Client, quote: Service) -> None:
    day = timezone.localdate() + timedelta(days=9)
    assert office.get(NEW, {"day": f"{day}"}).context["form"]["day"].value() == day
    assert office.get(NEW, {"day": "tomorrow"}).status_code == 200


def test_of_several_one_can_be_named(office: Client, quote: Service, van: Calendar) -> None:
    office.post(NEW, filled_in(office, quote, calendar=str(van.pk)))
    assert Booking.objects.get().calendar == van


def test_a_suburb_that_is_elsewhere_is_said_beside_its_field(office: Client, quote: Service) -> None:
    page = office.post(NEW, filled_in(office, quote, address_suburb="Perth"))
    assert page.context["form"].errors["address_suburb"] == [
        "Perth isn't in 2042. 2042 has Enmore and Newtown."
    ]
    assert not Booking.objects.exists()

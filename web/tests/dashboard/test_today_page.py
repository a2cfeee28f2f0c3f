"""Today: the tradie's own date, who paid, what waits, and what to do first when nothing is there yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.job_lists import day_bounds
from bookings.models import Booking, Status
from local.testing.cast import at, make_booking, make_service, make_tradie, owner_of
from payments.models import Payment, PaymentStatus
from peepopay.local_time import in_zone


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def pay(booking: Booking, **changes: Any) -> Payment:
    fields = {
        "status": PaymentStatus.SUCCEEDED,
        "account_id": "acct_demo_joe",
        "intent_id": f"pi_{booking.pk.hex}",
        "amount_cents": booking.deposit_cents,
        "created_at": timezone.now(),
    }
    return Payment.objects.create(booking=booking, **{**fields, **changes})


def let_it_be_morning(tradie: Tradie) -> None:
    """Where they are, whatever the time is here: most of today is to come."""
    ahead = (6 - timezone.now().hour + 12) % 24 - 12
    tradie.timezone = f"Etc/GMT{-ahead:+}"
    tradie.save(update_fields=["timezone"])


def today_in(tradie: Tradie, hour: int) -> Any:
    return in_zone(timezone.now(), tradie.timezone).replace(hour=hour, minute=0, second=0, microsecond=0)


def test_only_the_jobs_of_the_tradies_own_date(dashboard: Client, sam: Tradie, drain: Service) -> None:
    begins, ends = day_bounds(in_zone(timezone.now(), sam.timezone).date(), sam.timezone)
    make_booking(drain, begins - timedelta(hours=1), customer_name="Late Yesterday")
    make_booking(drain, begins, customer_name="First Thing")
    make_booking(drain, ends - timedelta(hours=1), customer_name="Last Thing")
    make_booking(drain, ends, customer_name="Tomorrow Early")
    names = [job.customer_name for job in dashboard.get("/dashboard/").context["jobs"]]
    assert names == ["First Thing", "Last Thing"]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2027-04-04", "Australia/Sydney", 25),
        ("2026-10-04", "Australia/Sydney", 23),
        ("2027-04-04", "Australia/Perth", 24),
    ],
)
def test_a_local_day_is_as_long_as_the_clock_says(day: str, zone: str, hours: int) -> None:
    begins, ends = day_bounds(at(f"{day} 12:00 +10:00").date(), zone)
    assert ends - begins == timedelta(hours=hours)


def test_it_says_who_paid_and_offers_call_and_map(dashboard: Client, sam: Tradie, drain: Service) -> None:
    pay(make_booking(drain, today_in(sam, 23)))
    page = dashboard.get("/dashboard/").content.decode()
    assert "Paid $30" in page
    assert 'href="tel:+61412345678"' in page
    assert "query=1+George+Street%2C+Newtown+NSW+2042" in page


def test_requests_can_be_answered_right_there(dashboard: Client, sam: Tradie) -> None:
    service = make_service(sam, deposit_kind="none", requires_approval=True)
    booking = make_booking(service, status=Status.REQUESTED, confirmed_at=None)
    assert f"/dashboard/bookings/{booking.pk}/approve" in dashboard.get("/dashboard/").content.decode()
    dashboard.post(f"/dashboard/bookings/{booking.pk}/approve")
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_an_empty_business_is_told_what_to_do_first(client: Client, db: None) -> None:
    tradie = make_tradie(slug="new-one")
    tradie.calendars.get().working_hours.all().delete()
    client.force_login(owner_of(tradie))
    page = client.get("/dashboard/").content.decode()
    assert "Add the first service customers can book." in page
    assert "Set the hours you work." in page
    assert "http://testserver/book/new-one" in page
    assert "&lt;peepopay-booking tradie=&quot;new-one&quot;&gt;" in page


def test_services_with_a_deposit_need_card_payments(dashboard: Client, sam: Tradie, drain: Service) -> None:
    assert dashboard.get("/dashboard/").context["next_step"] is None
    sam.connected_account.delete()
    assert "Connect Stripe: until then" in dashboard.get("/dashboard/").content.decode()


def test_it_takes_as_many_queries_for_three_jobs_as_for_one(
    dashboard: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    pay(make_booking(drain, today_in(sam, 22)))
    dashboard.get("/dashboard/")
    with django_assert_num_queries(15):
        dashboard.get("/dashboard/")
    for hour in (20, 21):
        pay(make_booking(drain, today_in(sam, hour)))
    with django_assert_num_queries(15):
        dashboard.get("/dashboard/")

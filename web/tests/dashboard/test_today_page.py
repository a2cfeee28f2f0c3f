"""Today: the tradie's own date, who paid, what waits, and what to do first when nothing is there yet."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.models import TimeOff
from bookings import lifecycle
from bookings.actors import By
from bookings.job_lists import day_bounds
from bookings.models import Actor, Booking, EventKind, Status
from bookings.on_my_way import may_set_out
from local.testing.cast import at, make_booking, make_service, make_tradie, owner_of
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Message
from payments import approvals
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


def test_requests_are_not_counted_as_jobs(dashboard: Client, sam: Tradie, drain: Service) -> None:
    let_it_be_morning(sam)
    make_booking(drain, today_in(sam, 20))
    make_booking(drain, today_in(sam, 22), status=Status.REQUESTED)
    assert "1 job today, 1 request</h2>" in dashboard.get("/dashboard/").content.decode()


def test_a_request_whose_time_has_passed_waits_for_nobodys_yes(dashboard: Client, sam: Tradie) -> None:
    service = make_service(sam, deposit_kind="none", requires_approval=True)
    gone = timezone.now() - timedelta(minutes=1)
    booking = make_booking(service, gone, status=Status.REQUESTED, confirmed_at=None)
    assert "Waiting for your yes" not in dashboard.get("/dashboard/").content.decode()
    url = f"/dashboard/bookings/{booking.pk}"
    assert f"{url}/approve" not in dashboard.get(url).content.decode()
    page = dashboard.post(f"{url}/approve", follow=True)
    assert "The time of this request has passed" in page.content.decode()
    assert not lifecycle.approve_request(booking, by=By(Actor.TRADIE), now=timezone.now())
    booking.refresh_from_db()
    assert booking.status == Status.REQUESTED
    assert approvals.lapse_requests(now=timezone.now()) == 1
    told = Message.objects.filter(about=booking.pk).values_list("kind", flat=True)
    assert {"request_lapsed", "request_lapsed_tradie"} == set(told)


def test_services_with_a_deposit_need_card_payments(dashboard: Client, sam: Tradie, drain: Service) -> None:
    assert dashboard.get("/dashboard/").context["next_step"] is None
    sam.connected_account.delete()
    assert "Connect Stripe: until then" in dashboard.get("/dashboard/").content.decode()


def test_it_takes_as_many_queries_for_300_jobs_as_for_three(
    dashboard: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    let_it_be_morning(sam)
    short = make_service(sam, duration_minutes=5, position=1)
    made = 0
    for number in (3, 300):
        for count in range(made, number):
            pay(make_booking(short, today_in(sam, 0) + timedelta(minutes=5 * count)))
        made = number
        dashboard.get("/dashboard/")
        with django_assert_num_queries(24):
            dashboard.get("/dashboard/")


def problems(client: Client) -> list[str]:
    return [problem.text for problem in client.get("/dashboard/").context["problems"]]


def test_what_keeps_customers_from_booking_comes_first(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    assert problems(dashboard) == []
    mine, now = sam.calendars.get(), timezone.now()
    TimeOff.objects.create(calendar=mine, starts_at=now, ends_at=now + timedelta(days=16))
    assert problems(dashboard) == ["Customers find no free time for “Blocked drain” in the next 14 days."]
    page = dashboard.get("/dashboard/").content.decode()
    assert page.index("Needs you first") < page.index("Nothing booked today")
    Tradie.objects.filter(pk=sam.pk).update(is_open=False)
    assert problems(dashboard) == ["Online booking is switched off: customers can't book a time."]


def test_a_message_that_never_arrived_is_said_once_for_a_booking(
    dashboard: Client, sam: Tradie, drain: Service, lee: User
) -> None:
    booking, other = make_booking(drain, customer_name="Thea"), make_booking(drain)
    now = timezone.now()
    for number, (about, dead_at, done_at) in enumerate(
        [
            (booking, now, None),
            (booking, now, None),
            (other, None, None),
            (other, now, now),
            (other, now - timedelta(days=15), None),
        ]
    ):
        Message.objects.create(
            tradie=sam,
            about=about.pk,
            kind="booking_confirmed",
            audience="customer",
            channel="sms",
            recipient="+61412345678",
            dedupe_key=str(number),
            dead_at=dead_at,
            done_at=done_at,
        )
    assert problems(dashboard) == ["A text about the booking of Thea couldn't be delivered."]
    assert f"/dashboard/bookings/{booking.pk}" in dashboard.get("/dashboard/").content.decode()
    worker = Client()
    worker.force_login(lee)
    assert "Needs you first" not in worker.get("/dashboard/").content.decode()


def test_of_requests_and_overdue_jobs_three_are_shown_and_the_rest_counted(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    for number in range(4):
        make_booking(drain, timezone.now() - timedelta(days=2, hours=2 * number))
    for _ in range(5):
        make_booking(drain, status=Status.REQUESTED)
    context = dashboard.get("/dashboard/").context
    assert [len(context[name]) for name in ("to_close", "asked")] == [3, 3]
    page = dashboard.get("/dashboard/").content.decode()
    assert re.findall(r'href="/dashboard/bookings\?show=action">([^<]+)<', page) == ["See all 5", "See all 4"]
    listed = dashboard.get("/dashboard/bookings?show=action").context["page"].items
    assert len(listed) == 9


def test_money_is_for_who_may_see_it(dashboard: Client, sam: Tradie, lee: User) -> None:
    assert "In the last 7 days" in dashboard.get("/dashboard/").content.decode()
    worker = Client()
    worker.force_login(lee)
    assert "In the last 7 days" not in worker.get("/dashboard/").content.decode()


def test_the_week_counts_what_is_done_or_to_do_on_each_local_day(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    today = in_zone(timezone.now(), sam.timezone).date()
    monday = today - timedelta(days=today.weekday())
    begins, ends = (
        day_bounds(monday, sam.timezone)[0],
        day_bounds(monday + timedelta(days=6), sam.timezone)[1],
    )
    make_booking(drain, begins)
    make_booking(drain, begins + timedelta(hours=3))
    make_booking(drain, ends - timedelta(hours=1), status=Status.COMPLETED)
    make_booking(drain, begins + timedelta(hours=6), status=Status.CANCELLED)
    make_booking(drain, begins - timedelta(hours=1))
    make_booking(drain, ends)
    week = dashboard.get("/dashboard/").context["week"]
    assert [(one.day, one.jobs, one.height) for one in week] == [
        (monday, 2, 100),
        *((monday + timedelta(days=number), 0, 0) for number in range(1, 6)),
        (monday + timedelta(days=6), 1, 50),
    ]


def test_setting_out_is_told_once_and_only_for_what_is_close(
    dashboard: Client, sam: Tradie, drain: Service, sent: Sent
) -> None:
    far = make_booking(drain, timezone.now() + timedelta(hours=4))
    assert "On my way" not in dashboard.get("/dashboard/").content.decode()
    dashboard.post(f"/dashboard/bookings/{far.pk}/on-my-way")
    near = make_booking(drain, timezone.now() + timedelta(hours=1), customer_email="near@example.com")
    page = dashboard.get("/dashboard/").content.decode()
    assert f"/dashboard/bookings/{near.pk}/on-my-way" in page
    assert 'href="sms:+61412345678"' in page
    for _ in range(2):
        dashboard.post(f"/dashboard/bookings/{near.pk}/on-my-way")
    page = dashboard.get("/dashboard/").content.decode()
    assert "Told that you’re on your way" in page
    assert "/on-my-way" not in page
    deliver_all(now=timezone.now())
    assert [mail["To"] for mail in sent.mails] == ["near@example.com"]
    assert "is on the way to you" in body(sent.mails[0], "plain")
    assert sent.sms[0]["body"].startswith("Sam's Plumbing: on our way to you. Expect us about ")
    assert near.events.filter(kind=EventKind.ON_MY_WAY).count() == 1


def test_a_job_that_moved_is_another_journey(sam: Tradie, drain: Service) -> None:
    now = timezone.now()
    booking = make_booking(drain, now + timedelta(hours=1), on_my_way_at=now)
    assert not may_set_out(booking, now)
    booking.starts_at += timedelta(days=1)
    booking.ends_at += timedelta(days=1)
    assert may_set_out(booking, now + timedelta(days=1))
    booking.status = Status.COMPLETED
    assert not may_set_out(booking, now + timedelta(days=1))

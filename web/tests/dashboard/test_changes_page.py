"""The page of what changed: every change on the dashboard, by whom; for owners."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.audit_models import AuditEntry, Change
from accounts.models import Service, Tradie, User
from availability import catalogue, crew, hours, time_off
from availability.models import TimeOff
from bookings.erasure import erase_due
from bookings.models import Status
from local.testing.cast import PASSWORD, gave_password_again, make_booking, owner_of
from local.testing.pressing import ONE_PAGE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    gave_password_again(client, owner_of(sam))
    return client


def text(response: Any) -> str:
    return response.content.decode()


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("kind", flat=True))


def test_without_any_it_says_what_will_be_here(dashboard: Client) -> None:
    assert "Nothing yet. From now on you see here who signs in" in text(dashboard.get("/dashboard/changes"))


def test_it_says_who_did_what_and_when(dashboard: Client, sam: Tradie, kim: User) -> None:
    client = Client()
    client.force_login(kim)
    service = {"name": "Blocked drain", "duration_minutes": 60, "price_cents": "120", "deposit_kind": "none"}
    service |= {"buffer_before_minutes": 0, "buffer_after_minutes": 0, "free_cancellation_hours": 24}
    service["arrival_window_minutes"] = 0
    service |= {"late_fee_cents": 0, "no_refund_hours": 2, "no_show_fee_cents": 0}
    service |= {"deposit_fixed_cents": 0, "deposit_percent": 0, "description": "", "questions": ""}
    service |= {"late_fee_kind": "fixed", "late_fee_percent": 0, "follows_business_policy": "True"}
    service |= {"deposit_is": "security", "cap_override_reason": "", "start_from": ""}
    service |= {"deposit_is": "security", "follows_business_policy": "True", "late_fee_kind": "fixed"}
    made = client.post("/dashboard/services/new", service | ONE_PAGE)
    assert made.status_code == 302, text(made)
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.about, entry.user, entry.tradie) == ("service_added", "Blocked drain", kim, sam)
    assert entry.request_id
    page = text(dashboard.get("/dashboard/changes"))
    assert "Added a service: Blocked drain" in page
    assert "<bdi>Kim</bdi>" in page


def test_who_does_the_jobs_is_there(sam: Tradie, drain: Service) -> None:
    bree = crew.add_calendar(sam, "Bree", first_name="Sam")
    crew.change_calendar(bree, name="Bree", does={drain: False})
    crew.stop_calendar(bree)
    crew.stop_calendar(bree)  # which changes nothing
    crew.start_calendar(bree)
    crew.let_customers_choose(sam, True)
    assert list(AuditEntry.objects.order_by("id").values_list("kind", "about", "detail")) == [
        ("crew_changed", "Bree", "added"),
        ("crew_changed", "Bree", ""),
        ("crew_changed", "Bree", "takes no more bookings"),
        ("crew_changed", "Bree", "takes bookings again"),
        ("crew_changed", "", "customers may ask for one of them"),
    ]


def test_what_was_saved_as_it_was_is_not_there(sam: Tradie, drain: Service) -> None:
    calendar = sam.calendars.get()
    catalogue.change_business(sam, ["business_name"])
    catalogue.change_service(sam, drain, [])
    catalogue.offer_service(sam, drain, is_active=True)
    assert not hours.clear_date(calendar, date(2027, 1, 14))
    crew.change_calendar(calendar, name=calendar.name, worker=calendar.worker, does={drain: True})
    crew.let_customers_choose(sam, sam.customers_choose_who)
    hours.change_booking_rules(calendar, sam)
    assert kinds() == []
    catalogue.change_service(sam, drain, [calendar])
    assert AuditEntry.objects.get().detail == "who can do it"


def test_hours_and_time_off_are_there_once_however_often_they_are_saved(sam: Tradie) -> None:
    calendar, day = sam.calendars.get(), date(2027, 1, 14)
    week = {0: [(480, 720), (720, 960)], 1: [(480, 960)]}
    midday = datetime(2027, 1, 14, 1, tzinfo=UTC)
    block = TimeOff(starts_at=midday, ends_at=midday + timedelta(hours=2))
    for _ in range(2):
        hours.replace_week(calendar, week)
        hours.replace_date(calendar, day, [(600, 700)], reason="Show day")
        time_off.save_time_off(calendar, block)
    assert kinds() == ["hours_changed", "hours_changed", "time_off_changed"]
    calendar.minimum_notice_minutes += 60
    hours.change_booking_rules(calendar, sam)
    assert AuditEntry.objects.latest("id").detail == "minimum notice minutes from 120 to 180"


def test_what_the_business_cancels_is_there_without_its_customer(
    dashboard: Client, sam: Tradie, quote: Service
) -> None:
    booking = make_booking(quote)
    dashboard.post(f"/dashboard/bookings/{booking.pk}/cancel", {"reason": "Jo Citizen rang"})
    dashboard.get("/dashboard/")  # shows the notice
    page = text(dashboard.get("/dashboard/changes"))
    assert f"Cancelled a booking: {booking.reference}" in page
    assert "Citizen" not in page


def test_erasing_is_there(dashboard: Client, sam: Tradie, quote: Service) -> None:
    make_booking(quote, timezone.now() - timedelta(days=3000), status=Status.COMPLETED)
    erase_due(now=timezone.now())
    assert [(entry.kind, entry.detail, entry.user) for entry in AuditEntry.objects.all()] == [
        ("details_erased", "of one booking, as its time was up", None)
    ]


def test_webhooks_are_there_by_their_host(dashboard: Client) -> None:
    sent = {
        "url": "https://hooks.example.com/secret-path",
        "event_types": ["booking.confirmed"],
        "description": "",
    }
    dashboard.post("/dashboard/connections/webhooks/new", sent | ONE_PAGE)
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.about) == ("webhook_added", "hooks.example.com")


def test_a_sign_in_with_a_new_browser_is_there_once(sam: Tradie) -> None:
    client, owner = Client(), owner_of(sam)
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    for _ in range(2):
        client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
        assert "_auth_user_id" in client.session
        client.post("/accounts/logout/")
    assert kinds() == ["signed_in"]
    assert AuditEntry.objects.get().user == owner


def test_nobodys_work_is_put_down_to_whoever_came_before(dashboard: Client, sam: Tradie) -> None:
    dashboard.get("/dashboard/changes")
    dashboard.get("/api/me")
    audit.note(sam.pk, Change.SERVICE_ADDED)
    assert AuditEntry.objects.get().user is None


def test_it_comes_in_pages_and_costs_the_same_however_many(
    dashboard: Client, sam: Tradie, alex: Tradie, django_assert_max_num_queries: Any
) -> None:
    audit.note(alex.pk, Change.SERVICE_ADDED, about="Not Sam's")
    counts = []
    for many in (1, 60):
        for number in range(many):
            audit.note(sam.pk, Change.SERVICE_ADDED, about=f"Job {number}", user_id=owner_of(sam).pk)
        with django_assert_max_num_queries(6) as counted:
            first = text(dashboard.get("/dashboard/changes"))
        counts.append(len(counted))
    assert counts[0] == counts[1]
    assert (first.count("Added a service"), "Page 1" in first, "Not Sam" in first) == (50, True, False)
    assert text(dashboard.get("/dashboard/changes?page=2")).count("Added a service") == 11

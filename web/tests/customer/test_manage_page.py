"""The customer's page: looks without changing, says exactly what comes back, cancels on a button."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.crew import add_calendar
from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service
from peepopay.throttling import TokenAttempts
from web.tests.dashboard.test_today_page import pay


def url_of(booking: Booking, rest: str = "") -> str:
    return f"/manage/{token_of(booking)}{rest}"


@pytest.fixture
def paid(sam: Tradie) -> Booking:
    """In ten days, $30 paid; $10 kept from 24 hours before, all of it from 2 hours before."""
    booking = make_booking(make_service(sam, late_fee_cents=1_000), in_hours(240))
    pay(booking)
    return booking


def in_hours(hours: float) -> Any:
    return (timezone.now() + timedelta(hours=hours)).replace(second=0, microsecond=0)


def moved(booking: Booking, hours: float) -> Booking:
    Booking.objects.filter(pk=booking.pk).update(**booking.terms.times(in_hours(hours)))
    booking.refresh_from_db()
    return booking


def test_it_says_what_when_where_and_how_much(client: Client, paid: Booking, sam: Tradie) -> None:
    page = client.get(url_of(paid)).content.decode()
    for text in (
        "booked in</h1>",
        "Blocked drain",
        "Sydney time",
        "1 George Street",
        "$30",
        "Free to cancel until",
    ):
        assert text in page, text


def test_it_is_private(client: Client, paid: Booking) -> None:
    for rest in ("", "/cancel", "/booking.ics"):
        response = client.get(url_of(paid, rest))
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
        assert not response.cookies


@pytest.mark.parametrize(("hours", "back_cents"), [(25, 3_000), (23, 2_000), (1, 0)])
def test_the_figure_on_the_button_is_what_comes_back(
    hours: int, back_cents: int, client: Client, paid: Booking
) -> None:
    booking = moved(paid, hours)
    form = client.get(url_of(booking, "/cancel")).context["form"]
    assert form["refund_cents"].value() == back_cents
    # A form posted by a browser under no-referrer carries `Origin: null`.
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    answer = strict.post(url_of(booking, "/cancel"), {"refund_cents": back_cents, "reason": "Sold the house"})
    assert answer["Location"] == url_of(booking)
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_reason) == (Status.CANCELLED, "Sold the house")
    assert booking.payments.get().reserved_cents == back_cents


def test_a_figure_that_changed_meanwhile_is_shown_again_instead(client: Client, paid: Booking) -> None:
    booking = moved(paid, 23)
    page = client.post(url_of(booking, "/cancel"), {"refund_cents": "3000", "reason": "No need"})
    assert "What comes back has changed" in page.content.decode()
    assert "get $20 back" in page.content.decode()
    assert "No need" in page.content.decode()
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


@pytest.mark.parametrize("sent", [{}, {"refund_cents": "-1"}, {"refund_cents": "x"}])
def test_a_button_without_its_figure_changes_nothing(
    sent: dict[str, str], client: Client, paid: Booking
) -> None:
    assert client.post(url_of(paid, "/cancel"), sent).status_code == 400
    paid.refresh_from_db()
    assert paid.status == Status.CONFIRMED


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.CONFIRMED, Status.REQUESTED)])
def test_what_cannot_be_cancelled_shows_how_it_stands(status: Status, client: Client, drain: Service) -> None:
    booking = make_booking(drain, status=status)
    assert client.get(url_of(booking)).status_code == 200
    answer = client.post(url_of(booking, "/cancel"), {"refund_cents": "0"})
    assert answer["Location"] == url_of(booking)
    booking.refresh_from_db()
    assert booking.status == status


def test_a_job_that_has_begun_is_not_cancelled_online(client: Client, drain: Service) -> None:
    booking = moved(make_booking(drain), -0.5)
    assert "Cancel this booking" not in client.get(url_of(booking)).content.decode()
    client.post(url_of(booking, "/cancel"), {"refund_cents": "0"})
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_the_calendar_file_is_one(client: Client, paid: Booking) -> None:
    response = client.get(url_of(paid, "/booking.ics"))
    assert response["Content-Type"].startswith("text/calendar")
    assert response.content.startswith(b"BEGIN:VCALENDAR")


def test_guessing_is_stopped(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(TokenAttempts, "limit", 3)
    answers = [client.get("/manage/guess").status_code for _ in range(5)]
    assert answers == [404, 404, 404, 429, 429]


def test_strange_text_is_shown_as_text(client: Client, drain: Service) -> None:
    booking = make_booking(drain, service_name="<script>alert(1)</script> مرحبا 🔧")
    page = client.get(url_of(booking)).content.decode()
    assert "<script>alert" not in page
    assert "مرحبا 🔧" in page


def test_it_says_who_comes_only_where_there_are_several(client: Client, sam: Tradie, paid: Booking) -> None:
    assert "Who comes" not in client.get(url_of(paid)).content.decode()
    add_calendar(sam, "Van 2", first_name="Sam")
    page = client.get(url_of(paid)).content.decode()
    assert '<dt>Who comes</dt><dd dir="auto">Sam</dd>' in page

"""Nobody was there: the money first, then the press of a button; taken back within a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie, User
from bookings.models import Booking, Status
from local.testing.cast import make_booking, owner_of
from payments.models import CardConsent, FeeCharge, Payment
from payments.tests.no_showing import make_job
from web.tests.page_forms import PageForm, forms_of

from .test_today_page import pay


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def booking(sam: Tradie) -> Booking:
    """Jo paid $30, let the card be charged $70 more, and isn't there."""
    booking = make_booking(make_job(sam), timezone.now() - timedelta(minutes=20))
    pay(booking)
    CardConsent.objects.create(
        booking=booking,
        account_id="acct_demo_joe",
        text="Yes",
        version=1,
        cap_cents=7_000,
        given_at=timezone.now(),
        customer_id="cus_1",
        payment_method_id="pm_1",
        saved_at=timezone.now(),
    )
    return booking


def url(booking: Booking, more: str = "") -> str:
    return f"/dashboard/bookings/{booking.pk}/no-show{more}"


def forms(response: Any) -> list[PageForm]:
    return [form for form in forms_of(response) if not form.action.startswith("/accounts/")]


def text(response: Any) -> str:
    return response.content.decode()


def presses(client: Client, booking: Booking) -> list[dict[str, str]]:
    (form,) = forms(client.get(url(booking)))
    return [{name: value for name, value in sent.items() if value} for sent in form.presses()]


def test_the_page_says_first_what_is_kept_and_charged(dashboard: Client, booking: Booking) -> None:
    shown = text(dashboard.get(url(booking)))
    for part in ("you keep it</dt><dd>$30<", "Charged to the saved card now</dt><dd>$70<", "within a day"):
        assert part in shown
    assert [sent["charge_cents"] for sent in presses(dashboard, booking)] == ["7000", "0"]
    assert not FeeCharge.objects.exists()


def test_pressed_twice_it_is_charged_once(dashboard: Client, booking: Booking) -> None:
    sent = presses(dashboard, booking)[0]
    first, second = (dashboard.post(url(booking), sent, follow=True) for _ in range(2))
    assert "Marked as a no-show. We&#x27;re charging $70 to the saved card." in text(first)
    assert "The figures have changed" in text(second)
    assert FeeCharge.objects.get().amount_cents == 7_000
    assert "We’re charging $70 to the saved card." in text(first)


def test_marked_only_it_can_still_be_charged(dashboard: Client, booking: Booking) -> None:
    shown = text(dashboard.post(url(booking), {"charge_cents": "0"}, follow=True))
    assert "No card was charged." in shown
    assert "Charge the fee of $70" in shown
    assert [sent["charge_cents"] for sent in presses(dashboard, booking)] == ["7000"]
    assert "We&#x27;re charging $70" in text(
        dashboard.post(url(booking), {"charge_cents": "7000"}, follow=True)
    )


def test_another_figure_changes_nothing(dashboard: Client, booking: Booking) -> None:
    assert "The figures have changed" in text(
        dashboard.post(url(booking), {"charge_cents": "9000"}, follow=True)
    )
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_before_the_start_it_says_so_and_has_no_button(dashboard: Client, booking: Booking) -> None:
    Booking.objects.update(**booking.terms.times(timezone.now() + timedelta(hours=1)))
    shown = dashboard.get(url(booking))
    assert "hasn&#x27;t started yet" in text(shown)
    assert [sent for form in forms(shown) for sent in form.presses() if "charge_cents" in sent] == []
    assert "hasn&#x27;t started yet" in text(dashboard.post(url(booking), {}, follow=True))


def test_whoever_is_there_marks_it_and_the_office_charges(
    client: Client, booking: Booking, lee: User, kim: User, sam: Tradie
) -> None:
    client.force_login(lee)
    assert "Your office can charge $70" in text(client.get(url(booking)))
    client.post(url(booking), {"charge_cents": "7000"})
    booking.refresh_from_db()
    assert (booking.status, FeeCharge.objects.count()) == (Status.NO_SHOW, 0)
    client.force_login(kim)
    client.post(url(booking), {"charge_cents": "7000"})
    assert FeeCharge.objects.count() == 1
    client.force_login(lee)
    assert "Only the office can take this" in text(client.post(url(booking, "/undo"), follow=True))


def test_it_is_taken_back_within_a_day(dashboard: Client, booking: Booking) -> None:
    dashboard.post(url(booking), {"charge_cents": "7000"})
    shown = text(dashboard.post(url(booking, "/undo"), follow=True))
    assert "Taken back: the booking stands as before" in shown
    booking.refresh_from_db()
    assert (booking.status, Payment.objects.latest("created_at").status) == (Status.CONFIRMED, "canceled")


def test_after_a_day_it_cannot_be(dashboard: Client, booking: Booking) -> None:
    dashboard.post(url(booking), {"charge_cents": "0"})
    long_ago = timezone.now() - timedelta(days=2)
    Booking.objects.update(no_show_at=long_ago + timedelta(hours=1), **booking.terms.times(long_ago))
    assert "can’t be taken back" in text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))
    assert "can be taken back for a day" in text(dashboard.post(url(booking, "/undo"), follow=True))


def test_without_a_card_it_says_what_stays_unpaid(dashboard: Client, booking: Booking) -> None:
    CardConsent.objects.all().delete()
    shown = text(dashboard.get(url(booking)))
    assert "$70 of the agreed no-show fee isn&#x27;t charged." in shown
    assert [sent.get("charge_cents") for sent in presses(dashboard, booking)] == ["0"]

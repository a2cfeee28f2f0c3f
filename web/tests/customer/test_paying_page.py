"""The page behind a link to pay: a no-show fee whose card could not be charged, or a balance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking
from payments import intents
from payments.models import Bill, CardConsent, FeeCharge, Payment, PaymentKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(drain: Service) -> Booking:
    began = timezone.now() - timedelta(hours=1)
    return make_booking(drain, began, status=Status.NO_SHOW, no_show_at=timezone.now())


def bill(booking: Booking, kind: PaymentKind = PaymentKind.NO_SHOW_FEE) -> Payment:
    payment = intents.new_payment(booking, kind, 7_000, "No-show fee", now=timezone.now())
    if kind == PaymentKind.NO_SHOW_FEE:
        consent = CardConsent.objects.create(
            booking=booking, account_id="a", text="Yes", version=1, cap_cents=7_000, given_at=timezone.now()
        )
        FeeCharge.objects.create(
            payment=payment,
            consent=consent,
            amount_cents=7_000,
            cap_cents=7_000,
            created_at=timezone.now(),
            pay_by=timezone.now() + timedelta(days=7),
            done_at=timezone.now(),
        )
    return payment


def url(booking: Booking) -> str:
    return f"/pay/{token_of(booking)}"


def text(response: Any) -> str:
    return response.content.decode()


def test_it_says_what_for_how_much_and_until_when(client: Client, booking: Booking) -> None:
    bill(booking)
    shown = text(client.get(url(booking)))
    for part in ("Pay the no-show fee", "$70", "Please pay by", 'data-stripe="'):
        assert part in shown
    assert "Pay $70" in text(client.get(f"/manage/{token_of(booking)}"))


def test_its_script_gets_what_it_needs_to_show_the_card_form(
    client: Client, booking: Booking, stripe_app: Any
) -> None:
    payment = bill(booking)
    told = client.post(url(booking), {"card_form": "1"}).json()
    assert (told["account"], told["publishable_key"]) == ("acct_demo_joe", "pk_test_demo")
    stripe_app.pay(told["client_secret"])
    assert client.post(url(booking))["Location"] == url(booking)
    payment.refresh_from_db()
    assert payment.status == "succeeded"
    shown = text(client.get(url(booking)))
    assert "$70 was paid to" in shown
    assert "data-pay" not in shown
    assert client.post(url(booking), {"card_form": "1"}).status_code == 409


def test_a_balance_is_paid_by_the_same_page(client: Client, drain: Service, stripe_app: Any) -> None:
    booking = make_booking(drain, timezone.now() - timedelta(hours=2), status=Status.COMPLETED)
    Bill.objects.create(booking=booking, asked_cents=7_000, asked_at=timezone.now())
    assert "Pay the balance" in text(client.get(url(booking)))
    assert client.post(url(booking), {"card_form": "1"}).status_code == 200


def test_while_stripe_is_away_it_says_so(client: Client, booking: Booking) -> None:
    bill(booking)
    told = client.post(url(booking), {"card_form": "1"})
    assert (told.status_code, bool(told.json()["message"])) == (503, True)
    Payment.objects.update(status="open", intent_id="pi_1")
    assert "done=away" in client.post(url(booking))["Location"]


@pytest.mark.parametrize("why", ["nothing", "late", "taken back"])
def test_what_cannot_be_paid_any_more_is_told_kindly(client: Client, booking: Booking, why: str) -> None:
    if why != "nothing":
        bill(booking)
    if why == "late":
        FeeCharge.objects.update(pay_by=timezone.now() - timedelta(minutes=1))
    if why == "taken back":
        Booking.objects.update(status=Status.CONFIRMED, no_show_at=None)
    shown = client.get(url(booking))
    assert (shown.status_code, "There is nothing to pay here" in text(shown)) == (200, True)
    assert client.post(url(booking), {"card_form": "1"}).status_code == 409

"""Pays a held booking with Stripe's test card, for demo data. Works with any Stripe test key, never with a live one."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking
from payments import stripe_gateway
from payments.deposits import open_deposit
from payments.models import Payment
from payments.settlement import sync


def pay_with_test_card(booking: Booking, card: str, *, now: datetime) -> None:
    """Opens the deposit, confirms it with one of Stripe's test cards (`pm_card_visa`), and settles the booking."""
    open_deposit(booking, now=now)
    payment = Payment.objects.get(booking=booking)
    assert payment.intent_id is not None
    stripe_gateway.client().v1.payment_intents.confirm(
        payment.intent_id, {"payment_method": card}, {"stripe_account": payment.account_id}
    )
    sync(payment, now=now)

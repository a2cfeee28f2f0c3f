"""Pays a held booking with Stripe's test card, for demo data. Works with any Stripe test key, never with a live one."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking

from . import stripe_gateway
from .deposits import open_deposit, sync
from .models import Payment


def pay_with_test_card(booking: Booking, *, now: datetime) -> None:
    """Opens the deposit, confirms it with `pm_card_visa`, and settles the booking."""
    open_deposit(booking, now=now)
    payment = Payment.objects.get(booking=booking)
    stripe_gateway.confirm_with_test_card(payment.account_id, payment.intent_id or "")
    sync(payment.pk, now=now)

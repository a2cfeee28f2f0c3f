"""Pays a held booking with Stripe's test card, and pays out, for demo data. Works with any Stripe test key, never with
a live one."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from bookings.models import Booking
from payments import payouts, stripe_gateway
from payments.deposits import open_deposit
from payments.models import ConnectedAccount, Payment
from payments.settlement import sync
from payments.stripe_gateway import StripeRefused
from peepopay.money import CURRENCY


def pay_with_test_card(booking: Booking, card: str, *, now: datetime) -> None:
    """Opens the deposit, confirms it with one of Stripe's test cards (`pm_card_visa`), and settles the booking."""
    open_deposit(booking, now=now)
    payment = Payment.objects.get(booking=booking)
    assert payment.intent_id is not None
    stripe_gateway.client().v1.payment_intents.confirm(
        payment.intent_id, {"payment_method": card}, {"stripe_account": payment.account_id}
    )
    sync(payment, now=now)


def pay_out(account: ConnectedAccount, *, now: datetime) -> None:
    """A third of what is in the account is in the bank, and half is on its way; where Stripe lets it go already."""
    client, at = stripe_gateway.client().v1, stripe_gateway.options(account.account_id)
    balance = stripe_gateway.ask(lambda: client.balance.retrieve(None, at), lambda answer: answer)
    cents = sum(part.amount for part in (*balance.available, *balance.pending) if part.currency == CURRENCY)

    def send(part: int, method: str) -> None:
        asked: Any = {"amount": part, "currency": CURRENCY, "method": method}
        stripe_gateway.ask(lambda: client.payouts.create(asked, at), lambda answer: answer.id)

    with suppress(StripeRefused):
        send(cents // 3, "instant")
        send(cents // 2, "standard")
    payouts.note_lost(account, now=now)

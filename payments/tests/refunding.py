"""What tests of refunds have in common: a paid booking, and what a tradie does in the Stripe dashboard."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import stripe
from django.utils import timezone

from accounts.models import Service
from bookings.actors import By
from bookings.models import Actor
from local.testing.cast import Api, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import inbox
from payments.cancellations import cancel_booking
from payments.models import Payment, Refund, StripeEvent
from payments.stripe_gateway import client, read_event
from peepopay import outbox
from web.tests.test_webhook import signed

GOOD_CARD = "4242424242424242"


def pay_for_one(
    api: Api, service: Service, stripe_app: StripeWorld, *, card: str = GOOD_CARD, hour: int = 9
) -> Payment:
    """A booking that Jo made and paid for, confirmed."""
    held = api.book(service, soon(service.tradie, hour=hour)).json()
    stripe_app.pay(held["payment"]["client_secret"], card=card)
    confirmed = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    assert confirmed.json()["status"] == "confirmed"
    return Payment.objects.select_related("booking__tradie").get(booking=held["booking"]["id"])


def cancelled(payment: Payment, by: Actor = Actor.TRADIE, now: datetime | None = None) -> Refund:
    """The refund that follows from cancelling; no worker has taken it yet."""
    cancel_booking(payment.booking, by=By(by), now=now or timezone.now())
    return Refund.objects.get(payment=payment, status="requested")


def refund_in_stripe(payment: Payment, cents: int) -> stripe.Refund:
    """By its tradie, in the dashboard of their own account."""
    return client().v1.refunds.create(
        {"payment_intent": payment.intent_id or "", "amount": cents}, {"stripe_account": payment.account_id}
    )


def webhooks_arrive(stripe_app: StripeWorld, *kinds: str) -> None:
    """All events of these kinds, each once, and the workers act on them."""
    for event in stripe_app.events():
        if event["type"] in kinds:
            body = json.dumps(event).encode()
            inbox.store(read_event(body, signed(body, stripe_app.webhook_secret)))
    for row in outbox.open_rows(StripeEvent):
        work_on(row)


def money(payment: Payment) -> tuple[int, int]:
    """(refunded, reserved) cents, as its row has it now."""
    payment.refresh_from_db()
    return payment.refunded_cents, payment.reserved_cents


def refunds_of(payment: Payment) -> list[tuple[str, str, int]]:
    """(origin, status, cents), in the order in which they were made."""
    rows: Any = payment.refunds.order_by("created_at")
    return list(rows.values_list("origin", "status", "amount_cents"))


def told(payment: Payment, *, skipped: bool = False) -> list[str]:
    """The kinds of messages about refunds that go out (or do not, after all)."""
    rows = Message.objects.filter(about=payment.booking_id, kind__regex="refund|balance")
    wanted = rows.exclude(skipped_because="") if skipped else rows.filter(skipped_because="")
    return sorted(wanted.values_list("kind", flat=True))

"""What tests of accepted quotes have in common: a time, a payment, and how the quote stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Tradie
from bookings.models import Booking
from invoicing.quote_models import Quote
from invoicing.quote_states import QuoteState, job_of, state_of
from local.testing.cast import soon
from local.testing.quoting import reread
from notifications.models import WebhookEvent
from notifications.webhooks.endpoints import add_endpoint
from notifications.webhooks.event_types import to_choose_from
from payments import deposits, settlement
from payments.models import Payment

LATER = timedelta(minutes=12)  # past the hold and its grace


def at(quote: Quote, hour: int = 9, days: int = 3) -> datetime:
    return soon(quote.tradie, days=days, hour=hour)


def pay(stripe_app: Any, booking: Booking) -> Any:
    secret = deposits.open_deposit(booking, now=timezone.now()).client_secret
    return stripe_app.pay(secret)


def settle(now: datetime | None = None) -> None:
    for payment in Payment.objects.all():
        settlement.settle(payment, now=now or timezone.now())


def state(quote: Quote, now: datetime | None = None) -> QuoteState:
    job = job_of(quote)
    return state_of(reread(quote), job.status if job else None, now or timezone.now())


def listen(tradie: Tradie) -> None:
    """Its own system is told of what becomes of quotes."""
    kinds = [kind.name for kind in to_choose_from() if kind.name.startswith("quote.")]
    add_endpoint(tradie, url="https://hooks.example.com/", event_types=kinds, now=timezone.now())


def told_of_quotes() -> list[tuple[str, str | None]]:
    """(type, of which job), in order."""
    rows = WebhookEvent.objects.order_by("created_at").values_list("type", "data")
    return [(kind, data["quote"]["booking"]) for kind, data in rows]

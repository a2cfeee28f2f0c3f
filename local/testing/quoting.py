"""Quotes of the cast: written, sent, accepted."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Service
from accounts.service_rules import DepositKind
from bookings.details import Attempt
from bookings.models import Booking
from invoicing import quotes
from invoicing.line_items import Line
from invoicing.quote_acceptance import accept
from invoicing.quote_models import Quote
from invoicing.quote_terms import Pricing
from invoicing.quotes import Writing
from local.testing.cast import JO
from peepopay.local_time import in_zone

LINES = (
    Line("Hot water system", Decimal(1), 150_000),
    Line("Fitting, hours", Decimal("2.5"), 12_000),
)  # $1,800


def writing(service: Service, **changes: Any) -> Writing:
    """$1,800 for Jo, two hours, $100 deposit, two weeks' time to accept it."""
    today = in_zone(timezone.now(), service.tradie.timezone).date()
    given: dict[str, Any] = {
        "customer": JO,
        "service": service,
        "title": "New hot water system",
        "message": "We take the old one away.",
        "lines": LINES,
        "duration_minutes": 120,
        "deposit": Pricing(DepositKind.FIXED, fixed_cents=10_000),
        "last_day": today + timedelta(days=14),
    }
    return Writing(**{**given, **changes})


NO_DEPOSIT = Pricing(DepositKind.NONE)


def sent_quote(service: Service, *, now: datetime | None = None, **changes: Any) -> Quote:
    """As its customer finds it."""
    sent = quotes.send(service.tradie, writing(service, **changes), now=now or timezone.now())
    return reread(sent)


def reread(quote: Quote) -> Quote:
    return Quote.objects.select_related("tradie", "current__service").get(pk=quote.pk)


def accepted(quote: Quote, starts_at: datetime, *, now: datetime | None = None, version: int = 0) -> Booking:
    """What its customer gets for pressing the button on the version they read, by default the one that counts."""
    quote = reread(quote)
    assert quote.current
    number = version or quote.current.number
    return accept(quote, version=number, starts_at=starts_at, attempt=Attempt(), now=now or timezone.now())

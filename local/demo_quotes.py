"""Quotes to try the product with: one that its customer may accept, and one that is being written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Service, Tradie
from accounts.service_rules import DepositKind
from bookings.details import Details
from invoicing import quotes
from invoicing.line_items import Line
from invoicing.quote_terms import Pricing
from invoicing.quotes import Writing
from peepopay.local_time import in_zone


def add_quotes(tradie: Tradie, service: Service, customers: Sequence[Details], now: datetime) -> None:
    """For the first customer a quote that is sent, for the second a draft."""
    sent_to, drafted_for = customers
    last_day = in_zone(now, tradie.timezone).date() + timedelta(days=14)
    vanity = Writing(
        customer=sent_to,
        service=service,
        title="New bathroom vanity",
        message="We take the old one away and leave the room clean. Tiles are not included.",
        lines=(
            Line("Vanity, 900 mm, with basin and mixer", Decimal(1), 68_000),
            Line("Fitting, hours", Decimal("3.5"), 11_000),
        ),
        duration_minutes=240,
        deposit=Pricing(DepositKind.PERCENT, percent=10),
        last_day=last_day,
    )
    shower = Writing(
        customer=drafted_for,
        service=service,
        title="Shower screen and mixer",
        message="",
        lines=(Line("Shower mixer, fitted", Decimal(1), 42_000),),
        duration_minutes=120,
        deposit=Pricing(DepositKind.NONE),
        last_day=last_day,
    )
    quotes.send(tradie, vanity, now=now)
    quotes.save_draft(tradie, shower, now=now)

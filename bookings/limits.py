"""How much of a calendar one customer may hold without paying."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q

from peepopay.errors import RateLimited

from .models import HELD, Booking
from .terms import Terms

if TYPE_CHECKING:
    from .scheduling import Attempt, Details


def require_few_holds(details: Details, attempt: Attempt, terms: Terms, *, ignoring: Booking | None) -> None:
    """At most three unpaid holds per e-mail address or client address. Raises RateLimited."""
    if not settings.RATE_LIMITS or not terms.deposit_cents:
        return
    same_customer = Q(customer_email=details.email)
    if attempt.client_address_hash:
        same_customer |= Q(client_address_hash=attempt.client_address_hash)
    holds = Booking.objects.filter(same_customer, status__in=HELD)
    if ignoring:
        holds = holds.exclude(pk=ignoring.pk)
    if holds[: settings.MOST_HOLDS_PER_CUSTOMER].count() >= settings.MOST_HOLDS_PER_CUSTOMER:
        raise RateLimited(
            "You're already holding several times. Pay for one, or wait a few minutes until they lapse."
        )

"""Quotes whose last day ended. Nobody writes that down (`quote_states.py`), so a sweep tells the systems of businesses
that want to hear of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from bookings.models import Booking
from bookings.quote_columns import ACCEPTED_OR_HELD
from notifications.models import WebhookEvent
from notifications.webhooks.endpoints import running
from peepopay import sweeps

from .quote_models import Quote, QuoteStatus
from .webhook_events import QUOTE_LAPSED, tell_quote

LOOKED_BACK = timedelta(days=2)  # after an outage that was longer, nobody is told
MOST_AT_ONCE = 200


def tell_lapsed(*, now: datetime) -> int:
    """The sweep: of each once for every last day that it had; returns of how many. One that is being paid for has not
    lapsed yet."""
    return sweeps.each(list(_due(now)[:MOST_AT_ONCE]), lambda quote: _tell(quote, now))


def _due(now: datetime) -> QuerySet[Quote]:
    ended = OuterRef("valid_until")
    listening = running(OuterRef("tradie")).filter(
        event_types__contains=[QUOTE_LAPSED.name], created_at__lte=ended
    )
    told = WebhookEvent.objects.filter(about=OuterRef("pk"), type=QUOTE_LAPSED.name, created_at__gte=ended)
    jobs = Booking.objects.filter(quote_id=OuterRef("pk"), status__in=ACCEPTED_OR_HELD)
    lapsed = Quote.objects.filter(
        status=QuoteStatus.SENT, valid_until__lte=now, valid_until__gt=now - LOOKED_BACK
    )
    return lapsed.filter(Exists(listening), ~Exists(jobs), ~Exists(told)).order_by("valid_until")


@transaction.atomic
def _tell(quote: Quote, now: datetime) -> bool:
    """False: it was accepted, changed or told of meanwhile."""
    Quote.objects.select_for_update(no_key=True).get(pk=quote.pk)
    lapsed = _due(now).select_related("tradie", "current").filter(pk=quote.pk).first()
    if lapsed is None:
        return False
    tell_quote(QUOTE_LAPSED, lapsed, now=now)
    return True

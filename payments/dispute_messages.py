"""What a business is told of disputes. Words and dates are put in when a message is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from bookings.models import Booking
from notifications import kinds
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from peepopay import local_time
from peepopay.money import dollars

from .dispute_models import Dispute, DisputeStatus

OPENED, CLOSED = "dispute_opened", "dispute_closed"


def tell_opened(dispute: Dispute, booking: Booking, *, now: datetime) -> None:
    _tell(OPENED, dispute, booking, now)


def tell_closed(dispute: Dispute, booking: Booking, *, now: datetime) -> None:
    _tell(CLOSED, dispute, booking, now)


def _tell(kind: str, dispute: Dispute, booking: Booking, now: datetime) -> None:
    message = Message(
        tradie_id=booking.tradie_id,
        about=booking.pk,
        kind=kind,
        audience=Audience.TRADIE,
        channel=Channel.EMAIL,
        recipient=booking.tradie.email,
        dedupe_key=f"{dispute.pk}:{kind}",
        facts={"dispute": str(dispute.pk)},
        due_at=now,
    )
    queue_messages([message])


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """As of now. Raises NoLongerApplies for "please answer" when nothing is left to answer."""
    rows = Dispute.objects.select_related("payment__booking__tradie")
    dispute = rows.get(pk=message.facts["dispute"])
    if message.kind == OPENED and not dispute.needs_an_answer:
        raise NoLongerApplies("The dispute needs no answer any more.")
    booking = dispute.payment.booking
    tradie, due_by = booking.tradie, dispute.evidence_due_by
    return {
        "business": " ".join(tradie.business_name.split()),
        "accent_colour": tradie.accent_colour,
        "customer": " ".join(booking.customer_name.split()) or "A customer",
        "reference": booking.reference,
        "service": booking.service_name,
        "amount": dollars(dispute.amount_cents),
        "why": dispute.why,
        "money_taken": dispute.status == DisputeStatus.NEEDS_RESPONSE,
        "due_by": f"{local_time.moment(due_by, tradie.timezone)} ({local_time.zone_label(due_by, tradie.timezone)})"
        if due_by
        else "",
        "status": dispute.status,
        "promised": dollars(cents) if (cents := dispute.promised_cents) else "",
        "dashboard_url": settings.SITE_URL + reverse("booking", args=[booking.pk]),
    }


for _kind in (OPENED, CLOSED):
    kinds.register(_kind, channels=(Channel.EMAIL,), context_for=context_for)

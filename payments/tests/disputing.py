"""What tests of disputes have in common: Jo complains to her bank, and we hear of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from bookings.models import Booking, EventKind
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import inbox, stripe_lists
from payments.models import Payment, StripeEvent
from payments.stripe_answers import read_hint


def hear(stripe_app: StripeWorld, kind: str) -> None:
    """The latest event of this type comes and is acted on."""
    event = [e for e in stripe_app.events() if e["type"] == f"charge.dispute.{kind}"][-1]
    with transaction.atomic():
        inbox.store(read_hint(event))
    work_on(StripeEvent.objects.get(pk=event["id"]))


def dispute_it(stripe_app: StripeWorld, payment: Payment) -> str:
    """Jo complains to her bank, and we hear of it. -> the dispute's id"""
    dispute_id = stripe_app.dispute(payment.intent_id or "")
    hear(stripe_app, "created")
    payment.refresh_from_db()
    return dispute_id


def told() -> list[str]:
    return list(Message.objects.filter(kind__startswith="dispute_").values_list("kind", flat=True))


def history() -> list[tuple[str, str]]:
    of_disputes = [EventKind.DISPUTED, EventKind.DISPUTE_CLOSED]
    return list(
        Booking.objects.get().events.filter(kind__in=of_disputes).order_by("id").values_list("kind", "detail")
    )


def answer_of(payment: Payment, number: int, **changes: Any) -> stripe_lists.DisputeAnswer:
    """As Stripe tells of a dispute of all of it."""
    told = {"status": "needs_response", "reason": "general", "evidence_due_by": None, "evidence_sent": False}
    fields = {**told, "amount_cents": payment.amount_cents, "opened_at": timezone.now(), **changes}
    return stripe_lists.DisputeAnswer(id=f"dp_{number}", intent_id=payment.intent_id or "", **fields)

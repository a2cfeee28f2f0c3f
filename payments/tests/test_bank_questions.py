"""A bank that only asks about a payment takes no money: its question is a dispute like others, and ends without one."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from local.testing.cast import owner_of
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments.models import Dispute, Payment
from payments.refunds import request_refund
from payments.totals import totals_of

from .bookkeeping import agree_with_stripe
from .disputing import hear, history, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_question_of_the_bank_takes_nothing_and_its_end_is_told(
    client: Client, paid: Payment, stripe_app: StripeWorld
) -> None:
    """While it is open money can go back, and at its end it is where it was: nothing was won."""
    dispute_id = stripe_app.dispute(paid.intent_id, question=True)
    hear(stripe_app, "created")
    totals = totals_of(paid.booking)
    assert (Dispute.objects.get().status, totals.taken_cents, totals.left_cents) == (
        "warning_needs_response",
        0,
        3_000,
    )
    with transaction.atomic():
        refund = request_refund(paid, 1_000, reason="Cancelled by the customer", now=timezone.now())
    work_on(refund)
    assert refund.status == "succeeded"
    client.force_login(owner_of(paid.booking.tradie))
    page = reverse("booking", args=[paid.booking_id])
    assert "The bank only asks; it has taken nothing." in client.get(page).content.decode()
    stripe_app.decide(dispute_id, "warning_closed")
    for _ in range(2):
        hear(stripe_app, "closed")
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.closed_at is not None) == ("warning_closed", True)
    assert told() == ["dispute_opened", "dispute_closed"]
    assert history()[-1] == ("dispute_closed", "The bank's question is closed: $30")
    mail = Message.objects.get(kind="dispute_closed")
    work_on(mail)
    assert mail.subject == "The bank's question about $30 is closed"
    paid.refresh_from_db()
    assert (paid.attention, paid.disputed_cents) == ("", 0)
    agree_with_stripe(stripe_app)

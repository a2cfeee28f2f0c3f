"""The operator mends what differs from Stripe, by the buttons of its list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking, Status
from local.testing.cast import Api, make_operator, sign_in_operator, soon
from local.testing.stripe_world import StripeWorld
from payments import comparison
from payments.models import Discrepancy, Dispute, Payment, Refund
from payments.tests.test_reconciliation import SAM, give_back, refund_in_stripe

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:payments_discrepancy_changelist"


@pytest.fixture
def paid(api: Api, sam: Tradie, drain: Service, stripe_app: StripeWorld) -> Payment:
    """Jo's deposit, paid at Stripe; we have not heard of it."""
    held = api.book(drain, soon(sam)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    return Payment.objects.select_related("booking").get()


def found() -> Discrepancy:
    """What the nightly comparison makes of it."""
    comparison.compare(SAM, now=timezone.now() + timedelta(hours=1))
    return Discrepancy.objects.get(resolved_at=None)


def press(operator: Client, action: str, row: Discrepancy) -> list[str]:
    """What the page says then."""
    sent = {"action": action, "_selected_action": [row.pk]}
    page: Any = operator.post(reverse(LIST), sent, follow=True)
    return [str(message) for message in page.context["messages"]]


def test_each_button_takes_over_what_stripe_says(paid: Payment, stripe_app: StripeWorld) -> None:
    operator = sign_in_operator(Client(), make_operator())
    row = found()
    assert press(operator, "sync_payments", row) == [f"{row} is right now."]
    assert Booking.objects.get().status == Status.CONFIRMED

    paid.refresh_from_db()
    refund_id = refund_in_stripe(paid, 1_000)
    assert press(operator, "adopt_refunds", row := found()) == [f"{row} is right now."]
    assert Refund.objects.get().stripe_id == refund_id

    Payment.objects.update(fee_cents=0)  # of this refund Stripe is not asked for the fee
    give_back(paid, 1_000)
    Payment.objects.update(fee_cents=75)
    assert press(operator, "give_back_fees", row := found()) == [f"{row} is right now."]

    dispute_id = stripe_app.dispute(paid.intent_id or "")
    Discrepancy.objects.all().delete()
    assert press(operator, "take_over_disputes", row := found()) == [f"{row} is right now."]
    assert Dispute.objects.get().stripe_id == dispute_id
    assert press(operator, "look_again", row) == []  # what is mended is left alone


def test_while_stripe_is_away_nothing_is_taken_for_mended(paid: Payment, stripe_app: StripeWorld) -> None:
    operator = sign_in_operator(Client(), make_operator())
    row = found()
    stripe_app.fault("GET /v1/payment_intents", status=500, times=0)
    (said,) = press(operator, "sync_payments", row)
    assert "Stripe says" in said
    stripe_app.clear_faults()
    row.refresh_from_db()
    assert row.resolved_at is None


def test_who_may_only_look_mends_nothing(paid: Payment, stripe_app: StripeWorld) -> None:
    row = found()
    looking = make_operator(is_superuser=False)
    looking.user_permissions.add(Permission.objects.get(codename="view_discrepancy"))
    visitor = sign_in_operator(Client(), looking)
    assert visitor.get(reverse(LIST)).status_code == 200
    press(visitor, "sync_payments", row)
    row.refresh_from_db()
    assert row.resolved_at is None

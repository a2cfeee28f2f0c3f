"""`make demo`: every state of the product in so many days of a plumber's work."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from bookings.call_back_models import CallBack
from bookings.day_move_models import DayMoveJob
from bookings.models import Booking, Status
from bookings.waiter_models import Waiter
from invoicing.models import Quote, Receipt
from local import demo_data, demo_history
from notifications.models import Message
from payments.models import Payment, Payout, Refund

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_has_every_state_that_a_tradie_meets(stripe_app: Any) -> None:
    demo_data.seed()
    counts = demo_history.fill(17)
    assert {Status.CONFIRMED, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.DECLINED} <= set(
        counts
    )
    assert counts[Status.PENDING] == 2  # a link to pay is out, and a time is offered to somebody who waits
    assert counts[Status.COMPLETED] > counts[Status.CANCELLED]
    joe = Booking.objects.filter(tradie__slug="joe-plumber")
    assert joe.filter(invoices__isnull=False).exists()
    assert Receipt.objects.filter(how="cash").exists()
    assert Refund.objects.exists()
    assert {dispute["status"] for dispute in stripe_app.disputes()} == {"needs_response"}
    assert {quote.status for quote in Quote.objects.all()} == {"draft", "sent", "declined"}
    assert Quote.objects.filter(valid_until__lt=timezone.now()).exists()
    assert joe.filter(quote_id__isnull=False).exists()
    again = joe.values("customer").order_by().distinct().count()
    assert again < joe.count()  # some came back
    assert set(Payout.objects.values_list("status", flat=True)) == {"paid", "pending"}
    assert {booking.call_out_zone for booking in joe} >= {"Inner West", "Further out"}
    assert joe.filter(arrival_window_minutes__gt=0, status=Status.COMPLETED).exists()
    assert joe.filter(visit__isnull=False, starts_at__gt=timezone.now()).exists()
    assert Message.objects.filter(kind="review_invited", done_at=None).exists()
    assert set(Waiter.objects.values_list("offer__status", flat=True)) == {None, "pending"}
    assert CallBack.objects.filter(called_at=None).exists()
    assert DayMoveJob.objects.filter(answer="waiting").exists()
    assert not Payment.objects.exclude(attention="").exists()

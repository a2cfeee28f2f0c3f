"""Rows as the operator reads them, and the way from one to the next."""

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Service, Tradie
from bookings.policy import in_short, read_policy
from invoicing.models import Receipt
from local.testing.cast import at, make_booking, make_operator, sign_in_operator
from local.testing.stripe_world import StripeWorld
from notifications.models import Message
from payments.models import Payment, PaymentStatus, StripeEvent
from web.tests.dashboard.test_today_page import pay


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    return sign_in_operator(client, make_operator())


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"admin:{name}", args=args))
    assert answer.status_code == 200
    return html.unescape(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def test_a_booking_in_dollars_in_its_zone_and_with_its_terms_in_words(
    operator: Client, alex: Tradie, drain: Service
) -> None:
    booking = make_booking(drain, at("2027-01-14 08:00 +11:00"))
    for said in (
        page(operator, "bookings_booking_change", booking.pk),
        page(operator, "bookings_booking_changelist"),
    ):
        assert "Thu 14 Jan 2027, 8:00 am AEDT, Sydney time" in said
        assert "$30" in said
    assert in_short(read_policy(booking.policy)) in page(operator, "bookings_booking_change", booking.pk)


def test_from_a_booking_to_its_messages_and_payment_and_back(operator: Client, drain: Service) -> None:
    booking = make_booking(drain)
    payment = pay(booking)
    message = Message.objects.create(
        tradie=drain.tradie,
        about=booking.pk,
        kind="booking_confirmed",
        audience="customer",
        channel="email",
        recipient="jo@example.com",
        dedupe_key="one",
    )
    event = StripeEvent.objects.create(
        id="evt_1",
        type="payment_intent.succeeded",
        object_id=payment.intent_id,
        created_at=booking.created_at,
    )
    receipt = Receipt.objects.create(
        booking=booking,
        how="cash",
        amount_cents=5_000,
        received_on=booking.created_at.date(),
        recorded_at=booking.created_at,
        client_key=uuid.uuid4(),
    )
    there = page(operator, "bookings_booking_change", booking.pk)
    assert f'{reverse("admin:invoicing_receipt_change", args=[receipt.pk])}">$50, Cash</a>' in there
    assert reverse("admin:notifications_message_change", args=[message.pk]) in there
    assert reverse("admin:payments_payment_change", args=[payment.pk]) in there
    back = reverse("admin:bookings_booking_change", args=[booking.pk])
    assert back in page(operator, "notifications_message_change", message.pk)
    assert back in page(operator, "payments_payment_change", payment.pk)
    assert back in page(operator, "payments_stripeevent_change", event.pk)
    events = f"{reverse('admin:payments_stripeevent_changelist')}?object_id__exact={payment.intent_id}"
    assert events in page(operator, "payments_payment_change", payment.pk)
    assert "evt_1" in operator.get(events).content.decode()


@pytest.mark.django_db(transaction=True)
def test_stripe_is_asked_about_a_payment_and_an_event_that_was_done_is_acted_on_again(
    client: Client, drain: Service, stripe_app: StripeWorld
) -> None:
    operator = sign_in_operator(client, make_operator())
    payment = pay(make_booking(drain), status=PaymentStatus.OPEN)
    event = StripeEvent.objects.create(
        id="evt_1", type="payment_intent.succeeded", created_at=payment.created_at, done_at=payment.created_at
    )
    picked = {"action": "ask_stripe", "_selected_action": [str(payment.pk)]}
    answer = operator.post(reverse("admin:payments_payment_changelist"), picked, follow=True)
    assert [str(said) for said in answer.context["messages"]] == [f"{payment}: Stripe says resource_missing."]
    operator.post(
        reverse("admin:payments_stripeevent_changelist"), {"action": "replay", "_selected_action": [event.pk]}
    )
    event.refresh_from_db()
    assert event.done_at is None
    assert Payment.objects.get().status == PaymentStatus.OPEN

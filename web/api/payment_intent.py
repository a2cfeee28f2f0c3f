"""POST /api/payments/intent, /api/payments/extension and /api/payments/consent"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from payments import checkout
from payments.checkout import Consent
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.client_address import client_address
from peepopay.errors import (
    BookingNotPayable,
    Forbidden,
    MalformedRequest,
    PaymentProviderUnavailable,
    TradieNotBookable,
    Unauthorized,
    ValidationFailed,
)
from peepopay.throttling import PaymentAttempts

from .bases import PublicAPI
from .booking_access import booking_of_token, for_its_holder
from .fields import AnyTextField, IdField
from .payment_outputs import PaymentSerializer, payment_answer


class IntentInput(serializers.Serializer[Any]):
    booking = IdField(help_text="Its id.")


class DepositIntent(PublicAPI):
    throttle_classes = [PaymentAttempts]
    opened_by_token = True

    @extend_schema(
        operation_id="payment_intent",
        summary="The payment of a held booking, again",
        request=IntentInput,
        responses={
            200: PaymentSerializer,
            **errors(
                ValidationFailed,
                MalformedRequest,
                Unauthorized,
                Forbidden,
                BookingNotPayable,
                TradieNotBookable,
                PaymentProviderUnavailable,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """The same PaymentIntent as long as the booking can be paid: after a reload, a step back or a declined card."""
        booking = booking_of_token(request, validated(IntentInput, request.data)["booking"])
        offer = checkout.resume(booking, now=timezone.now())
        return for_its_holder(payment_answer(offer, booking.tradie.timezone))


class HoldExtension(PublicAPI):
    throttle_classes = [PaymentAttempts]
    opened_by_token = True

    @extend_schema(
        operation_id="hold_extension",
        summary="Hold the time once as long again",
        request=IntentInput,
        responses={
            200: PaymentSerializer,
            **errors(
                ValidationFailed,
                MalformedRequest,
                Unauthorized,
                Forbidden,
                BookingNotPayable,
                TradieNotBookable,
                PaymentProviderUnavailable,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """For who needs more time to pay: once, and while it is still held. Asked again it changes nothing."""
        booking = booking_of_token(request, validated(IntentInput, request.data)["booking"])
        offer = checkout.hold_longer(booking, now=timezone.now())
        return for_its_holder(payment_answer(offer, booking.tradie.timezone))


class ConsentInput(IntentInput):
    agreed = serializers.BooleanField(help_text="False: they no longer agree.")
    text = AnyTextField(
        max_length=2000,
        required=False,
        default="",
        help_text="What they read: the `text` of the payment's consent.",
    )


class CardConsents(PublicAPI):
    throttle_classes = [PaymentAttempts]
    opened_by_token = True

    @extend_schema(
        operation_id="card_consent",
        summary="Agree to a no-show fee on the card, or no longer",
        request=ConsentInput,
        responses={
            200: PaymentSerializer,
            **errors(
                ValidationFailed,
                MalformedRequest,
                Unauthorized,
                Forbidden,
                BookingNotPayable,
                TradieNotBookable,
                PaymentProviderUnavailable,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Before the deposit is paid. What is agreed to is written down, word for word, with when and from where; then
        paying saves the card with Stripe. The card is charged for a no-show only, and never more than `cap_cents`."""
        sent = validated(ConsentInput, request.data)
        booking = booking_of_token(request, sent["booking"])
        said = Consent(sent["agreed"], sent["text"], client_address(request._request))
        offer = checkout.consent(booking, said, now=timezone.now())
        return for_its_holder(payment_answer(offer, booking.tradie.timezone))

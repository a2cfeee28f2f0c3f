"""POST /api/waitlist: nothing that suits is free, and somebody waits for a time."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.offers import service_on_offer
from bookings.waitlist import join, waitlist_of
from bookings.waitlist_links import url_of
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import CallInstead, MalformedRequest, NotFound, PressAgain, ValidationFailed
from peepopay.form_check import Filled, require_person
from peepopay.throttling import WaitlistAttempts

from .bases import PublicAPI
from .booking_inputs import PhoneField
from .fields import AnyTextField, EmailField, IdField, LineField, PatternField


class WaitInput(serializers.Serializer[Any]):
    tradie = PatternField(r"[-a-zA-Z0-9_]+", "This isn't the name of a business.", max_length=60)
    service = IdField()
    day = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="That day only; without it, any day sooner than the first that is free now.",
    )
    name = LineField(max_length=120)
    phone = PhoneField(max_length=40, help_text="Australian, or with its country's + prefix.")
    email = EmailField(max_length=254, required=False, allow_blank=True, default="")
    website = AnyTextField(
        max_length=200,
        required=False,
        default="",
        help_text="Leave it empty: people don't see the field. What is filled in there is refused with PRESS_AGAIN.",
    )


class WaiterSerializer(serializers.Serializer[Any]):
    business_name = serializers.CharField()
    url = serializers.URLField(
        allow_null=True,
        help_text="Their page: what they are offered, and off the list. Null where the number waited before: then"
        " nothing was changed.",
    )


class Waitlist(PublicAPI):
    throttle_classes = [WaitlistAttempts]

    @extend_schema(
        operation_id="wait",
        summary="Wait for a time",
        request=WaitInput,
        responses={
            201: WaiterSerializer,
            **errors(ValidationFailed, MalformedRequest, NotFound, PressAgain, CallInstead),
        },
    )
    def post(self, request: Request) -> Response:
        """Of a business whose profile has a `waitlist_url`. A time that becomes free is held for one of those who wait
        after the other and offered by a message with a link; nothing is charged before they take it."""
        sent = validated(WaitInput, request.data)
        tradie = waitlist_of(sent.pop("tradie"))
        service = service_on_offer(tradie.slug, sent.pop("service"))
        require_person(Filled(trapped=bool(sent.pop("website"))))
        waiter, is_new = join(service, **sent, now=timezone.now())
        url = url_of(waiter) if is_new else None
        answer = {"business_name": tradie.business_name, "url": url}
        return Response(_waiter.to_representation(answer), status=201)


_waiter = WaiterSerializer()  # once: see peepopay/api_outputs.py

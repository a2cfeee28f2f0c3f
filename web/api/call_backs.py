"""POST /api/callbacks: somebody would rather be called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.call_back_models import LONGEST_ABOUT
from bookings.call_backs import ask_for_call_back, who_calls
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import CallInstead, MalformedRequest, NotFound, PressAgain, ValidationFailed
from peepopay.form_check import HEADER, require_person, told_by
from peepopay.throttling import CallBackAttempts

from .bases import PublicAPI
from .booking_inputs import PhoneField
from .bookings import FORM_CHECK
from .fields import AnyTextField, LineField, PatternField


class CallBackInput(serializers.Serializer[Any]):
    tradie = PatternField(r"[-a-zA-Z0-9_]+", "This isn't the name of a business.", max_length=60)
    name = LineField(max_length=120)
    phone = PhoneField(max_length=40, help_text="Australian, or with its country's + prefix.")
    about = AnyTextField(max_length=LONGEST_ABOUT, required=False, default="", help_text="What it is about.")
    website = AnyTextField(
        max_length=200,
        required=False,
        default="",
        help_text="Leave it empty: people don't see the field. What is filled in there is refused with PRESS_AGAIN.",
    )


class CallBackSerializer(serializers.Serializer[Any]):
    business_name = serializers.CharField()
    phone = serializers.CharField(help_text="Of the business, for who can't wait; E.164.")
    asked_before = serializers.BooleanField(help_text="This number waits for their call already.")


class CallBacks(PublicAPI):
    throttle_classes = [CallBackAttempts]

    @extend_schema(
        operation_id="ask_for_call_back",
        summary="Leave a number, to be called back",
        parameters=[FORM_CHECK],
        request=CallBackInput,
        responses={
            201: CallBackSerializer,
            **errors(ValidationFailed, MalformedRequest, NotFound, PressAgain, CallInstead),
        },
    )
    def post(self, request: Request) -> Response:
        """The business is told, and sees it until somebody called. Sent again, it is the same one. Also for a business
        that takes no bookings online."""
        sent = validated(CallBackInput, request.data)
        tradie = who_calls(sent["tradie"])
        filled = told_by(request.headers.get(HEADER, ""))
        require_person(replace(filled, trapped=bool(sent["website"])))
        is_new = ask_for_call_back(
            tradie, name=sent["name"], phone=sent["phone"], about=sent["about"], now=timezone.now()
        )
        answer = {"business_name": tradie.business_name, "phone": tradie.phone, "asked_before": not is_new}
        return Response(_call_back.to_representation(answer), status=201)


_call_back = CallBackSerializer()  # once: see peepopay/api_outputs.py

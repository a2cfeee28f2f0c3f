"""POST /api/bookings/manual: a booking that the business makes for somebody."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.models import Membership
from accounts.roles import May
from bookings import job_lists
from bookings.actors import By
from bookings.by_hand import Deposit, JobByHand
from bookings.details import Attempt, Details
from invoicing import jobs_by_hand
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import (
    Forbidden,
    IdempotencyConflict,
    MalformedRequest,
    SlotUnavailable,
    TradieNotBookable,
    Unauthorized,
    ValidationFailed,
)
from peepopay.money import MOST_CENTS

from .bases import IDEMPOTENCY_KEY, TradieAPI, own
from .booking_inputs import AddressInput, PhoneField
from .bookings import attempt_of
from .fields import AnyTextField, CentsField, EmailField, IdField, InstantField, LineField, YesOrNoField
from .job_outputs import JobSerializer, job_answer

NOT_YOURS = "This isn't one of your services."


class CallerInput(serializers.Serializer[Any]):
    name = LineField(max_length=120)
    phone = PhoneField(max_length=40, help_text="Australian, or with its country's + prefix.")
    email = EmailField(max_length=254, required=False, default="")


class ManualBookingInput(serializers.Serializer[Any]):
    service = IdField(help_text="One of yours, on offer or not.")
    start = InstantField(help_text="Free or not on offer; never one that is booked.")
    calendar = IdField(required=False, allow_null=True, default=None, help_text="Who; else whoever is free.")
    customer = CallerInput()
    address = AddressInput()
    notes = AnyTextField(max_length=2000, required=False, default="", help_text="The customer's.")
    deposit = serializers.ChoiceField(
        Deposit.choices,
        help_text="`link`: the time is kept until the service's deposit is paid by the link we send, a day at most."
        " `cash`: paid already, as much as `cash_cents`. `waive`: none.",
    )
    cash_cents = CentsField(
        max_value=MOST_CENTS, required=False, default=0, help_text="Of `cash`; at most the price."
    )
    tell_customer = YesOrNoField(
        required=False, default=True, help_text="false: no message about it, now or later."
    )
    override_reason = AnyTextField(
        max_length=300,
        required=False,
        default="",
        help_text="Why outside your hours, too soon, too far ahead, or beyond the jobs of a day. Kept in the history.",
    )


def _job_of(member: Membership, sent: dict[str, Any], attempt: Attempt) -> JobByHand:
    """Raises ValidationFailed for a service of nobody's, or of somebody else's."""
    service = member.tradie.services.filter(pk=sent["service"]).first()
    if service is None:
        raise ValidationFailed(fields={"service": [NOT_YOURS]})
    service.tradie = member.tradie
    customer = {**sent["customer"], "email": sent["customer"]["email"].lower()}
    details = Details(**customer, **sent["address"], notes=sent["notes"], answers={})
    return JobByHand(
        service=service,
        starts_at=sent["start"],
        details=details,
        attempt=attempt,
        deposit=Deposit(sent["deposit"]),
        by=By.of(member),
        calendar_id=sent["calendar"],
        cash_cents=sent["cash_cents"],
        override_reason=sent["override_reason"].strip(),
        tell_customer=sent["tell_customer"],
    )


class ManualBooking(TradieAPI):
    may = May.BOOKINGS
    scopes = {"post": Scope.BOOKINGS_MAKE}

    @extend_schema(
        operation_id="book_by_hand",
        summary="Book a time for a customer who rang",
        parameters=[IDEMPOTENCY_KEY],
        request=ManualBookingInput,
        responses={
            201: JobSerializer,
            **errors(
                ValidationFailed,
                MalformedRequest,
                Unauthorized,
                Forbidden,
                SlotUnavailable,
                IdempotencyConflict,
                TradieNotBookable,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Confirmed at once, or `pending` while a link to pay is out. What only customers have to keep to (hours,
        notice, how far ahead, jobs of a day) can be overridden with a reason; a time that is booked can't be."""
        now, attempt = timezone.now(), attempt_of(request)
        sent = validated(ManualBookingInput, request.data)
        booking = jobs_by_hand.take(_job_of(self.member, sent, attempt), now=now)
        whole = own(job_lists.whole_jobs(self.member).prefetch_related("payments"), booking.pk)
        return Response(job_answer(whole, now=now), status=201)

"""POST /api/bookings; GET and PATCH /api/bookings/:id with the booking's token. The business's side of the same
addresses is in `jobs.py`."""

from __future__ import annotations

import hashlib
import uuid

import orjson
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.offers import service_on_offer
from accounts.service_area import require_in_area
from bookings.actors import CUSTOMER
from bookings.details import Attempt
from bookings.moving import move_booking
from bookings.open_slots import NOT_TO_CHOOSE
from bookings.terms import terms_for
from payments import checkout
from payments.cancellations import cancel_booking
from payments.checkout import Order
from peepopay.api import validated
from peepopay.api_schema import FOR_BOTH_SIDES, errors
from peepopay.client_address import address_hash
from peepopay.errors import (
    BookingNotChangeable,
    BookingNotPayable,
    CallInstead,
    CallOutFee,
    ChallengeAsked,
    DepositChanged,
    Forbidden,
    IdempotencyConflict,
    MalformedRequest,
    NotFound,
    OutsideServiceArea,
    PaymentProviderUnavailable,
    PressAgain,
    SlotUnavailable,
    TradieNotBookable,
    Unauthorized,
    ValidationFailed,
)
from peepopay.form_check import HEADER, require_person_or_answer, told_by
from peepopay.throttling import BookingAttempts, TokenAttempts

from .bases import IDEMPOTENCY_KEY, PublicAPI, key_of
from .booking_access import booking_of_token, for_its_holder
from .booking_inputs import BookingInput, ChangeInput, details_of
from .booking_outputs import BookingMadeSerializer, BookingSerializer, booking_answer, made_answer
from .job_inputs import AnyChangeInput
from .job_outputs import JobSerializer

# At an address that both sides share: to whom what is answered.
EITHER = PolymorphicProxySerializer(
    component_name="AnyBooking",
    serializers=[BookingSerializer, JobSerializer],
    resource_type_field_name=None,
)


# Not in the body, which stays the same when the same is sent again.
FORM_CHECK = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="How people filled in a form, by which a program gives itself away: `MS;TRAPPED;ANSWER`. Since the"
    " form was shown; `1` if something is in a field that nobody sees, else `0`; the answer to a challenge, if one was"
    " asked. Programs written to this description leave it out.",
)


class Bookings(PublicAPI):
    throttle_classes = [BookingAttempts]

    @extend_schema(
        operation_id="book",
        summary="Book a time",
        parameters=[IDEMPOTENCY_KEY, FORM_CHECK],
        request=BookingInput,
        responses={
            201: BookingMadeSerializer,
            **errors(
                ValidationFailed,
                MalformedRequest,
                NotFound,
                OutsideServiceArea,
                PressAgain,
                ChallengeAsked,
                SlotUnavailable,
                DepositChanged,
                CallOutFee,
                IdempotencyConflict,
                BookingNotChangeable,
                TradieNotBookable,
                BookingNotPayable,
                CallInstead,
                PaymentProviderUnavailable,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Hold a time and open its deposit. `payment` is null where none is due: then the booking is already
        confirmed, or requested where the tradie approves first. `token` is the customer's secret for this booking."""
        now = timezone.now()
        sent = validated(BookingInput, request.data)
        require_person_or_answer(told_by(request.headers.get(HEADER, "")), address_hash(request._request))
        service = service_on_offer(sent["tradie"], sent["service"], along="tradie__connected_account")
        if sent["calendar"] and not service.tradie.customers_choose_who:
            raise ValidationFailed(NOT_TO_CHOOSE, fields={"calendar": [NOT_TO_CHOOSE]})
        held, instead_of = checkout.hold_before(sent["hold"], service)
        details = details_of(sent, terms_for(service, held), held)
        require_in_area(service.tradie, details.postcode)
        order = Order(
            service,
            sent["start"],
            details,
            attempt_of(request),
            held,
            instead_of,
            sent["calendar"],
            accepted_cents=sent["deposit_cents"],
            accepted_fee_cents=sent["call_out_fee_cents"],
        )
        booking, offer = checkout.start(order, now=now)
        return for_its_holder(made_answer(booking, offer, now=now), status=201)


def attempt_of(request: Request) -> Attempt:
    """The Idempotency-Key with a hash of what was sent under it. Raises MalformedRequest for a key that is no UUID."""
    client_key = key_of(request)
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return Attempt(client_key, hashlib.sha256(body).hexdigest(), address_hash(request._request))


class OneBooking(PublicAPI):
    throttle_classes = [TokenAttempts]
    opened_by_token = True

    @extend_schema(
        operation_id="booking",
        summary="A booking, with its token or for its business",
        auth=FOR_BOTH_SIDES,
        responses={200: EITHER, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request, booking_id: uuid.UUID) -> Response:
        """The booking as it stands, with what would come back if it were cancelled now. Customers get a Booking, people
        of the business a Job."""
        booking = booking_of_token(request, booking_id)
        return for_its_holder(booking_answer(booking, now=timezone.now()))

    @extend_schema(
        operation_id="change_booking",
        summary="Say it is paid, cancel it, or move it; for the business also approve, decline, mark done, note",
        auth=FOR_BOTH_SIDES,
        request=AnyChangeInput,
        responses={
            200: EITHER,
            **errors(
                ValidationFailed,
                MalformedRequest,
                Unauthorized,
                Forbidden,
                SlotUnavailable,
                BookingNotChangeable,
                CallInstead,
                PaymentProviderUnavailable,
            ),
        },
    )
    def patch(self, request: Request, booking_id: uuid.UUID) -> Response:
        """`{"status": "confirmed"}`: the server asks Stripe and answers with the truth. `{"status": "cancelled"}`: by
        the policy, with the refund. `{"start": ISO}`: the same booking at another time. People of the business change a
        Job by the rules of their pages: all that was paid goes back when they cancel."""
        booking = booking_of_token(request, booking_id)
        sent = validated(ChangeInput, request.data)
        now, totals = timezone.now(), None
        if "start" in sent:
            booking = move_booking(booking, sent["start"], by=CUSTOMER, now=now)
        elif sent["status"] == "cancelled":
            booking = cancel_booking(booking, by=CUSTOMER, now=now, reason=sent["reason"])
        else:
            booking, totals = checkout.ask_stripe(booking, now=now)
        return for_its_holder(booking_answer(booking, now=timezone.now(), totals=totals))

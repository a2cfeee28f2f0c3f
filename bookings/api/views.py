"""POST /api/bookings; GET and PATCH /api/bookings/:id with the booking's token."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Service, Tradie
from payments import deposits, expiry
from payments.cancellations import cancel_booking
from payments.connected_accounts import require_chargeable_account
from payments.models import Payment
from payments.stripe_gateway import StripeRefused
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.client_address import address_hash
from peepopay.errors import (
    BookingNotChangeable,
    BookingNotPayable,
    Forbidden,
    IdempotencyConflict,
    MalformedRequest,
    NotFound,
    PaymentProviderUnavailable,
    SlotUnavailable,
    TradieNotBookable,
    Unauthorized,
    ValidationFailed,
)
from peepopay.throttling import BookingAttempts, TokenAttempts

from ..access import booking_of_token
from ..models import HELD, Actor, Booking, Status
from ..scheduling import Attempt, Details, move_booking, request_booking
from ..tokens import find_by_token, token_of
from ..validation import BookingInput, ChangeInput, details_of
from .answers import BookingMadeSchema, BookingSchema, booking_body


class Bookings(APIView):
    throttle_classes = [BookingAttempts]

    @extend_schema(
        operation_id="book",
        summary="Book a time",
        parameters=[OpenApiParameter("Idempotency-Key", uuid.UUID, OpenApiParameter.HEADER)],
        request=BookingInput,
        responses={
            201: BookingMadeSchema,
            **errors(
                ValidationFailed,
                MalformedRequest,
                NotFound,
                SlotUnavailable,
                IdempotencyConflict,
                BookingNotChangeable,
                TradieNotBookable,
                BookingNotPayable,
                PaymentProviderUnavailable,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Hold a time and open its deposit. `payment` is null where none is due: then the booking is already
        confirmed, or requested where the tradie approves first. `token` is the customer's secret for this booking."""
        now = timezone.now()
        sent = validated(BookingInput, request.data)
        tradie, service = service_on_offer(sent["tradie"], sent["service"])
        if service.deposit_cents:
            require_chargeable_account(tradie)
        attempt = attempt_of(request)
        booking = take_time(tradie, service, sent, details_of(sent, service.questions), attempt, now)
        payment = offer_payment(booking, now)
        body = {"booking": booking_body(booking, now=now), "token": token_of(booking), "payment": payment}
        return Response(body, status=201)


def service_on_offer(slug: str, service_id: uuid.UUID) -> tuple[Tradie, Service]:
    """An active service of an open tradie; another tradie's service is as unknown as one that never was."""
    service = (
        Service.objects.select_related("tradie")
        .filter(pk=service_id, is_active=True, tradie__slug=slug, tradie__is_open=True)
        .first()
    )
    if service:
        return service.tradie, service
    if Tradie.objects.filter(slug=slug, is_open=True).exists():
        raise ValidationFailed(fields={"service": ["That service can't be booked."]})
    raise NotFound("We couldn't find that business.")


def attempt_of(request: Request) -> Attempt:
    """The Idempotency-Key with a hash of what was sent under it. Raises MalformedRequest for a key that is no UUID."""
    key = request.headers.get("Idempotency-Key")
    try:
        client_key = uuid.UUID(key) if key else None
    except ValueError as problem:
        raise MalformedRequest("Idempotency-Key must be a UUID.") from problem
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return Attempt(client_key, hashlib.sha256(body).hexdigest(), address_hash(request._request))


def take_time(
    tradie: Tradie, service: Service, sent: dict[str, Any], details: Details, attempt: Attempt, now: datetime
) -> Booking:
    """Request the booking. A hold of this customer moves, or is let go of when it was for another service; a hold of
    someone else that is overdue is expired first. Raises SlotUnavailable and what request_booking raises."""

    def request() -> Booking:
        return request_booking(
            tradie=tradie,
            service=service,
            starts_at=sent["start"],
            details=details,
            attempt=attempt,
            now=now,
            held=held_before(sent["hold"], service, attempt, now),
        )

    try:
        return request()
    except SlotUnavailable:
        if not expiry.expire_in_the_way(service, sent["start"], now=now):
            raise
        return request()


def held_before(token: str | None, service: Service, attempt: Attempt, now: datetime) -> Booking | None:
    """The hold to move, if the token opens one for the same service and deposit. Raises BookingNotChangeable when
    that booking has been paid meanwhile."""
    booking = find_by_token(token) if token else None
    if booking is None or booking.status not in HELD or booking.tradie_id != service.tradie_id:
        return None
    if attempt.client_key and booking.client_key == attempt.client_key:
        return booking
    if booking.service_id == service.pk and booking.deposit_cents == service.deposit_cents:
        return booking
    if (
        not expiry.expire_hold(booking, now=now)
        and Booking.objects.filter(pk=booking.pk, status=Status.CONFIRMED).exists()
    ):
        raise BookingNotChangeable(
            "You've already paid for the other time. Check your email for that booking."
        )
    return None


def offer_payment(booking: Booking, now: datetime) -> dict[str, Any] | None:
    """The `payment` object, or None where nothing is due. If Stripe is away the hold is let go at once, and the same
    request may simply be sent again. Raises PaymentProviderUnavailable, BookingNotPayable."""
    if not booking.deposit_cents or booking.status not in (*HELD, Status.EXPIRED):
        return None
    try:
        return deposits.open_deposit(booking, now=now).body(booking.tradie.timezone)
    except PaymentProviderUnavailable:
        expiry.give_up_unopened(booking, now=now)
        raise


class OneBooking(APIView):
    throttle_classes = [TokenAttempts]
    opened_by_token = True

    @extend_schema(
        operation_id="booking",
        summary="A booking, with its token",
        responses={200: BookingSchema, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request, booking_id: uuid.UUID) -> Response:
        """The booking as it stands, with what would come back if it were cancelled now."""
        booking = booking_of_token(request, booking_id)
        return Response(booking_body(booking, now=timezone.now()))

    @extend_schema(
        operation_id="change_booking",
        summary="Say it is paid, cancel it, or move it",
        request=ChangeInput,
        responses={
            200: BookingSchema,
            **errors(
                ValidationFailed,
                MalformedRequest,
                Unauthorized,
                Forbidden,
                SlotUnavailable,
                BookingNotChangeable,
                PaymentProviderUnavailable,
            ),
        },
    )
    def patch(self, request: Request, booking_id: uuid.UUID) -> Response:
        """`{"status": "confirmed"}`: the server asks Stripe and answers with the truth. `{"status": "cancelled"}`: by
        the policy, with the refund. `{"start": ISO}`: the same booking at another time."""
        booking = booking_of_token(request, booking_id)
        sent = validated(ChangeInput, request.data)
        now = timezone.now()
        if "start" in sent:
            booking = move_booking(booking, sent["start"], actor=Actor.CUSTOMER, now=now)
        elif sent["status"] == "cancelled":
            booking = cancel_booking(booking, actor=Actor.CUSTOMER, now=now, reason=sent["reason"])
        else:
            ask_stripe(booking, now)
        return Response(booking_body(booking, now=timezone.now()))


def ask_stripe(booking: Booking, now: datetime) -> None:
    """Bring the booking up to what Stripe knows. Raises PaymentProviderUnavailable."""
    if booking.status not in (*HELD, Status.EXPIRED):
        return
    try:
        for payment_id in Payment.objects.filter(booking=booking).values_list("pk", flat=True):
            deposits.sync(payment_id, now=now)
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable(
            "We can't reach the payment service to check. Please wait a moment."
        ) from refusal
    booking.refresh_from_db()

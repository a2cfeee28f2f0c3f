"""A booking as the API answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from bookings import policy
from bookings.models import Actor, Booking, Status
from bookings.tokens import token_of
from payments.cancellations import refund_due
from payments.totals import Totals, totals_of
from peepopay.local_time import iso
from web.api.payment_answers import PaymentSchema


class BookedServiceSchema(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    price_cents = serializers.IntegerField()


class BookedTradieSchema(serializers.Serializer[Any]):
    slug = serializers.CharField()
    business_name = serializers.CharField()
    phone = serializers.CharField()
    timezone = serializers.CharField()


class CustomerSchema(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(help_text="E.164.")


class AddressSchema(serializers.Serializer[Any]):
    line1 = serializers.CharField()
    suburb = serializers.CharField()
    state = serializers.CharField()
    postcode = serializers.CharField()


class BookingSchema(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    service = BookedServiceSchema()
    tradie = BookedTradieSchema()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    customer = CustomerSchema()
    address = AddressSchema()
    notes = serializers.CharField()
    deposit_cents = serializers.IntegerField()
    paid_cents = serializers.IntegerField()
    refunded_cents = serializers.IntegerField()
    refund_if_cancelled_now_cents = serializers.IntegerField()
    policy_statement = serializers.ListField(child=serializers.CharField())
    changeable_until = serializers.DateTimeField()
    ics_url = serializers.URLField()
    manage_url = serializers.URLField()


class BookingMadeSchema(serializers.Serializer[Any]):
    booking = BookingSchema()
    token = serializers.CharField()
    payment = PaymentSchema(allow_null=True)


def booking_body(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """BOOKING of the contract; `booking` has its tradie loaded. One query, for the money, if any."""
    totals = totals_of(booking) if booking.deposit_cents else Totals()
    zone_name, token = booking.tradie.timezone, token_of(booking)
    return {
        "id": str(booking.pk),
        "reference": booking.reference,
        "status": booking.status,
        "service": {
            "id": str(booking.service_id),
            "name": booking.service_name,
            "duration_minutes": booking.duration_minutes,
            "price_cents": booking.price_cents,
        },
        "tradie": {
            "slug": booking.tradie.slug,
            "business_name": booking.tradie.business_name,
            "phone": booking.tradie.phone,
            "timezone": zone_name,
        },
        "start": iso(booking.starts_at, zone_name),
        "end": iso(booking.ends_at, zone_name),
        "customer": {
            "name": booking.customer_name,
            "email": booking.customer_email,
            "phone": booking.customer_phone,
        },
        "address": {
            "line1": booking.address_line1,
            "suburb": booking.address_suburb,
            "state": booking.address_state,
            "postcode": booking.address_postcode,
        },
        "notes": booking.notes,
        "deposit_cents": booking.deposit_cents,
        "paid_cents": totals.paid_cents,
        "refunded_cents": totals.refunded_cents,
        "refund_if_cancelled_now_cents": refund_due(booking, totals, actor=Actor.CUSTOMER, now=now),
        "policy_statement": policy.statement(
            booking.terms.policy, booking.deposit_cents, booking.starts_at, zone_name, now=now
        ),
        "changeable_until": iso(policy.changeable_until(booking.terms.policy, booking.starts_at), zone_name),
        "ics_url": settings.SITE_URL + reverse("manage_calendar", args=[token]),
        "manage_url": settings.SITE_URL + reverse("manage", args=[token]),
    }

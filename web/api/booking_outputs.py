"""A booking as the API answers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from accounts.models import Tradie
from availability.models import Calendar
from bookings import policy
from bookings.calendar_links import google_link, outlook_link
from bookings.models import Actor, Booking, Status
from bookings.policy import Outcome, Reason
from bookings.tokens import token_of
from invoicing.quote_models import Quote
from invoicing.quote_tokens import link_of
from payments.deposits import Offer
from payments.outcomes import outcome_of, statement_of
from payments.totals import Totals, totals_of
from peepopay.api_outputs import BriefSerializer, LocalTimeField, WrittenPhoneField
from peepopay.local_time import in_zone

from .payment_outputs import PayableOffer, PaymentSerializer


@dataclass(frozen=True)
class ToldBooking:
    """What either side may know of a booking at `now`; it has its tradie loaded."""

    told_to: ClassVar[Actor]
    booking: Booking
    totals: Totals
    now: datetime

    @property
    def start(self) -> datetime:
        return self.local(self.booking.starts_at)

    @property
    def end(self) -> datetime:
        return self.local(self.booking.ends_at)

    @property
    def answer_by(self) -> datetime | None:
        is_asked = self.booking.status == Status.REQUESTED
        return self.local(self.booking.answer_by) if is_asked and self.booking.answer_by else None

    @property
    def late_minutes(self) -> int | None:
        is_late = self.booking.late_minutes and self.booking.status == Status.CONFIRMED
        return self.booking.late_minutes if is_late else None

    @property
    def calendar(self) -> Calendar | None:
        """Who comes, if that could be several."""
        return self.booking.calendar if self.booking.is_of_several else None

    @property
    def call_out_fee_cents(self) -> int | None:
        return self.booking.call_out_fee_cents or None

    @property
    def on_site(self) -> Booking | None:
        return self.booking if self.booking.site_name else None

    @property
    def access_notes(self) -> str | None:
        return self.booking.access_notes or None

    @property
    def refund_if_cancelled_now_cents(self) -> int:
        return self.if_cancelled_now.refund_cents

    @cached_property
    def if_cancelled_now(self) -> Outcome:
        return outcome_of(self.booking, self.totals, actor=self.told_to, now=self.now)

    def local(self, instant: datetime) -> datetime:
        return in_zone(instant, self.booking.tradie.timezone)


@dataclass(frozen=True)
class BookingAsTold(ToldBooking):
    """And the holder of its token."""

    told_to = Actor.CUSTOMER

    @property
    def policy_statement(self) -> list[str]:
        return statement_of(self.booking, self.totals, now=self.now)

    @property
    def changeable_until(self) -> datetime:
        return self.local(policy.changeable_until(self.booking.terms.policy, self.booking.starts_at))

    @cached_property
    def token(self) -> str:
        return token_of(self.booking)

    @property
    def quote_url(self) -> str | None:
        """Where other times can be had on the terms of the quote that it was made from."""
        quote = Quote.objects.filter(pk=self.booking.quote_id).first() if self.booking.quote_id else None
        return link_of(quote) if quote and not quote.erased_at else None

    @property
    def ics_url(self) -> str:
        return settings.SITE_URL + reverse("manage_calendar", args=[self.token])

    @property
    def google_calendar_url(self) -> str | None:
        return google_link(self.booking) if self.booking.status == Status.CONFIRMED else None

    @property
    def outlook_calendar_url(self) -> str | None:
        return outlook_link(self.booking) if self.booking.status == Status.CONFIRMED else None

    @property
    def manage_url(self) -> str:
        return settings.SITE_URL + reverse("manage", args=[self.token])


@dataclass(frozen=True)
class BookingMade:
    """The answer to a new booking; `payment` is None where nothing is due."""

    booking: BookingAsTold
    payment: PayableOffer | None


class BookedServiceSerializer(serializers.Serializer[Booking]):
    id = serializers.UUIDField(source="service_id")
    name = serializers.CharField(source="service_name")
    duration_minutes = serializers.IntegerField()
    arrival_window_minutes = serializers.IntegerField(
        help_text="How long after `start` they may arrive, as agreed when it was booked; 0: at the start."
    )
    price_cents = serializers.IntegerField()
    price_from = serializers.BooleanField()


class BookedTradieSerializer(serializers.Serializer[Tradie]):
    slug = serializers.CharField()
    business_name = serializers.CharField()
    phone = WrittenPhoneField()
    timezone = serializers.CharField()


class CustomerSerializer(serializers.Serializer[Booking]):
    name = serializers.CharField(source="customer_name")
    email = serializers.CharField(source="customer_email")
    phone = serializers.CharField(source="customer_phone", help_text="E.164.")


class AddressSerializer(serializers.Serializer[Booking]):
    line1 = serializers.CharField(source="address_line1")
    suburb = serializers.CharField(source="address_suburb")
    state = serializers.CharField(source="address_state")
    postcode = serializers.CharField(source="address_postcode")


class OnSiteSerializer(serializers.Serializer[Booking]):
    name = serializers.CharField(source="site_name")
    phone = serializers.CharField(source="site_phone", help_text="E.164, or empty.")


class CalendarSerializer(serializers.Serializer[Calendar]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Outcome]):
    refund_cents = serializers.IntegerField(help_text="What comes back.")
    kept_cents = serializers.IntegerField(help_text="What the business keeps of all that was paid.")
    reason = serializers.ChoiceField([reason.value for reason in Reason])
    sentence = serializers.CharField(help_text="For people, with its dates and dollars.")


class ToldBookingSerializer(BriefSerializer[Any]):
    """What both sides are told. Of a ToldBooking."""

    id = serializers.UUIDField(source="booking.pk")
    reference = serializers.CharField(source="booking.reference")
    status = serializers.ChoiceField(Status.choices, source="booking.status")
    service = BookedServiceSerializer(source="booking")
    calendar = CalendarSerializer(
        required=False, help_text="Who comes; only of a business where several take bookings."
    )
    start = LocalTimeField()
    end = LocalTimeField()
    late_minutes = serializers.IntegerField(
        required=False,
        help_text="How late the business said it will be, if it did; `start` stays as it was booked.",
    )
    customer = CustomerSerializer(source="booking")
    address = AddressSerializer(source="booking")
    notes = serializers.CharField(source="booking.notes", help_text="The customer's.")
    on_site = OnSiteSerializer(required=False, help_text="Who is home, if it isn't the customer.")
    access_notes = serializers.CharField(required=False, help_text="How to get in.")
    call_out_fee_cents = serializers.IntegerField(
        required=False, help_text="Of the service's price, for where it is."
    )
    deposit_cents = serializers.IntegerField(source="booking.deposit_cents")
    paid_cents = serializers.IntegerField(source="totals.paid_cents")
    refunded_cents = serializers.IntegerField(source="totals.refunded_cents")
    authorised_cents = serializers.IntegerField(
        source="totals.authorised_cents",
        help_text="Held on the customer's card; charged if the business says yes.",
    )
    answer_by = LocalTimeField(required=False, help_text="Of a request: when it lapses without an answer.")


class BookingSerializer(ToldBookingSerializer):
    tradie = BookedTradieSerializer(source="booking.tradie")
    refund_if_cancelled_now_cents = serializers.IntegerField()
    if_cancelled_now = OutcomeSerializer(help_text="What happens to the money if its customer cancels now.")
    policy_statement = serializers.ListField(child=serializers.CharField())
    changeable_until = LocalTimeField()
    ics_url = serializers.URLField()
    google_calendar_url = serializers.URLField(
        required=False, help_text="A new entry in their calendar on the web, filled in; once it is confirmed."
    )
    outlook_calendar_url = serializers.URLField(required=False)
    manage_url = serializers.URLField()
    quote_url = serializers.URLField(
        required=False,
        help_text="The page of the quote that it was made from, if so; other times are chosen there.",
    )


class BookingMadeSerializer(serializers.Serializer[BookingMade]):
    booking = BookingSerializer()
    token = serializers.CharField(source="booking.token")
    payment = PaymentSerializer(allow_null=True)


_booking, _made = BookingSerializer(), BookingMadeSerializer()  # once: see peepopay/api_outputs.py


def booking_answer(booking: Booking, *, now: datetime, totals: Totals | None = None) -> dict[str, Any]:
    """BOOKING of the contract. One query for the money, if a deposit was agreed and the caller doesn't bring it."""
    return _booking.to_representation(as_told(booking, now, totals))


def made_answer(booking: Booking, offer: Offer | None, *, now: datetime) -> dict[str, Any]:
    """The answer to POST /api/bookings. What is on offer has not been paid."""
    payment = PayableOffer(offer, booking.tradie.timezone) if offer else None
    told = as_told(booking, now, Totals() if offer else None)
    return _made.to_representation(BookingMade(told, payment))


def as_told(booking: Booking, now: datetime, totals: Totals | None) -> BookingAsTold:
    if totals is None:
        totals = totals_of(booking) if booking.deposit_cents else Totals()
    return BookingAsTold(booking, totals, now)

"""A booking as the people of its business get it: never with what opens its customer's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from availability.models import Calendar
from bookings.models import Actor, Booking, Status
from payments.cancellations import refund_due
from payments.totals import Totals, totals_in
from peepopay.api_outputs import BriefSerializer, LocalTimeField
from peepopay.local_time import in_zone
from peepopay.pages import Page

from .booking_outputs import (
    AddressSerializer,
    BookedServiceSerializer,
    CalendarSerializer,
    CustomerSerializer,
)


@dataclass(frozen=True)
class Job:
    """It has its tradie, calendar and payments loaded."""

    booking: Booking
    totals: Totals
    now: datetime

    @property
    def start(self) -> datetime:
        return self._local(self.booking.starts_at)

    @property
    def end(self) -> datetime:
        return self._local(self.booking.ends_at)

    @property
    def created_at(self) -> datetime:
        return self._local(self.booking.created_at)

    @property
    def calendar(self) -> Calendar | None:
        """Who comes, if that could be several."""
        return self.booking.calendar if self.booking.is_of_several else None

    @property
    def refund_if_cancelled_now_cents(self) -> int:
        return refund_due(self.booking, self.totals, actor=Actor.TRADIE, now=self.now)

    @property
    def dashboard_url(self) -> str:
        return settings.SITE_URL + reverse("booking", args=[self.booking.pk])

    def _local(self, instant: datetime) -> datetime:
        return in_zone(instant, self.booking.tradie.timezone)


class JobSerializer(BriefSerializer[Job]):
    id = serializers.UUIDField(source="booking.pk")
    reference = serializers.CharField(source="booking.reference")
    status = serializers.ChoiceField(Status.choices, source="booking.status")
    service = BookedServiceSerializer(source="booking")
    calendar = CalendarSerializer(
        required=False, help_text="Who comes; only of a business where several take bookings."
    )
    start = LocalTimeField()
    end = LocalTimeField()
    customer = CustomerSerializer(source="booking")
    address = AddressSerializer(source="booking")
    notes = serializers.CharField(source="booking.notes", help_text="The customer's.")
    answers = serializers.DictField(
        child=serializers.CharField(), source="booking.answers", help_text="By the ids of the questions."
    )
    tradie_notes = serializers.CharField(source="booking.tradie_notes", help_text="Your own, private.")
    deposit_cents = serializers.IntegerField(source="booking.deposit_cents")
    paid_cents = serializers.IntegerField(source="totals.paid_cents")
    refunded_cents = serializers.IntegerField(source="totals.refunded_cents")
    refund_if_cancelled_now_cents = serializers.IntegerField(help_text="If you cancel: all that was paid.")
    cancel_reason = serializers.CharField(source="booking.cancel_reason")
    created_at = LocalTimeField()
    dashboard_url = serializers.URLField()


class JobsSerializer(serializers.Serializer[Any]):
    bookings = JobSerializer(many=True)
    page = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True, help_text="null: there are no more.")


_job = JobSerializer()  # once: see peepopay/api_outputs.py


def job_answer(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """No query if its payments were fetched along."""
    return _job.to_representation(Job(booking, totals_in(booking.payments.all()), now))


def jobs_answer(page: Page, *, now: datetime) -> dict[str, Any]:
    bookings: Iterable[Booking] = page.items
    return {
        "bookings": [job_answer(booking, now=now) for booking in bookings],
        "page": page.number,
        "next_page": page.next_number,
    }

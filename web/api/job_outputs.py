"""A booking as the people of its business get it: never with what opens its customer's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from bookings.models import Actor, Booking
from payments.totals import totals_in
from peepopay.api_outputs import LocalTimeField
from peepopay.pages import Page

from .booking_outputs import ToldBooking, ToldBookingSerializer


@dataclass(frozen=True)
class Job(ToldBooking):
    """It has its calendar and payments loaded too."""

    told_to = Actor.TRADIE

    @property
    def created_at(self) -> datetime:
        return self.local(self.booking.created_at)

    @property
    def dashboard_url(self) -> str:
        return settings.SITE_URL + reverse("booking", args=[self.booking.pk])


class JobSerializer(ToldBookingSerializer):
    answers = serializers.DictField(
        child=serializers.CharField(), source="booking.answers", help_text="By the ids of the questions."
    )
    tradie_notes = serializers.CharField(source="booking.tradie_notes", help_text="Your own, private.")
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

"""GET /api/bookings, GET and PATCH /api/bookings/:id for the people of a business. The customer's side of the same
addresses is in `bookings.py`, and so is the description of what both answer at one of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.roles import May
from bookings import job_lists, lifecycle
from bookings.actors import By
from bookings.models import Booking, Status
from bookings.moving import move_booking
from bookings.remarks import change_notes
from payments import approvals, no_shows
from payments.cancellations import cancel_job
from peepopay.api import validated
from peepopay.api_schema import FOR_THE_BUSINESS, errors
from peepopay.errors import BookingNotChangeable, Forbidden, Unauthorized, ValidationFailed
from peepopay.pages import page_of
from web.members import refusal

from .bases import TradieAPI, own
from .job_inputs import JobChangeInput, JobsQuery
from .job_outputs import JobsSerializer, job_answer, jobs_answer

NOT_AS_IT_STANDS = "That can't be done with this booking as it stands now."
FOR_WHO_IS_THERE = {Status.COMPLETED, Status.NO_SHOW}  # to be said by whoever may see the job

Change = Callable[[Booking, By, datetime, str], Any]
BECOME: dict[str, Change] = {
    Status.CONFIRMED: lambda job, by, now, _: approvals.approve(job, by=by, now=now),
    Status.DECLINED: lambda job, by, now, why: approvals.decline(job, by=by, now=now, reason=why),
    Status.CANCELLED: lambda job, by, now, why: cancel_job(job, by=by, now=now, reason=why),
    Status.COMPLETED: lambda job, by, now, _: lifecycle.mark_completed(job, by=by, now=now),
    Status.NO_SHOW: lambda job, by, now, _: no_shows.mark(job, by=by, now=now),
}


def _to_be(booking: Booking) -> Status | None:
    """What an approved request becomes as soon as its deposit is taken."""
    return Status.CONFIRMED if booking.status == Status.REQUESTED and booking.approved_at else None


class Jobs(TradieAPI):
    may = May.JOBS
    scopes = {"get": Scope.BOOKINGS_READ}

    @extend_schema(
        operation_id="jobs",
        summary="The bookings of a business",
        auth=FOR_THE_BUSINESS,
        parameters=[JobsQuery],
        responses={200: JobsSerializer, **errors(ValidationFailed, Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """Those that you may see, by their start, 25 to a page; without what was never booked (holds, and those that
        lapsed). Give a `from`, or it begins with the very first."""
        sent = {name: value for name, value in request.query_params.items() if value}
        asked = validated(JobsQuery, sent)
        found = job_lists.found(
            job_lists.whole_jobs(self.member),
            status=asked.get("status"),
            text=asked.get("q", ""),
            first=asked.get("from"),
            last=asked.get("to"),
            zone_name=self.member.tradie.timezone,
        )
        page = page_of(found.prefetch_related("payments"), str(asked.get("page", 1)))
        return Response(jobs_answer(page, now=timezone.now()))


class OneJob(TradieAPI):
    may = May.JOBS
    scopes = {"get": Scope.BOOKINGS_READ, "patch": Scope.BOOKINGS_CHANGE}

    def get(self, request: Request, booking_id: uuid.UUID) -> Response:
        return Response(job_answer(self._own(booking_id), now=timezone.now()))

    def patch(self, request: Request, booking_id: uuid.UUID) -> Response:
        """By the rules of the dashboard's pages. What is so already is fine."""
        booking = self._own(booking_id)
        sent = validated(JobChangeInput, request.data)
        if not FOR_WHO_IS_THERE & {sent.get("status")} and "notes" not in sent:
            self._require(May.BOOKINGS)
        self._change(booking, sent, timezone.now())
        booking = self._own(booking_id)
        if sent.get("status", booking.status) not in (booking.status, _to_be(booking)):
            raise BookingNotChangeable(NOT_AS_IT_STANDS)
        return Response(job_answer(booking, now=timezone.now()))

    def _own(self, booking_id: uuid.UUID) -> Booking:
        return own(job_lists.whole_jobs(self.member).prefetch_related("payments"), booking_id)

    def _require(self, may: May) -> None:
        if may not in self.member.may:
            raise Forbidden(refusal(self.member, may))

    def _change(self, booking: Booking, sent: dict[str, Any], now: datetime) -> None:
        by = By.of(self.member)
        if "notes" in sent:
            change_notes(booking, sent["notes"], by=by, now=now)
        elif "start" in sent:
            move_booking(booking, sent["start"], by=by, now=now)
        elif booking.status != sent["status"]:
            BECOME[sent["status"]](booking, by, now, sent["reason"])

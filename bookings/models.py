"""Bookings."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.utils.functional import cached_property

from accounts.models import Service, Tradie
from accounts.service_rules import DepositIs
from availability.models import Calendar, has_several
from notifications.webhooks.endpoints import running
from peepopay.phone_column import is_e164

from .call_back_models import CallBack as CallBack
from .call_out_columns import CALL_OUT_WITHIN_THE_TERMS, CallOutColumns
from .copy_models import CopiedJob as CopiedJob
from .customer_models import Customer as Customer
from .customer_models import CustomerContact as CustomerContact
from .day_move_models import DayMove as DayMove
from .day_move_models import DayMoveJob as DayMoveJob
from .event_models import Actor as Actor
from .event_models import BookingEvent as BookingEvent
from .event_models import EventKind as EventKind
from .event_models import FormerToken as FormerToken
from .feed_models import CalendarFeed as CalendarFeed
from .on_site_columns import SITE_PHONE_IS_SOMEBODYS, OnSiteColumns
from .photo_models import Photo as Photo
from .posting_models import Posting as Posting
from .quote_columns import ONE_JOB_PER_QUOTE, QuoteColumns
from .series_models import Series as Series
from .series_models import Visit as Visit
from .statuses import HELD as HELD
from .statuses import HOLDS_TIME as HOLDS_TIME
from .statuses import UNPAID as UNPAID
from .statuses import Status as Status
from .terms import Terms, read_terms
from .waiter_models import Waiter as Waiter
from .whose_columns import WhoseColumns


def _later(instant: str, minutes: str) -> ExpressionWrapper:
    """The instant in one column, later by the minutes in another."""
    length = ExpressionWrapper(F(minutes) * Value(timedelta(minutes=1)), output_field=DurationField())
    return ExpressionWrapper(F(instant) + length, output_field=DateTimeField())


class Booking(WhoseColumns, QuoteColumns, OnSiteColumns, CallOutColumns):
    """One job at one time for one customer.

    `starts_at` to `ends_at` is the job; `period` is the job with its buffers, half-open [). The terms are frozen when
    it is made, so that a later change of the service changes no promise: read `terms`, not `service`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    tradie = models.ForeignKey(Tradie, on_delete=models.PROTECT, related_name="bookings")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="bookings")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="bookings")
    taken_by_business = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its business made it, for somebody who rang or stood there.",
    )
    tell_customer = models.BooleanField(
        default=True, db_default=True, help_text="Else its customer gets no mail and no SMS about it."
    )
    calendar_asked_for = models.BooleanField(
        default=False, help_text="Its customer asked for this one, not for anybody who is free."
    )
    status = models.CharField(max_length=10, choices=Status)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    period = DateTimeRangeField()
    held_until = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(
        null=True, blank=True, help_text="Of a request: when it lapses without an answer."
    )
    approved_at = models.DateTimeField(
        null=True, blank=True, help_text="When the business said yes; what the card holds is then taken."
    )

    service_name = models.CharField(max_length=120)
    duration_minutes = models.PositiveSmallIntegerField()
    buffer_before_minutes = models.PositiveSmallIntegerField()
    buffer_after_minutes = models.PositiveSmallIntegerField()
    arrival_window_minutes = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Promised is to arrive within so long after the start; 0: at the start.",
    )
    price_cents = models.PositiveIntegerField()
    price_from = models.BooleanField()
    deposit_cents = models.PositiveIntegerField()
    deposit_reasons = models.JSONField(default=list, db_default=Value([], models.JSONField()), blank=True)
    requires_approval = models.BooleanField()
    deposit_is = models.CharField(max_length=12, choices=DepositIs, db_default=DepositIs.SECURITY)
    policy = models.JSONField()  # a CancellationPolicy
    questions = models.JSONField()  # a list of Question

    customer = models.ForeignKey(
        "bookings.Customer", models.SET_NULL, null=True, blank=True, related_name="bookings", db_index=False
    )
    notes = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    tradie_notes = models.TextField(blank=True, max_length=4000)

    token_hash = models.CharField(max_length=64, unique=True)
    token_number = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often its link was replaced by a new one."
    )
    client_key = models.UUIDField(null=True, blank=True)  # the Idempotency-Key of the attempt that made it
    request_hash = models.CharField(max_length=64, blank=True)
    client_address_hash = models.CharField(max_length=64, blank=True)
    sequence = models.PositiveIntegerField(default=0)  # of the ICS event: raised with every move
    cancel_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When its customer pressed a button behind the link of our mail or SMS.",
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    rebooks = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rebookings",
        db_index=False,
        help_text="The one that its business called off, in whose place it was booked.",
    )
    holds_for = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="held_times",
        db_index=False,
        help_text="This is no job: it keeps a time for that one, whose business can't make the time it has.",
    )
    asked_to_move_at = models.DateTimeField(
        null=True, blank=True, help_text="When its business said that it can't make the time it has."
    )
    late_minutes = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="By how much its business said it is running late."
    )
    on_my_way_at = models.DateTimeField(
        null=True, blank=True, help_text="When its customer was told that somebody has set out."
    )
    no_show_at = models.DateTimeField(null=True, blank=True, help_text="When it was marked as one.")
    said_yes_to = models.DateTimeField(
        null=True, blank=True, help_text="The start that its customer texted they'll be there for."
    )
    call_wanted_since = models.DateTimeField(
        null=True, blank=True, help_text="When its customer asked to be called; nothing once somebody did."
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When its personal details were erased."
    )

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            ExclusionConstraint(
                name="booking_no_overlap",
                expressions=[("calendar", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(status__in=HOLDS_TIME),
            ),
            models.UniqueConstraint(fields=["tradie", "client_key"], name="booking_one_per_client_key"),
            models.UniqueConstraint(
                fields=["rebooks"], name="booking_rebooked_once", condition=Q(status__in=HOLDS_TIME)
            ),
            ONE_JOB_PER_QUOTE,
            SITE_PHONE_IS_SOMEBODYS,
            models.CheckConstraint(name="booking_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="booking_starts_before_it_ends", condition=Q(starts_at__lt=F("ends_at"))
            ),
            models.CheckConstraint(
                name="booking_lasts_as_agreed",
                condition=Q(ends_at=_later("starts_at", "duration_minutes")),
            ),
            models.CheckConstraint(
                name="booking_keeps_the_agreed_buffers",
                condition=Q(
                    starts_at=_later("period__startswith", "buffer_before_minutes"),
                    period__endswith=_later("ends_at", "buffer_after_minutes"),
                ),
            ),
            models.CheckConstraint(
                name="booking_hold_has_an_end", condition=~Q(status__in=HELD) | Q(held_until__isnull=False)
            ),
            models.CheckConstraint(
                name="booking_no_show_after_the_start",
                condition=Q(no_show_at__isnull=True) | Q(no_show_at__gte=F("starts_at")),
            ),
            models.CheckConstraint(
                name="booking_deposit_within_price", condition=Q(deposit_cents__lte=F("price_cents"))
            ),
            CALL_OUT_WITHIN_THE_TERMS,
            models.CheckConstraint(
                name="booking_phone_is_e164",
                condition=is_e164("customer_phone") | Q(erased_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["tradie", "starts_at"], name="booking_by_tradie_and_start"),
            models.Index(
                fields=["tradie", "starts_at"],
                name="booking_requests",
                condition=Q(status=Status.REQUESTED),
            ),
            models.Index(
                fields=["tradie", "call_wanted_since"],
                name="booking_calls_wanted",
                condition=Q(call_wanted_since__isnull=False),
            ),
            models.Index(
                fields=["starts_at", "id"],
                name="booking_to_come",
                condition=Q(status=Status.CONFIRMED),
            ),
            models.Index(
                fields=["holds_for"],
                name="booking_times_held_for",
                condition=Q(holds_for__isnull=False, status__in=HELD),
            ),
            models.Index(
                fields=["customer"], name="booking_by_customer", condition=Q(customer__isnull=False)
            ),
            models.Index(
                fields=["customer_phone"],
                name="booking_certain_by_phone",
                condition=Q(status__in=(Status.CONFIRMED, Status.COMPLETED)),
            ),
            models.Index(
                fields=["cancelled_at"],
                name="booking_cancelled_lately",
                condition=Q(cancelled_at__isnull=False),
            ),
            models.Index(
                fields=["no_show_at"], name="booking_no_show_lately", condition=Q(no_show_at__isnull=False)
            ),
            models.Index(fields=["held_until"], name="booking_holds_by_end", condition=Q(status__in=HELD)),
            models.Index(fields=["client_address_hash"], name="booking_unpaid_by_address", condition=UNPAID),
            models.Index(fields=["customer_email"], name="booking_unpaid_by_email", condition=UNPAID),
            models.Index(fields=["customer_phone"], name="booking_unpaid_by_phone", condition=UNPAID),
        ]

    def __str__(self) -> str:
        return self.reference

    @cached_property
    def is_of_several(self) -> bool:
        """Whether its business has several calendars that take bookings, so that it says something whose it is. One
        query, unless it was fetched `with_is_of_several` or `scheduling` brought the answer along."""
        return has_several(self.tradie_id).exists()

    @cached_property
    def has_listeners(self) -> bool:
        """Whether its business has systems that are told of what happens to it. One query, unless brought along."""
        return running(self.tradie_id).exists()

    @property
    def expected_at(self) -> datetime:
        """When its business comes, as last told: the start, or later where they said that they are running late."""
        return self.starts_at + timedelta(minutes=self.late_minutes)

    @property
    def says_yes(self) -> bool:
        """Whether its customer texted that they'll be there, at the time that it has now."""
        return self.said_yes_to == self.starts_at

    @property
    def terms(self) -> Terms:
        """What was agreed."""
        return read_terms(self)

    # Of what was paid, what has not gone back, where it was fetched `with_what_is_left`; None: nothing was paid.
    left_cents: int | None = None


def with_is_of_several(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Each row with the answer to `Booking.is_of_several`."""
    return rows.annotate(is_of_several=Exists(has_several(OuterRef("tradie"))))  # type: ignore[no-redef]

"""Whose time can be booked, and when they work. Clock times are minutes since local midnight, 0 to 1440, so that 24:00
can be said."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Lower

from accounts.models import Service, Tradie
from peepopay.local_time import clock_of

from .outside_models import OutsideCalendar as OutsideCalendar
from .outside_models import OutsideKind as OutsideKind

MINUTES_IN_A_DAY = 1440
NAME_TAKEN = "You already have one with that name. Choose another."


class Calendar(models.Model):
    """Whose time is booked: a person's or a van's, with their own hours. A business has one or several.

    It is the row to lock for whoever takes or gives back its time. Never deleted, since bookings point at it; one that
    is not active offers no times.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="calendars")
    name = models.CharField(max_length=80, help_text="Customers see it where they may choose.")
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="calendars",
        help_text="Who works by it, if it is a person who signs in.",
    )
    services = models.ManyToManyField(
        Service,
        related_name="calendars",
        blank=True,
        help_text="What it can do. A service that names no calendar can be done by any.",
    )
    slot_step_minutes = models.PositiveSmallIntegerField(default=30)
    minimum_notice_minutes = models.PositiveIntegerField(default=120)
    max_bookings_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                "tradie",
                Lower("name"),
                name="calendar_name_once_per_business",
                violation_error_code="name",
                violation_error_message=NAME_TAKEN,
            ),
            # What a booking's calendar and business are checked against, together.
            models.UniqueConstraint(fields=["id", "tradie"], name="calendar_of_one_business"),
            models.CheckConstraint(
                name="calendar_slot_step_divides_a_day",
                condition=Q(slot_step_minutes__in=[5, 10, 15, 20, 30, 60]),
                violation_error_code="slot_step_minutes",
                violation_error_message="Choose 5, 10, 15, 20, 30 or 60 minutes.",
            ),
            models.CheckConstraint(
                name="calendar_notice_at_most_30_days",
                condition=Q(minimum_notice_minutes__lte=30 * 24 * 60),
                violation_error_code="minimum_notice_minutes",
                violation_error_message="At most 30 days (43200 minutes).",
            ),
            models.CheckConstraint(
                name="calendar_daily_cap_at_least_one",
                condition=Q(max_bookings_per_day__isnull=True) | Q(max_bookings_per_day__gte=1),
                violation_error_code="max_bookings_per_day",
                violation_error_message="At least 1. Leave it empty for no limit.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


def has_several(tradie_id: uuid.UUID | OuterRef) -> QuerySet[Calendar]:
    """Not empty where several calendars of a business take bookings: only then customers are told of any."""
    return Calendar.objects.filter(tradie=tradie_id, is_active=True).order_by()[1:2]


class MinuteRange(Func):
    """Empty where it would end before it starts: another constraint says that, PostgreSQL would break off."""

    function = "int4range"
    output_field = IntegerField()

    def __init__(self, starts: Any, ends: Any) -> None:
        super().__init__(starts, Greatest(starts, ends))


def hours_text(opens_minute: int | None, closes_minute: int | None) -> str:
    """`7:00 am to 4:30 pm`, or `closed`; midnight is 12:00 am at either end."""
    if opens_minute is None or closes_minute is None:
        return "closed"
    opens, closes = (
        clock_of(time(minute // 60 % 24, minute % 60)) for minute in (opens_minute, closes_minute)
    )
    return f"{opens} to {closes}"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class WorkingHours(models.Model):
    """One range of a weekday; a day with a lunch break has two rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens_minute"]
        verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(
                name="working_hours_weekday_0_to_6",
                condition=Q(weekday__lte=6),
                violation_error_code="weekday",
                violation_error_message="Choose one of the seven days.",
            ),
            models.CheckConstraint(
                name="working_hours_open_before_they_close",
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=MINUTES_IN_A_DAY),
                violation_error_code="closes_minute",
                violation_error_message="This must be later than the start, and at most midnight.",
            ),
            ExclusionConstraint(
                name="working_hours_do_not_overlap",
                violation_error_code="opens_minute",
                violation_error_message="This overlaps other hours of the day.",
                expressions=[
                    ("calendar", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (MinuteRange("opens_minute", "closes_minute"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {hours_text(self.opens_minute, self.closes_minute)}"


class DateException(models.Model):
    """A date with other hours than its weekday's: closed (both minutes null), or ranges that replace them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="date_exceptions")
    date = models.DateField()
    opens_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    closes_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["date", "opens_minute"]
        constraints = [
            models.CheckConstraint(
                name="date_exception_closed_or_a_range",
                condition=Q(opens_minute__isnull=True, closes_minute__isnull=True)
                | Q(
                    opens_minute__isnull=False,
                    closes_minute__isnull=False,
                    opens_minute__lt=F("closes_minute"),
                    closes_minute__lte=MINUTES_IN_A_DAY,
                ),
                violation_error_code="closes_minute",
                violation_error_message="Fill in neither time, or both, in order and until midnight at most.",
            ),
            ExclusionConstraint(
                name="date_exceptions_do_not_overlap",
                violation_error_code="opens_minute",
                violation_error_message="This overlaps other hours of the date.",
                expressions=[
                    ("calendar", RangeOperators.EQUAL),
                    ("date", RangeOperators.EQUAL),
                    (
                        MinuteRange(Coalesce("opens_minute", 0), Coalesce("closes_minute", MINUTES_IN_A_DAY)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {hours_text(self.opens_minute, self.closes_minute)}"


class Repeats(models.TextChoices):
    NEVER = "never", "Does not repeat"
    WEEKLY = "weekly", "Every week"
    FORTNIGHTLY = "fortnightly", "Every two weeks"
    YEARLY = "yearly", "Every year"


class TimeOff(models.Model):
    """A block of time off work, from one instant to another, days or weeks long; repeats keep the local clock time.
    One that has a source is a copy of what is on there (`outside.py`), and nobody changes it here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    repeats = models.CharField(max_length=12, choices=Repeats, default=Repeats.NEVER)
    repeat_until = models.DateField(
        null=True, blank=True, help_text="The last local date on which it starts."
    )
    reason = models.CharField(max_length=120, blank=True)
    source = models.ForeignKey(
        OutsideCalendar,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        db_index=False,  # the constraint has one
        related_name="times",
    )

    class Meta:
        ordering = ["starts_at"]
        verbose_name_plural = "time off"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "starts_at", "ends_at"], name="time_off_once_per_source"
            ),
            models.CheckConstraint(
                name="time_off_starts_before_it_ends",
                condition=Q(starts_at__lt=F("ends_at")),
                violation_error_code="ends_at",
                violation_error_message="It must end after it starts.",
            ),
            models.CheckConstraint(
                name="time_off_repeats_known",
                condition=Q(repeats__in=Repeats.values),
                violation_error_code="repeats",
                violation_error_message="Choose one of the repeats.",
            ),
        ]
        indexes = [models.Index(fields=["calendar", "starts_at"], name="time_off_by_calendar")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M} UTC"

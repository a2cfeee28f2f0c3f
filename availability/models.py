"""When a tradie works. Clock times are minutes since local midnight, 0 to 1440, so that 24:00 can be said."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.functions import Coalesce

from accounts.models import Tradie

MINUTES_IN_A_DAY = 1440


class MinuteRange(Func):
    function = "int4range"
    output_field = IntegerField()


def hours_text(opens_minute: int | None, closes_minute: int | None) -> str:
    """`7:00 to 16:30`, or `closed`."""
    if opens_minute is None or closes_minute is None:
        return "closed"
    opens, closes = (f"{minute // 60}:{minute % 60:02}" for minute in (opens_minute, closes_minute))
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
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens_minute"]
        verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(name="working_hours_weekday_0_to_6", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="working_hours_open_before_they_close",
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=MINUTES_IN_A_DAY),
            ),
            ExclusionConstraint(
                name="working_hours_do_not_overlap",
                expressions=[
                    ("tradie", RangeOperators.EQUAL),
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
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="date_exceptions")
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
                | Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=MINUTES_IN_A_DAY),
            ),
            ExclusionConstraint(
                name="date_exceptions_do_not_overlap",
                expressions=[
                    ("tradie", RangeOperators.EQUAL),
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
    """A stretch off work, from one instant to another, days or weeks long; repeats keep the local clock time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    repeats = models.CharField(max_length=12, choices=Repeats, default=Repeats.NEVER)
    repeat_until = models.DateField(
        null=True, blank=True, help_text="The last local date on which it starts."
    )
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["starts_at"]
        verbose_name_plural = "time off"
        constraints = [
            models.CheckConstraint(
                name="time_off_starts_before_it_ends", condition=Q(starts_at__lt=F("ends_at"))
            ),
            models.CheckConstraint(name="time_off_repeats_known", condition=Q(repeats__in=Repeats.values)),
        ]
        indexes = [models.Index(fields=["tradie", "starts_at"], name="time_off_by_tradie")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M} UTC"

"""A job that comes round: its rule, and what became of each of its dates."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import Tradie
from availability.models import Calendar
from peepopay.local_time import clock_of, day_of

from .series_rule import Every, Rule, words_of


class Series(models.Model):
    """For whom, where and on which terms, `like` says: the latest booking that was made of it, from which the next is
    made. So a series keeps nothing of a customer itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.PROTECT, related_name="series")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")
    like = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="+")
    every = models.CharField(max_length=10, choices=Every)
    first_on = models.DateField(help_text="The local date from which it is counted.")
    at = models.TimeField(help_text="By the clock of its business.")
    until = models.DateField(null=True, blank=True, help_text="The last local date that may be one of it.")
    made_until = models.DateField(help_text="Up to this local date each visit is made, or said why not.")
    deposit_cents = models.PositiveIntegerField(default=0, db_default=0, help_text="Of each visit, if any.")
    deposit_days = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="So many days before each visit its deposit is asked for; 0 is never.",
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(name="series_rule_known", condition=Q(every__in=Every.values)),
            models.CheckConstraint(
                name="series_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gte=F("first_on")),
            ),
        ]
        indexes = [models.Index(fields=["made_until"], name="series_to_make_out")]

    def __str__(self) -> str:
        return f"{self.every} from {self.first_on}"

    @property
    def rule(self) -> Rule:
        return Rule(self.every, self.first_on, self.at, self.tradie.timezone, self.until)

    @property
    def words(self) -> str:
        """`every two weeks on Tuesday`."""
        return words_of(self.every, self.first_on)

    @property
    def clock(self) -> str:
        """`8:00 am`."""
        return clock_of(self.at)

    @property
    def in_full(self) -> str:
        """`every two weeks on Tuesday at 8:00 am, until Tue 5 Jan 2027`."""
        until = f", until {day_of(self.until)}" if self.until else ""
        return f"{self.words} at {self.clock}{until}"

    def is_over(self, today: date) -> bool:
        return self.until is not None and self.until < today


class State(models.TextChoices):
    BOOKED = "booked", "Booked"
    SKIPPED = "skipped", "Skipped"
    TAKEN = "taken", "Another job is booked then"
    TIME_OFF = "time_off", "You have time off then"
    DAY_OFF = "day_off", "You are closed that day"
    NOBODY = "nobody", "Whose job it was takes no bookings any more"


CLASHES = (State.TAKEN, State.TIME_OFF, State.DAY_OFF, State.NOBODY)


class Visit(models.Model):
    """One date of a series. `on` stays what it is wherever its booking moves."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="visits", db_index=False)
    on = models.DateField()
    state = models.CharField(max_length=10, choices=State)
    booking = models.OneToOneField(
        "bookings.Booking", on_delete=models.PROTECT, null=True, blank=True, related_name="visit"
    )

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["series", "on"], name="visit_once_a_date"),
            models.CheckConstraint(name="visit_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="visit_booked_with_its_booking",
                condition=Q(state=State.BOOKED, booking__isnull=False)
                | (~Q(state=State.BOOKED) & Q(booking__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return day_of(self.on)

    @property
    def is_clash(self) -> bool:
        return self.state in CLASHES

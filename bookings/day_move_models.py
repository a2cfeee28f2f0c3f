"""A business can't make a whole day: what it asked of whom, and what came of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Tradie
from availability.models import Calendar, TimeOff
from peepopay.local_time import day_of


class Answer(models.TextChoices):
    """What became of one booking of the day. A customer can still choose after the deadline, when they were silent."""

    WAITING = "waiting", "Hasn't answered yet"
    SILENT = "silent", "Didn't answer: please call"
    TOOK = "took", "Took a time that was held"
    CHOSE = "chose", "Chose another time"
    MOVED = "moved", "Moved by you"
    HANDED_OVER = "handed_over", "Somebody else does it"
    CANCELLED = "cancelled", "Cancelled"
    KEPT = "kept", "Stays as it was"


OPEN = (Answer.WAITING, Answer.SILENT)


class DayMove(models.Model):
    """One calendar can't make one local date. Times that are held for its customers lapse at `answer_by`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.PROTECT, related_name="day_moves")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="day_moves")
    day = models.DateField()
    reason = models.CharField(max_length=200, blank=True, help_text="Its customers read it.")
    # What keeps others from booking the day; nothing once it was removed.
    time_off = models.ForeignKey(TimeOff, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answer_by = models.DateTimeField()
    created_at = models.DateTimeField()
    lapsed_at = models.DateTimeField(
        null=True, blank=True, help_text="When those who hadn't answered were put on the list of calls."
    )
    reopened_at = models.DateTimeField(
        null=True, blank=True, help_text="When the business could make it after all."
    )

    class Meta:
        ordering = ["-day", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                name="day_move_one_at_a_time",
                condition=Q(reopened_at__isnull=True),
            )
        ]
        indexes = [
            models.Index(
                fields=["answer_by"],
                name="day_move_to_lapse",
                condition=Q(lapsed_at__isnull=True, reopened_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return day_of(self.day)


class DayMoveJob(models.Model):
    """One booking of such a day, from its time on that day to its answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    move = models.ForeignKey(DayMove, on_delete=models.PROTECT, related_name="jobs")
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="day_move_jobs")
    starts_at = models.DateTimeField(help_text="The start that can't be made.")
    answer = models.CharField(max_length=12, choices=Answer, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], name="day_move_job_asked_once", condition=Q(answer__in=OPEN)
            ),
            models.CheckConstraint(name="day_move_job_answer_known", condition=Q(answer__in=Answer.values)),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()

    @property
    def is_open(self) -> bool:
        return self.answer in OPEN

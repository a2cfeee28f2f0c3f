"""A job as it stands in a calendar that its person keeps elsewhere."""

from __future__ import annotations

from django.db import models

from availability.models import OutsideCalendar


class CopiedJob(models.Model):
    """What was put there last, so that what somebody changed there can be told from what changed here."""

    id = models.BigAutoField(primary_key=True)
    outside = models.ForeignKey(OutsideCalendar, on_delete=models.CASCADE, related_name="copies")
    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="copies")
    path = models.CharField(max_length=500, help_text="Of its address there.")
    digest = models.CharField(max_length=64, help_text="Of what was put there.")
    starts_at = models.DateTimeField(help_text="As put there.")
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="Where it was moved to there; nobody said yes or no yet."
    )
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="The same, once somebody had it put back."
    )
    restored_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it was put back, as it had been deleted there or resized; until somebody read that.",
    )
    resized_to = models.DateTimeField(
        null=True, blank=True, help_text="When it had ended there, of one that was resized."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booking", "outside"], name="copied_job_once"),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} in {self.outside_id}"

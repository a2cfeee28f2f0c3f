"""What a business says of the way to its jobs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

SLOWEST_KMH, FASTEST_KMH = 5, 130
MOST_SLACK_MINUTES = 120


class ZoneColumns(models.Model):
    call_out_zones = models.JSONField(  # a list of CallOutZone, in the order in which they are tried
        "call-out zones",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        editable=False,
    )

    travel_kmh = models.PositiveSmallIntegerField(
        "speed", null=True, blank=True, help_text="As the crow flies. None: drives don't matter."
    )
    travel_slack_minutes = models.PositiveSmallIntegerField("minutes to spare", default=0, db_default=0)

    shows_near_days = models.BooleanField(
        "days nearby",
        default=False,
        db_default=False,
        help_text="Customers are shown on which days a job of theirs would be near another.",
    )

    class Meta:
        abstract = True


TRAVEL_WITHIN_REASON = models.CheckConstraint(
    name="tradie_travel_within_reason",
    condition=(Q(travel_kmh=None) | Q(travel_kmh__gte=SLOWEST_KMH, travel_kmh__lte=FASTEST_KMH))
    & Q(travel_slack_minutes__lte=MOST_SLACK_MINUTES),
    violation_error_code="travel_kmh",
    violation_error_message=(
        f"Choose {SLOWEST_KMH} to {FASTEST_KMH} km/h, at most {MOST_SLACK_MINUTES} minutes to spare."
    ),
)

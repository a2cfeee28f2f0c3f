"""What a booking keeps of the zone that its address was in when it was made: docs/zones.md."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class CallOutColumns(models.Model):
    call_out_zone = models.CharField(max_length=40, default="", db_default="", blank=True)
    call_out_fee_cents = models.PositiveIntegerField(default=0, db_default=0, help_text="Within the price.")
    call_out_minutes = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Within each of the buffers."
    )

    class Meta:
        abstract = True


CALL_OUT_WITHIN_THE_TERMS = models.CheckConstraint(
    name="booking_call_out_within_the_terms",
    condition=Q(call_out_fee_cents__lte=F("price_cents"))
    & Q(call_out_minutes__lte=F("buffer_before_minutes"))
    & Q(call_out_minutes__lte=F("buffer_after_minutes")),
)

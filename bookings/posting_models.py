"""That something happened to a booking which the books may have to know."""

from __future__ import annotations

from django.db import models

from peepopay.models import OutboxRow


class Posting(OutboxRow):
    """Written with every event of a booking that can move its money (`lifecycle.record`). The ledger looks at all of
    the booking then, so one that runs twice, or late, changes nothing; see docs/ledger.md."""

    queue = "sweeps"
    together = "booking"

    id = models.BigAutoField(primary_key=True)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="postings")

    class Meta(OutboxRow.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"of {self.booking_id}"

"""What the job of a booking came to, as a row: what `balances.py` asks the customer for."""

from __future__ import annotations

from django.db import models

from bookings.models import Booking


class Bill(models.Model):
    """There is one once something was invoiced. `invoicing` keeps both figures, in the transactions that change them;
    what was paid and refunded through Stripe stands in the payments."""

    booking = models.OneToOneField(Booking, models.PROTECT, primary_key=True, related_name="bill")
    asked_cents = models.PositiveIntegerField(help_text="Invoices less credit notes.")
    elsewhere_cents = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Paid in cash or by transfer."
    )
    asked_at = models.DateTimeField(help_text="When the first invoice was issued.")

    def __str__(self) -> str:
        return str(self.booking_id)

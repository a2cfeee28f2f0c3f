"""What a booking keeps of the quote it was made from. What a quote is, `invoicing` knows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

# Being paid for, or accepted, whatever became of the job afterwards; here by name, since `models.py` imports this.
ACCEPTED_OR_HELD = ("pending", "expiring", "requested", "confirmed", "completed", "no_show", "cancelled")


class QuoteColumns(models.Model):
    """`quote_id`: a plain number, since what it is the number of lies in an app to the right. `quote_lines`: what the
    price is made of, a list of AgreedLine; the invoice begins with them."""

    quote_id = models.UUIDField(null=True, blank=True, editable=False)
    quote_lines = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True, editable=False
    )
    quote_is_off = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Of a hold that lapsed: its quote was changed or withdrawn since. Paid late, it goes back.",
    )

    class Meta:
        abstract = True


# However many tabs and phones accept a quote at once, however late a payment comes in: one of them makes the job.
ONE_JOB_PER_QUOTE = models.UniqueConstraint(
    fields=["quote_id"],
    name="booking_one_job_per_quote",
    condition=Q(quote_id__isnull=False, status__in=ACCEPTED_OR_HELD),
)

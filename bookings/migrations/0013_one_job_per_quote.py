from django.db import migrations, models

STATUSES = ("pending", "expiring", "requested", "confirmed", "completed", "no_show", "cancelled")
ONE_JOB_PER_QUOTE = f"""
CREATE UNIQUE INDEX CONCURRENTLY booking_one_job_per_quote ON bookings_booking (quote_id)
WHERE quote_id IS NOT NULL AND status IN ({", ".join(f"'{status}'" for status in STATUSES)})
"""


class Migration(migrations.Migration):
    """The index stops nobody, so it is made outside a transaction."""

    atomic = False
    dependencies = [("bookings", "0012_from_quotes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ONE_JOB_PER_QUOTE, "DROP INDEX CONCURRENTLY booking_one_job_per_quote")],
            [
                migrations.AddConstraint(
                    "booking",
                    models.UniqueConstraint(
                        fields=["quote_id"],
                        name="booking_one_job_per_quote",
                        condition=models.Q(quote_id__isnull=False, status__in=STATUSES),
                    ),
                )
            ],
        )
    ]

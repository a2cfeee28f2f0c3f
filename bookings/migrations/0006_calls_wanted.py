from django.db import migrations, models

CALLS_WANTED = """
CREATE INDEX CONCURRENTLY booking_calls_wanted ON bookings_booking (tradie_id, call_wanted_since)
WHERE call_wanted_since IS NOT NULL
"""


class Migration(migrations.Migration):
    """The index stops nobody, so it is made outside a transaction."""

    atomic = False
    dependencies = [("bookings", "0005_disputes_in_the_history")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(CALLS_WANTED, "DROP INDEX CONCURRENTLY booking_calls_wanted")],
            [
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        fields=["tradie", "call_wanted_since"],
                        condition=models.Q(call_wanted_since__isnull=False),
                        name="booking_calls_wanted",
                    ),
                )
            ],
        )
    ]

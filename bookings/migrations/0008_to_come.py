from django.db import migrations, models

TO_COME = """
CREATE INDEX CONCURRENTLY booking_to_come ON bookings_booking (starts_at, id) WHERE status = 'confirmed'
"""


class Migration(migrations.Migration):
    """The index stops nobody, so it is made outside a transaction."""

    atomic = False
    dependencies = [("bookings", "0007_deposit_is"), ("notifications", "0003_who_wants_what")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(TO_COME, "DROP INDEX CONCURRENTLY booking_to_come")],
            [
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        fields=["starts_at", "id"],
                        condition=models.Q(status="confirmed"),
                        name="booking_to_come",
                    ),
                )
            ],
        )
    ]

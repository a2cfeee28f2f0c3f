from django.db import migrations, models

BY_PHONE = """
CREATE INDEX CONCURRENTLY booking_certain_by_phone ON bookings_booking (customer_phone)
WHERE status IN ('confirmed', 'completed')
"""


class Migration(migrations.Migration):
    """Bookings are many: nobody waits for it."""

    atomic = False
    dependencies = [("bookings", "0031_texts_of_customers")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(BY_PHONE, "DROP INDEX CONCURRENTLY booking_certain_by_phone")],
            [
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        condition=models.Q(("status__in", ("confirmed", "completed"))),
                        fields=["customer_phone"],
                        name="booking_certain_by_phone",
                    ),
                )
            ],
        )
    ]

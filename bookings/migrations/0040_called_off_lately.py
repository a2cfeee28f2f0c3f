from django.db import migrations, models

CANCELLED = """
CREATE INDEX CONCURRENTLY booking_cancelled_lately ON bookings_booking (cancelled_at) WHERE cancelled_at IS NOT NULL
"""
NO_SHOW = """
CREATE INDEX CONCURRENTLY booking_no_show_lately ON bookings_booking (no_show_at) WHERE no_show_at IS NOT NULL
"""


class Migration(migrations.Migration):
    """Bookings are many: nobody waits for it."""

    atomic = False
    dependencies = [("bookings", "0039_call_out_within_the_terms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(CANCELLED, "DROP INDEX CONCURRENTLY booking_cancelled_lately"),
                migrations.RunSQL(NO_SHOW, "DROP INDEX CONCURRENTLY booking_no_show_lately"),
            ],
            [
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        condition=models.Q(("cancelled_at__isnull", False)),
                        fields=["cancelled_at"],
                        name="booking_cancelled_lately",
                    ),
                ),
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        condition=models.Q(("no_show_at__isnull", False)),
                        fields=["no_show_at"],
                        name="booking_no_show_lately",
                    ),
                ),
            ],
        )
    ]

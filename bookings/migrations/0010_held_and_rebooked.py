from django.db import migrations, models

HELD_FOR = """
CREATE INDEX CONCURRENTLY booking_times_held_for ON bookings_booking (holds_for_id)
WHERE holds_for_id IS NOT NULL AND status IN ('pending', 'expiring')
"""
REBOOKED_ONCE = """
CREATE UNIQUE INDEX CONCURRENTLY booking_rebooked_once ON bookings_booking (rebooks_id)
WHERE status IN ('pending', 'expiring', 'requested', 'confirmed', 'completed', 'no_show')
"""
HELD = ("pending", "expiring")
HOLDS_TIME = (*HELD, "requested", "confirmed", "completed", "no_show")


class Migration(migrations.Migration):
    """Indexes that stop nobody, and so are made outside a transaction."""

    atomic = False
    dependencies = [("bookings", "0009_days_that_move")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(HELD_FOR, "DROP INDEX CONCURRENTLY booking_times_held_for")],
            [
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        fields=["holds_for"],
                        condition=models.Q(holds_for__isnull=False, status__in=HELD),
                        name="booking_times_held_for",
                    ),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(REBOOKED_ONCE, "DROP INDEX CONCURRENTLY booking_rebooked_once")],
            [
                migrations.AddConstraint(
                    "booking",
                    models.UniqueConstraint(
                        fields=["rebooks"],
                        condition=models.Q(status__in=HOLDS_TIME),
                        name="booking_rebooked_once",
                    ),
                )
            ],
        ),
    ]

from django.db import migrations, models

DUE = """
CREATE INDEX CONCURRENTLY photo_due ON bookings_photo (due_at)
WHERE dead_at IS NULL AND done_at IS NULL
"""
DEAD = """
CREATE INDEX CONCURRENTLY photo_dead ON bookings_photo (dead_at)
WHERE dead_at IS NOT NULL AND done_at IS NULL
"""
ONCE = """
CREATE UNIQUE INDEX CONCURRENTLY photo_once_per_booking ON bookings_photo (booking_id, digest)
WHERE NOT state = 'removed'
"""


class Migration(migrations.Migration):
    """The table is new and empty: only so that no index is ever made in a transaction."""

    atomic = False
    dependencies = [("bookings", "0026_photos")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(DUE, "DROP INDEX CONCURRENTLY photo_due"),
                migrations.RunSQL(DEAD, "DROP INDEX CONCURRENTLY photo_dead"),
                migrations.RunSQL(ONCE, "DROP INDEX CONCURRENTLY photo_once_per_booking"),
            ],
            [
                migrations.AddConstraint(
                    "photo",
                    models.UniqueConstraint(
                        condition=models.Q(("state", "removed"), _negated=True),
                        fields=("booking", "digest"),
                        name="photo_once_per_booking",
                    ),
                ),
                migrations.AddIndex(
                    "photo",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                        fields=["due_at"],
                        name="photo_due",
                    ),
                ),
                migrations.AddIndex(
                    "photo",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False), ("done_at__isnull", True)),
                        fields=["dead_at"],
                        name="photo_dead",
                    ),
                ),
            ],
        )
    ]

from django.db import migrations, models

DUE = """
CREATE INDEX CONCURRENTLY outsidecalendar_due ON availability_outsidecalendar (due_at)
WHERE dead_at IS NULL AND done_at IS NULL
"""
DEAD = """
CREATE INDEX CONCURRENTLY outsidecalendar_dead ON availability_outsidecalendar (dead_at)
WHERE dead_at IS NOT NULL AND done_at IS NULL
"""
ONCE = """
CREATE UNIQUE INDEX CONCURRENTLY time_off_once_per_source ON availability_timeoff (source_id, starts_at, ends_at)
"""


class Migration(migrations.Migration):
    """Indexes that stop nobody, and so are made outside a transaction."""

    atomic = False
    dependencies = [("availability", "0002_outside_calendars")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(DUE, "DROP INDEX CONCURRENTLY outsidecalendar_due"),
                migrations.RunSQL(DEAD, "DROP INDEX CONCURRENTLY outsidecalendar_dead"),
                migrations.RunSQL(ONCE, "DROP INDEX CONCURRENTLY time_off_once_per_source"),
            ],
            [
                migrations.AddIndex(
                    "outsidecalendar",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                        fields=["due_at"],
                        name="outsidecalendar_due",
                    ),
                ),
                migrations.AddIndex(
                    "outsidecalendar",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False), ("done_at__isnull", True)),
                        fields=["dead_at"],
                        name="outsidecalendar_dead",
                    ),
                ),
                migrations.AddConstraint(
                    "timeoff",
                    models.UniqueConstraint(
                        fields=("source", "starts_at", "ends_at"), name="time_off_once_per_source"
                    ),
                ),
            ],
        )
    ]

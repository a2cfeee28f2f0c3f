from django.db import migrations, models

DUE = """
CREATE INDEX CONCURRENTLY export_due ON invoicing_export (due_at)
WHERE dead_at IS NULL AND done_at IS NULL
"""
DEAD = """
CREATE INDEX CONCURRENTLY export_dead ON invoicing_export (dead_at)
WHERE dead_at IS NOT NULL AND done_at IS NULL
"""
ONE = """
CREATE UNIQUE INDEX CONCURRENTLY export_one_at_a_time ON invoicing_export (tradie_id)
WHERE dead_at IS NULL AND done_at IS NULL
"""


class Migration(migrations.Migration):
    """The indexes stop nobody, so they are made outside a transaction."""

    atomic = False
    dependencies = [("invoicing", "0005_export")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(DUE, "DROP INDEX CONCURRENTLY export_due"),
                migrations.RunSQL(ONE, "DROP INDEX CONCURRENTLY export_one_at_a_time"),
                migrations.RunSQL(DEAD, "DROP INDEX CONCURRENTLY export_dead"),
            ],
            [
                migrations.AddConstraint(
                    "export",
                    models.UniqueConstraint(
                        condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                        fields=("tradie",),
                        name="export_one_at_a_time",
                    ),
                ),
                migrations.AddIndex(
                    "export",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                        fields=["due_at"],
                        name="export_due",
                    ),
                ),
                migrations.AddIndex(
                    "export",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False), ("done_at__isnull", True)),
                        fields=["dead_at"],
                        name="export_dead",
                    ),
                ),
            ],
        ),
    ]

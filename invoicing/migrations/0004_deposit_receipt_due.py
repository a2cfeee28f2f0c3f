from django.db import migrations, models

DUE = """
CREATE INDEX CONCURRENTLY depositreceipt_due ON invoicing_depositreceipt (due_at)
WHERE dead_at IS NULL AND done_at IS NULL
"""
DEAD = """
CREATE INDEX CONCURRENTLY depositreceipt_dead ON invoicing_depositreceipt (dead_at)
WHERE dead_at IS NOT NULL AND done_at IS NULL
"""


class Migration(migrations.Migration):
    """The indexes stop nobody, so they are made outside a transaction."""

    atomic = False
    dependencies = [("invoicing", "0003_deposit_receipt")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(DUE, "DROP INDEX CONCURRENTLY depositreceipt_due"),
                migrations.RunSQL(DEAD, "DROP INDEX CONCURRENTLY depositreceipt_dead"),
            ],
            [
                migrations.AddIndex(
                    "depositreceipt",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                        fields=["due_at"],
                        name="depositreceipt_due",
                    ),
                ),
                migrations.AddIndex(
                    "depositreceipt",
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False), ("done_at__isnull", True)),
                        fields=["dead_at"],
                        name="depositreceipt_dead",
                    ),
                ),
            ],
        ),
    ]

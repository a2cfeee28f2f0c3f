"""The rows that wait, and those that were given up: none yet, but nothing may wait for an index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("invoicing", "0003_deposit_receipt")]

    operations = [
        AddIndexConcurrently(
            "depositreceipt",
            models.Index(
                condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                fields=["due_at"],
                name="depositreceipt_due",
            ),
        ),
        AddIndexConcurrently(
            "depositreceipt",
            models.Index(
                condition=models.Q(("dead_at__isnull", False), ("done_at__isnull", True)),
                fields=["dead_at"],
                name="depositreceipt_dead",
            ),
        ),
    ]

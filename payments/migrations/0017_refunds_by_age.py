"""Whoever looks for the refunds of the last days reads those alone."""

from django.db import migrations, models

BY_AGE = "CREATE INDEX CONCURRENTLY refund_by_age ON payments_refund (created_at)"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0016_accounts_replaced")]

    operations = [
        migrations.RunSQL(
            BY_AGE,
            "DROP INDEX CONCURRENTLY refund_by_age",
            [migrations.AddIndex("refund", models.Index(fields=["created_at"], name="refund_by_age"))],
        ),
    ]

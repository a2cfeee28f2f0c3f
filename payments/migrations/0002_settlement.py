"""A payment may be held on a card; what was sent to make its intent is kept as text.

`parameters` stays in the table for the version before, which reads and writes it; a later migration drops it.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

STATUSES = ["new", "open", "authorised", "processing", "succeeded", "canceled"]
UNSETTLED = ("new", "open", "processing", "authorised")
ONE_LIVE = """
CREATE UNIQUE INDEX CONCURRENTLY payment_live_once_per_kind ON payments_payment (booking_id, kind)
WHERE status IN ('new', 'open', 'processing', 'authorised', 'succeeded')
"""
ONE_LIVE_BEFORE = """
CREATE UNIQUE INDEX CONCURRENTLY payment_one_live_per_kind ON payments_payment (booking_id, kind)
WHERE status IN ('new', 'open', 'processing', 'succeeded')
"""
ON_ITS_WAY = """
CREATE INDEX CONCURRENTLY payment_on_its_way ON payments_payment (checked_at)
WHERE status IN ('new', 'open', 'processing', 'authorised')
"""
UNSETTLED_BEFORE = """
CREATE INDEX CONCURRENTLY payment_unsettled ON payments_payment (checked_at)
WHERE status IN ('new', 'open', 'processing')
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.AddField(
            "payment",
            "sent",
            models.TextField(db_default="", help_text="The parameters as JSON, in their order."),
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE payments_payment ALTER COLUMN parameters SET DEFAULT '{}'",
                    "ALTER TABLE payments_payment ALTER COLUMN parameters DROP DEFAULT",
                )
            ],
            [migrations.RemoveField("payment", "parameters")],
        ),
        migrations.AlterField(
            "payment",
            "status",
            models.CharField(
                choices=[
                    ("new", "Not yet with Stripe"),
                    ("open", "Can be paid"),
                    ("authorised", "Held on the card"),
                    ("processing", "Processing"),
                    ("succeeded", "Paid"),
                    ("canceled", "Cancelled"),
                ],
                default="new",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("payment", "payment_status_known"),
        AddConstraintNotValid(
            "payment",
            models.CheckConstraint(name="payment_status_known", condition=Q(status__in=STATUSES)),
        ),
        ValidateConstraint("payment", "payment_status_known"),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(ONE_LIVE, "DROP INDEX CONCURRENTLY payment_live_once_per_kind"),
                migrations.RunSQL("DROP INDEX CONCURRENTLY payment_one_live_per_kind", ONE_LIVE_BEFORE),
            ],
            [
                migrations.AddConstraint(
                    "payment",
                    models.UniqueConstraint(
                        fields=["booking", "kind"],
                        name="payment_live_once_per_kind",
                        condition=Q(status__in=(*UNSETTLED, "succeeded")),
                    ),
                ),
                migrations.RemoveConstraint("payment", "payment_one_live_per_kind"),
            ],
        ),
        migrations.RunSQL(
            ON_ITS_WAY,
            "DROP INDEX CONCURRENTLY payment_on_its_way",
            [
                migrations.AddIndex(
                    "payment",
                    models.Index(
                        fields=["checked_at"], name="payment_on_its_way", condition=Q(status__in=UNSETTLED)
                    ),
                )
            ],
        ),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY payment_unsettled",
            UNSETTLED_BEFORE,
            [migrations.RemoveIndex("payment", "payment_unsettled")],
        ),
    ]

"""Refunds that were made elsewhere, asked for by hand, or stand in the place of a failed one."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

STATUSES = ["requested", "submitted", "succeeded", "failed", "not_needed"]
INSTEAD_OF = """
ALTER TABLE payments_refund ADD CONSTRAINT refund_instead_of_one_that_is_there
FOREIGN KEY (instead_of_id) REFERENCES payments_refund (id) DEFERRABLE INITIALLY DEFERRED NOT VALID
"""
ONCE_IN_ITS_PLACE = (
    "CREATE UNIQUE INDEX CONCURRENTLY refund_once_in_its_place ON payments_refund (instead_of_id)"
)
ONE_PER_KEY = (
    "CREATE UNIQUE INDEX CONCURRENTLY refund_one_per_client_key ON payments_refund (payment_id, client_key)"
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0002_settlement")]

    operations = [
        migrations.AddField(
            "connectedaccount",
            "refunds_checked_at",
            models.DateTimeField(
                blank=True, help_text="When Stripe was last asked for its refunds.", null=True
            ),
        ),
        migrations.AddField(
            "refund",
            "origin",
            models.CharField(
                choices=[("ours", "PeepoPay"), ("external", "Stripe dashboard")],
                db_default="ours",
                default="ours",
                max_length=8,
            ),
        ),
        migrations.AddField(
            "refund",
            "short_since",
            models.DateTimeField(
                blank=True, help_text="Since when the account's balance is too low for it.", null=True
            ),
        ),
        migrations.AddField(
            "refund",
            "client_key",
            models.UUIDField(blank=True, help_text="Of the page on which somebody asked for it.", null=True),
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE payments_refund ADD COLUMN instead_of_id uuid",
                    "ALTER TABLE payments_refund DROP COLUMN instead_of_id",
                ),
                migrations.RunSQL(ONCE_IN_ITS_PLACE, migrations.RunSQL.noop),
                migrations.RunSQL(INSTEAD_OF, migrations.RunSQL.noop),
                migrations.RunSQL(
                    "ALTER TABLE payments_refund VALIDATE CONSTRAINT refund_instead_of_one_that_is_there",
                    migrations.RunSQL.noop,
                ),
            ],
            [
                migrations.AddField(
                    "refund",
                    "instead_of",
                    models.OneToOneField(
                        blank=True,
                        help_text="Of which it is the money.",
                        null=True,
                        on_delete=models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="payments.refund",
                    ),
                )
            ],
        ),
        migrations.RunSQL(
            ONE_PER_KEY,
            "DROP INDEX CONCURRENTLY refund_one_per_client_key",
            [
                migrations.AddConstraint(
                    "refund",
                    models.UniqueConstraint(
                        fields=["payment", "client_key"], name="refund_one_per_client_key"
                    ),
                )
            ],
        ),
        AddConstraintNotValid(
            "refund",
            models.CheckConstraint(
                name="refund_elsewhere_is_known_at_stripe",
                condition=Q(origin="ours") | Q(stripe_id__isnull=False),
            ),
        ),
        ValidateConstraint("refund", "refund_elsewhere_is_known_at_stripe"),
        migrations.AlterField(
            "refund",
            "status",
            models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("submitted", "With Stripe"),
                    ("succeeded", "Sent"),
                    ("failed", "Failed"),
                    ("not_needed", "Not needed"),
                ],
                default="requested",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("refund", "refund_status_known"),
        AddConstraintNotValid(
            "refund",
            models.CheckConstraint(name="refund_status_known", condition=Q(status__in=STATUSES)),
        ),
        ValidateConstraint("refund", "refund_status_known"),
    ]

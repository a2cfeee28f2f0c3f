"""What a job came to, and a further balance once one was paid."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

UNSETTLED = ("new", "open", "processing", "authorised")
ONE_LIVE = """
CREATE UNIQUE INDEX CONCURRENTLY payment_live_once ON payments_payment (booking_id, kind)
WHERE status IN ('new', 'open', 'processing', 'authorised') OR (status = 'succeeded' AND NOT (kind = 'balance'))
"""
ONE_LIVE_BEFORE = """
CREATE UNIQUE INDEX CONCURRENTLY payment_live_once_per_kind ON payments_payment (booking_id, kind)
WHERE status IN ('new', 'open', 'processing', 'authorised', 'succeeded')
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("bookings", "0013_one_job_per_quote"),
        ("payments", "0008_no_show_fees"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bill",
            fields=[
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="bill",
                        serialize=False,
                        to="bookings.booking",
                    ),
                ),
                ("asked_cents", models.PositiveIntegerField(help_text="Invoices less credit notes.")),
                (
                    "elsewhere_cents",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Paid in cash or by transfer."
                    ),
                ),
                ("asked_at", models.DateTimeField(help_text="When the first invoice was issued.")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(asked_cents__gte=0, elsewhere_cents__gte=0), name="bill_has_a_figure"
                    )
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(ONE_LIVE, "DROP INDEX CONCURRENTLY payment_live_once"),
                migrations.RunSQL("DROP INDEX CONCURRENTLY payment_live_once_per_kind", ONE_LIVE_BEFORE),
            ],
            [
                migrations.AddConstraint(
                    "payment",
                    models.UniqueConstraint(
                        fields=["booking", "kind"],
                        name="payment_live_once",
                        condition=Q(status__in=UNSETTLED) | (Q(status="succeeded") & ~Q(kind="balance")),
                    ),
                ),
                migrations.RemoveConstraint("payment", "payment_live_once_per_kind"),
            ],
        ),
    ]

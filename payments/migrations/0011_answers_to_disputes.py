import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import peepopay.request_ids


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0010_stripe_transactions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DisputeEvidence",
            fields=[
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "waiting_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it came due; leases move due_at on, and leave this.",
                        null=True,
                    ),
                ),
                ("running_since", models.DateTimeField(blank=True, null=True)),
                (
                    "lease",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Raised by each claim and put-off. A task runs only under the one it was published with.",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dead_at",
                    models.DateTimeField(blank=True, help_text="Given up; needs a person.", null=True),
                ),
                ("last_error", models.CharField(blank=True, max_length=500)),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        default=peepopay.request_ids.current,
                        help_text="What it follows from; logs have it too.",
                        max_length=32,
                    ),
                ),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "On its way to Stripe"),
                            ("submitted", "Sent to the bank"),
                            ("elsewhere", "Answered in Stripe instead"),
                            ("refused", "Stripe refused it"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        blank=True, help_text="What the owner wrote to the bank.", max_length=5000
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True)),
                (
                    "uploading_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="When Stripe was first handed the document: it may have it since.",
                        null=True,
                    ),
                ),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Part of the key under which it is uploaded."
                    ),
                ),
                ("file_id", models.CharField(blank=True, max_length=64)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("refused_because", models.CharField(blank=True, help_text="Stripe's code.", max_length=100)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dispute",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="payments.dispute",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "dispute evidence",
                "ordering": ["-created_at"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("dead_at__isnull", True), ("done_at__isnull", True)),
                        fields=["due_at"],
                        name="disputeevidence_due",
                    ),
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False), ("done_at__isnull", True)),
                        fields=["dead_at"],
                        name="disputeevidence_dead",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["waiting", "submitted", "elsewhere", "refused"])),
                        name="dispute_evidence_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("submitted_at__isnull", False),
                            models.Q(("status", "submitted"), _negated=True),
                            _connector="OR",
                        ),
                        name="dispute_evidence_sent_has_its_time",
                    ),
                ],
            },
        ),
    ]

"""What a business answers to a dispute, as a row: written when its owner presses the button, sent by a worker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from peepopay.models import OutboxRow


class EvidenceStatus(models.TextChoices):
    WAITING = "waiting", "On its way to Stripe"
    SUBMITTED = "submitted", "Sent to the bank"
    ELSEWHERE = "elsewhere", "Answered in Stripe instead"
    REFUSED = "refused", "Stripe refused it"


class DisputeEvidence(OutboxRow):
    """The one answer to a dispute: a bank takes no second one. `file_id` is Stripe's, once the document is there."""

    queue = "webhooks"
    # Under another key: Stripe repeats what it answered to the ones before.
    revived_as: ClassVar[Mapping[str, Any]] = {"status": EvidenceStatus.WAITING, "tries": F("tries") + 1}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dispute = models.OneToOneField("payments.Dispute", on_delete=models.PROTECT, related_name="evidence")
    status = models.CharField(max_length=10, choices=EvidenceStatus, default=EvidenceStatus.WAITING)
    words = models.TextField(blank=True, max_length=5000, help_text="What the owner wrote to the bank.")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_index=True)
    uploading_since = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was first handed the document: it may have it since."
    )
    tries = models.PositiveSmallIntegerField(
        default=0, help_text="Part of the key under which it is uploaded."
    )
    file_id = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    refused_because = models.CharField(max_length=100, blank=True, help_text="Stripe's code.")

    class Meta(OutboxRow.Meta):
        ordering = ["-created_at"]
        verbose_name_plural = "dispute evidence"
        constraints = [
            models.CheckConstraint(
                name="dispute_evidence_status_known", condition=Q(status__in=EvidenceStatus.values)
            ),
            models.CheckConstraint(
                name="dispute_evidence_sent_has_its_time",
                condition=Q(submitted_at__isnull=False) | ~Q(status=EvidenceStatus.SUBMITTED),
            ),
        ]

    def __str__(self) -> str:
        return f"for {self.dispute_id}"

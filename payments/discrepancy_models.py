"""What Stripe has and we have not, or the other way round."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from .models import Payment


class DiscrepancyKind(models.TextChoices):
    PAYMENT_UNKNOWN = "payment_unknown", "Stripe has a payment of ours that no row knows"
    PAYMENT_MISSING = "payment_missing", "Stripe doesn't have a payment that our row says is there"
    PAYMENT_STATUS = "payment_status", "A payment's state differs"
    PAYMENT_AMOUNT = "payment_amount", "A payment's amount or fee differs"
    REFUND_UNKNOWN = "refund_unknown", "Stripe has a refund that no row knows"
    REFUND_STATUS = "refund_status", "A refund's state or amount differs"
    FEE_REFUND = "fee_refund", "Less of PeepoPay's fee came back than was due"
    DISPUTE_UNKNOWN = "dispute_unknown", "Stripe has a dispute that no row knows"
    DISPUTE_STATUS = "dispute_status", "A dispute's state differs"
    PAYOUT_UNKNOWN = "payout_unknown", "Stripe has a payout that no row knows"
    PAYOUT_STATUS = "payout_status", "A payout's state or amount differs"


@dataclass(frozen=True)
class Difference:
    """As it is found; `object_id` is Stripe's."""

    kind: DiscrepancyKind
    object_id: str
    payment: Payment | None
    at_stripe: str
    in_our_rows: str
    about_at: datetime


class Discrepancy(models.Model):
    """One difference, from when it was found until Stripe and our rows agree."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, choices=DiscrepancyKind)
    object_id = models.CharField(max_length=100, help_text="Stripe's id.")
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, null=True, blank=True, related_name="discrepancies"
    )
    at_stripe = models.CharField(max_length=200, blank=True)
    in_our_rows = models.CharField(max_length=200, blank=True)
    about_at = models.DateTimeField(help_text="When that was made.")
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was found to be right again."
    )

    class Meta:
        ordering = ["-found_at"]
        verbose_name_plural = "discrepancies"
        constraints = [
            models.CheckConstraint(
                name="discrepancy_kind_known", condition=Q(kind__in=DiscrepancyKind.values)
            ),
            models.UniqueConstraint(
                fields=["account_id", "kind", "object_id"],
                name="discrepancy_once_while_open",
                condition=Q(resolved_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.object_id}"

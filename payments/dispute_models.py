"""Disputes as rows: a customer complained to their bank, which took the money back."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class DisputeStatus(models.TextChoices):
    """Stripe's words. A "warning" is a question of the bank that has taken no money."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response", "The bank asks a question"
    WARNING_UNDER_REVIEW = "warning_under_review", "The bank reads your answer"
    WARNING_CLOSED = "warning_closed", "The bank's question is closed"
    NEEDS_RESPONSE = "needs_response", "Needs your answer"
    UNDER_REVIEW = "under_review", "The bank decides"
    PREVENTED = "prevented", "Prevented"
    LOST = "lost", "Lost"
    WON = "won", "Won"


# A later one of these may follow an earlier one, never the other way round: answers of Stripe may be read out of order.
ORDER = list(DisputeStatus)
NEEDS_AN_ANSWER = (DisputeStatus.WARNING_NEEDS_RESPONSE, DisputeStatus.NEEDS_RESPONSE)
CLOSED = (DisputeStatus.WARNING_CLOSED, DisputeStatus.PREVENTED, DisputeStatus.LOST, DisputeStatus.WON)
TAKES_THE_MONEY = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW, DisputeStatus.LOST)


class Dispute(models.Model):
    """One dispute of a payment, as Stripe last told it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="disputes")
    stripe_id = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=24, choices=DisputeStatus)
    amount_cents = models.PositiveIntegerField()
    reason = models.CharField(
        max_length=100, help_text="Stripe's word for what the customer told their bank."
    )
    evidence_due_by = models.DateTimeField(null=True, blank=True)
    evidence_sent = models.BooleanField(default=False)
    opened_at = models.DateTimeField(help_text="Stripe's time.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When we learned that it was.")
    checked_at = models.DateTimeField(help_text="When Stripe was last asked about it.")

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(name="dispute_status_known", condition=Q(status__in=DisputeStatus.values)),
            models.CheckConstraint(
                name="dispute_closed_has_its_time",
                condition=Q(closed_at__isnull=False, status__in=CLOSED)
                | Q(closed_at__isnull=True) & ~Q(status__in=CLOSED),
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED

    @property
    def needs_an_answer(self) -> bool:
        return self.status in NEEDS_AN_ANSWER

    @property
    def promised_cents(self) -> int:
        """What was promised back before it and called off by it, where the bank has nothing by now: somebody has to
        say whether it goes back after all. One query, or none."""
        if self.payment.disputed_cents:
            return 0
        if self.payment.called_off_at:  # the no-show was taken back, and with it all of its fee
            return self.payment.left_cents
        called_off = self.payment.refunds.filter(replaced_by=None)
        return sum(refund.amount_cents for refund in called_off if refund.was_called_off)

    @property
    def why(self) -> str:
        """What the customer told their bank, in words."""
        return REASONS.get(self.reason, self.reason.replace("_", " "))


# Stripe's reasons: https://docs.stripe.com/disputes/categories
REASONS = {
    "credit_not_processed": "they say a refund that was due didn't come",
    "duplicate": "they say they were charged twice",
    "fraudulent": "they say it wasn't them who paid",
    "general": "they gave no particular reason",
    "product_not_received": "they say the job wasn't done",
    "product_unacceptable": "they say the job wasn't done as agreed",
    "subscription_canceled": "they say they had cancelled",
    "unrecognized": "they don't recognise the charge",
}

"""The businesses' accounts at Stripe, and those that are being opened."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Tradie

# By what became of the `card_payments` of an account.
GONE = ("no_access", "closed")


class ConnectedAccount(models.Model):
    """A business's own Stripe account, on which charges are made directly. Where it is closed, or out of our reach, its
    owner may put another in its place; what was paid on it stays there, and is refunded and disputed there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.OneToOneField(
        Tradie,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="connected_account",
        help_text="Whose customers pay on it now.",
    )
    former_tradie = models.ForeignKey(
        Tradie,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="former_accounts",
        db_index=False,  # few rows
        help_text="Whose customers paid on it before another account took its place.",
    )
    replaced_at = models.DateTimeField(null=True, blank=True)
    account_id = models.CharField(max_length=64, unique=True)
    can_charge = models.BooleanField(default=False, help_text="The card_payments capability is active.")
    refunds_checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was last asked for its refunds."
    )
    events_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was last asked for its events."
    )
    events_seen_until = models.DateTimeField(
        null=True, blank=True, help_text="Its events until then are stored."
    )
    compare_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was last asked for all its money of the last days."
    )
    compared_at = models.DateTimeField(
        null=True, blank=True, help_text="When that was last compared with our rows."
    )
    disputes_checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was last asked for its disputes."
    )
    payouts_checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was last asked for its payouts."
    )
    transactions_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When Stripe was last asked what moved its balance."
    )
    transactions_seen_until = models.DateTimeField(
        null=True, blank=True, help_text="What moved it until then is stored."
    )
    card_payments = models.CharField(
        max_length=20,
        blank=True,
        db_default="",
        help_text="Stripe's word for what became of that capability.",
    )
    wants = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="Stripe's names for what it waits for, from the tradie.",
    )
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe last answered about it.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe was last asked about it.")
    lost_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it can't charge although it once could."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="connected_account_has_its_business",
                condition=Q(tradie__isnull=False, former_tradie__isnull=True, replaced_at__isnull=True)
                | Q(tradie__isnull=True, former_tradie__isnull=False, replaced_at__isnull=False),
                violation_error_code="tradie",
                violation_error_message="An account belongs to a business.",
            )
        ]

    def __str__(self) -> str:
        return self.account_id

    @property
    def business(self) -> Tradie:
        """Whose it is, or was."""
        whose = self.tradie or self.former_tradie
        assert whose is not None  # so says the constraint
        return whose

    @property
    def is_gone(self) -> bool:
        """Closed, or we were disconnected from it: nothing that its owner could do at Stripe opens it to us again."""
        return self.card_payments in GONE


class AccountOpening(models.Model):
    """Written before Stripe is asked, gone once the account is known: whoever presses again meanwhile asks for the same
    one, in the same words, under the same key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.OneToOneField(Tradie, on_delete=models.CASCADE, related_name="+")
    parameters = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at"]

    def __str__(self) -> str:
        return f"account of {self.tradie_id}"

    @property
    def key(self) -> str:
        return f"pp-ac-{self.pk}"

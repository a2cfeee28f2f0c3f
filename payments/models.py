"""Money as rows. Stripe is told what a row says, under the row's id; see docs/payments.md."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from bookings.models import Booking
from peepopay.models import OutboxRow

from .account_models import AccountOpening as AccountOpening
from .account_models import ConnectedAccount as ConnectedAccount
from .bill_models import Bill as Bill
from .consent_models import CardConsent as CardConsent
from .consent_models import FeeCharge as FeeCharge
from .discrepancy_models import Discrepancy as Discrepancy
from .dispute_models import Dispute as Dispute
from .evidence_models import DisputeEvidence as DisputeEvidence
from .payout_models import Payout as Payout
from .stripe_transaction_models import StripeTransaction as StripeTransaction


class PaymentKind(models.TextChoices):
    DEPOSIT = "deposit", "Deposit"
    BALANCE = "balance", "Balance"
    NO_SHOW_FEE = "no_show_fee", "No-show fee"


class PaymentStatus(models.TextChoices):
    NEW = "new", "Not yet with Stripe"
    OPEN = "open", "Can be paid"
    AUTHORISED = "authorised", "Held on the card"
    PROCESSING = "processing", "Processing"
    SUCCEEDED = "succeeded", "Paid"
    CANCELED = "canceled", "Cancelled"


UNSETTLED = (PaymentStatus.NEW, PaymentStatus.OPEN, PaymentStatus.PROCESSING, PaymentStatus.AUTHORISED)
LIVE_PAYMENT = (*UNSETTLED, PaymentStatus.SUCCEEDED)


class Payment(models.Model):
    """One PaymentIntent. `sent` is what was sent to create it, kept so that a retry is the same to the byte; `tries`
    makes the idempotency key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=12, choices=PaymentKind, default=PaymentKind.DEPOSIT)
    status = models.CharField(max_length=10, choices=PaymentStatus, default=PaymentStatus.NEW)
    account_id = models.CharField(max_length=64)
    intent_id = models.CharField(max_length=64, null=True, blank=True)
    amount_cents = models.PositiveIntegerField()
    fee_cents = models.PositiveIntegerField(default=0)
    refunded_cents = models.PositiveIntegerField(default=0)
    reserved_cents = models.PositiveIntegerField(default=0, help_text="Refunds asked for, not yet made.")
    # As text: PostgreSQL's jsonb puts keys into an order of its own.
    disputed_cents = models.PositiveIntegerField(
        db_default=0, default=0, help_text="Taken by the customer's bank, until it decides or for good."
    )
    sent = models.TextField(db_default="", help_text="The parameters as JSON, in their order.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How many idempotency keys are spent.")
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when nobody wants this money any more."
    )
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe was last asked about it.")
    attention = models.CharField(max_length=300, blank=True, help_text="Why a person should look at it.")
    seen_to_at = models.DateTimeField(null=True, blank=True, help_text="When a person last did.")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(name="payment_status_known", condition=Q(status__in=PaymentStatus.values)),
            # A balance that was paid may be followed by another one, when more work was found.
            models.UniqueConstraint(
                fields=["booking", "kind"],
                name="payment_live_once",
                condition=Q(status__in=UNSETTLED) | (Q(status=PaymentStatus.SUCCEEDED) & ~Q(kind="balance")),
            ),
            models.UniqueConstraint(fields=["account_id", "intent_id"], name="payment_one_per_intent"),
            models.CheckConstraint(name="payment_amount_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="payment_fee_below_amount", condition=Q(fee_cents__lt=F("amount_cents"))
            ),
            models.CheckConstraint(
                name="payment_refunds_within_amount",
                condition=Q(amount_cents__gte=F("refunded_cents") + F("reserved_cents")),
            ),
            models.CheckConstraint(
                name="payment_open_has_its_intent",
                condition=Q(status__in=["new", "canceled"]) | Q(intent_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["checked_at"], name="payment_on_its_way", condition=Q(status__in=UNSETTLED)),
        ]

    def __str__(self) -> str:
        return self.intent_id or str(self.id)

    @property
    def taken_cents(self) -> int:
        """What the customer's bank has taken of what had not gone back: nothing can be refunded out of it."""
        return min(self.disputed_cents, self.amount_cents - self.refunded_cents - self.reserved_cents)

    @property
    def left_cents(self) -> int:
        """What could still go back of it."""
        return self.amount_cents - self.refunded_cents - self.reserved_cents - self.taken_cents


class HoldEnd(models.TextChoices):
    TAKE = "take", "Take it"
    LET_GO = "let_go", "Let it go"


class CardHold(OutboxRow):
    """How what a card holds for an authorised payment is to end. The row first; a worker asks Stripe."""

    queue = "webhooks"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="card_hold")
    end = models.CharField(max_length=6, choices=HoldEnd)
    created_at = models.DateTimeField(db_index=True)

    class Meta(OutboxRow.Meta):
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(name="card_hold_end_known", condition=Q(end__in=HoldEnd.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_end_display()}: {self.payment_id}"


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", "Requested"
    SUBMITTED = "submitted", "With Stripe"
    SUCCEEDED = "succeeded", "Sent"
    FAILED = "failed", "Failed"
    NOT_NEEDED = "not_needed", "Not needed"  # the money had gone back in another way by then


class RefundOrigin(models.TextChoices):
    OURS = "ours", "PeepoPay"
    EXTERNAL = "external", "Stripe dashboard"


# Why one is not needed, or was given up: as its `last_error`.
CALLED_OFF = "The customer's bank has taken the money."
OUT_OF_REACH = "PeepoPay isn't connected to this Stripe account any more."


class Refund(OutboxRow):
    """Money on its way back. Of ours the row exists before Stripe is asked, and `tries` makes the idempotency key; one
    that was made elsewhere becomes a row when we meet it."""

    queue = "webhooks"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    status = models.CharField(max_length=10, choices=RefundStatus, default=RefundStatus.REQUESTED)
    origin = models.CharField(
        max_length=8, choices=RefundOrigin, default=RefundOrigin.OURS, db_default=RefundOrigin.OURS
    )
    amount_cents = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    stripe_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="How many idempotency keys are spent.")
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe was first asked for it.")
    short_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when the account's balance is too low for it."
    )
    instead_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="Of which it is the money.",
    )
    told_when_asked = models.BooleanField(
        default=False, db_default=False, help_text="The mail of what it follows from said that it goes back."
    )
    client_key = models.UUIDField(
        null=True, blank=True, help_text="Of the page on which somebody asked for it."
    )

    class Meta(OutboxRow.Meta):
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "client_key"], name="refund_one_per_client_key"),
            models.CheckConstraint(
                name="refund_elsewhere_is_known_at_stripe",
                condition=Q(origin=RefundOrigin.OURS) | Q(stripe_id__isnull=False),
            ),
            models.CheckConstraint(name="refund_amount_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(name="refund_status_known", condition=Q(status__in=RefundStatus.values)),
        ]
        indexes = [*OutboxRow.Meta.indexes, models.Index(fields=["created_at"], name="refund_by_age")]

    def __str__(self) -> str:
        return self.stripe_id or str(self.id)

    @property
    def was_called_off(self) -> bool:
        """Because of a dispute: it was promised, and the money has not gone back in another way."""
        return self.status == RefundStatus.NOT_NEEDED and self.last_error == CALLED_OFF

    @property
    def is_out_of_reach(self) -> bool:
        """Only its business can send it, in an account that it has disconnected us from."""
        return bool(self.dead_at and not self.done_at) and self.last_error == OUT_OF_REACH


class StripeEvent(OutboxRow):
    """The inbox: an event as Stripe told it, only a hint to go and look. Its id is Stripe's, so a replay is a no-op."""

    queue = "webhooks"
    revived_as: ClassVar[Mapping[str, Any]] = {"unanswered_since": None}

    id = models.CharField(max_length=100, primary_key=True)
    type = models.CharField(max_length=100)
    account_id = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(help_text="Stripe's time.")
    received_at = models.DateTimeField(auto_now_add=True)
    runs = models.PositiveSmallIntegerField(default=0, help_text="How often its handler finished.")
    unanswered_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when Stripe's answers have settled nothing."
    )

    class Meta(OutboxRow.Meta):
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

"""Quotes as rows: to whom, on which terms, and what became of them. A quote that was sent is never edited: another
version takes its place, and what a customer has read stays as they read it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models import Service, Tradie
from accounts.service_rules import LONGEST_JOB_MINUTES, DepositIs, DepositKind
from bookings.policy import read_policy
from bookings.terms import AgreedLine, Terms
from bookings.whose_columns import WhoseColumns
from peepopay.money import MINIMUM_CHARGE_CENTS
from peepopay.phone_column import is_e164

from .line_items import LineTotals, totals
from .line_models import LineRow


class QuoteStatus(models.TextChoices):
    """What the business, or the customer's no, made of it. Whether it lapsed the clock says, whether it was accepted
    its booking: `quote_states.py`."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Quote(WhoseColumns):
    """An offer to one customer. `current`: the version that counts, once it was sent; `valid_until` is that one's, here
    too, so that accepting is one conditional update of this row. What came of it is a booking with its `quote_id`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    tradie = models.ForeignKey(Tradie, on_delete=models.PROTECT, related_name="quotes")
    status = models.CharField(max_length=10, choices=QuoteStatus)
    current = models.ForeignKey(
        "invoicing.QuoteVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_until = models.DateTimeField(null=True, blank=True)

    token_hash = models.CharField(max_length=64, unique=True)
    token_number = models.PositiveSmallIntegerField(
        default=0, help_text="How often its link was replaced by a new one."
    )
    decline_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When it was last written, sent, withdrawn or declined.")
    sent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at", "id"]
        constraints = [
            models.CheckConstraint(name="quote_status_known", condition=Q(status__in=QuoteStatus.values)),
            models.CheckConstraint(
                name="quote_sent_with_its_terms",
                condition=Q(status=QuoteStatus.DRAFT)
                | Q(current__isnull=False, valid_until__isnull=False, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="quote_phone_is_e164",
                condition=is_e164("customer_phone") | Q(erased_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["tradie", "-changed_at", "id"], name="quote_by_tradie"),
            models.Index(
                fields=["changed_at"], name="quote_to_be_erased", condition=Q(erased_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class FormerQuoteToken(models.Model):
    """Of a link that was replaced: opens nothing any more."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="former_tokens")

    def __str__(self) -> str:
        return f"of {self.quote_id}"


class QuoteVersion(models.Model):
    """What was offered, frozen when it was sent: the price with its lines, the deposit and the cancellation policy.
    `service` says who can do the job and whose policy it took; nothing else is read from there afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    message = models.TextField(max_length=2000, blank=True)
    valid_until = models.DateTimeField()

    duration_minutes = models.PositiveSmallIntegerField()
    buffer_before_minutes = models.PositiveSmallIntegerField()
    buffer_after_minutes = models.PositiveSmallIntegerField()
    arrival_window_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    price_cents = models.PositiveIntegerField()
    gst_registered = models.BooleanField()
    deposit_kind = models.CharField(max_length=8, choices=DepositKind)
    deposit_fixed_cents = models.PositiveIntegerField(default=0)
    deposit_percent = models.PositiveSmallIntegerField(default=0)
    deposit_cents = models.PositiveIntegerField()
    deposit_is = models.CharField(max_length=12, choices=DepositIs)
    cap_override_reason = models.CharField(max_length=300, blank=True)
    policy = models.JSONField()  # a CancellationPolicy
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["quote", "number"], name="quote_version_numbered_once"),
            models.CheckConstraint(
                name="quote_lasts_5_minutes_to_12_hours",
                condition=Q(duration_minutes__gte=5, duration_minutes__lte=LONGEST_JOB_MINUTES),
            ),
            models.CheckConstraint(
                name="quote_deposit_is_chargeable",
                condition=Q(deposit_cents=0)
                | Q(deposit_cents__gte=MINIMUM_CHARGE_CENTS, deposit_cents__lte=F("price_cents")),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def totals(self) -> LineTotals:
        """One query, unless its lines were fetched along."""
        return totals((row.line for row in self.lines.all()), gst_registered=self.gst_registered)

    @property
    def terms(self) -> Terms:
        """On which a booking is made of it. One query, unless its lines were fetched along."""
        return Terms(
            service_name=self.title,
            duration_minutes=self.duration_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            price_cents=self.price_cents,
            price_from=False,
            deposit_cents=self.deposit_cents,
            requires_approval=False,  # sending it was the yes
            deposit_is=self.deposit_is,
            policy=read_policy(self.policy),
            quote_lines=tuple(_agreed(row) for row in self.lines.all()),
            arrival_window_minutes=self.arrival_window_minutes,
        )


class QuoteLine(LineRow):
    version = models.ForeignKey(QuoteVersion, on_delete=models.CASCADE, related_name="lines")

    class Meta(LineRow.Meta):
        constraints = [
            *LineRow.Meta.constraints,
            models.UniqueConstraint(fields=["version", "position"], name="quote_line_in_one_place"),
        ]


def _agreed(row: QuoteLine) -> AgreedLine:
    quantity = f"{row.quantity.normalize():f}"
    return AgreedLine(row.description, quantity, row.unit_price_cents, row.total_cents, row.is_gst_free)

"""Invoices and credit notes as they were issued, their numbers, and money that came without us."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Tradie, User
from bookings.models import Booking
from payments.models import Refund
from peepopay.models import OutboxRow
from peepopay.money import dollars

from .line_items import LineTotals
from .line_models import LineRow


class DocumentKind(models.TextChoices):
    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


PREFIXES = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}


class DocumentCounter(models.Model):
    """The last number that a business gave to a kind of document. Whoever issues one raises it in the transaction that
    writes the document, so one that fails gives its number back: there are no gaps."""

    tradie = models.ForeignKey(Tradie, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=11, choices=DocumentKind)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tradie", "kind"], name="document_counter_per_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.last}"


class Invoice(models.Model):
    """An invoice, or a credit note for one (`corrects`): what a business asked for a job, or took back of that.

    Never changed once issued; a trigger refuses it, but for the erasing of who bought. What the business was called
    then, whether it was registered for GST and how it could be paid are frozen in it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, models.PROTECT, related_name="invoices", db_index=False)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=11, choices=DocumentKind)
    number = models.PositiveIntegerField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credit_notes")
    client_key = models.UUIDField(help_text="Of the page, or the refund, that it was issued for.")
    issued_at = models.DateTimeField()
    gst_registered = models.BooleanField()
    taxable_cents = models.PositiveIntegerField(help_text="Of the lines with GST, GST included.")
    gst_free_cents = models.PositiveIntegerField()
    gst_cents = models.PositiveIntegerField()
    paid_before_cents = models.PositiveIntegerField(
        default=0, help_text="Had been paid when it was issued: the deposit."
    )
    reason = models.CharField(max_length=200, blank=True)
    seller = models.JSONField()  # {"name", "abn", "licence", "phone", "email", "suburb"}
    pay_to = models.JSONField(default=dict)  # {"payid", "account_name", "bsb", "account_number"}
    buyer_name = models.CharField(max_length=120)
    buyer_address = models.CharField(max_length=400)

    class Meta:
        ordering = ("issued_at", "number")
        constraints = (
            models.UniqueConstraint(fields=["tradie", "kind", "number"], name="invoice_number_once"),
            models.UniqueConstraint(fields=["booking", "kind", "client_key"], name="invoice_once_per_press"),
            models.CheckConstraint(name="invoice_number_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="invoice_gst_within_what_is_taxed",
                condition=Q(gst_cents__lte=F("taxable_cents")) & (Q(gst_registered=True) | Q(gst_cents=0)),
            ),
            models.CheckConstraint(
                name="invoice_of_something", condition=Q(taxable_cents__gt=0) | Q(gst_free_cents__gt=0)
            ),
            models.CheckConstraint(
                name="invoice_credit_note_corrects_one",
                condition=Q(kind=DocumentKind.INVOICE, corrects__isnull=True)
                | Q(kind=DocumentKind.CREDIT_NOTE, corrects__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its number as people read it: `INV-0007`."""
        return f"{PREFIXES[DocumentKind(self.kind)]}-{self.number:04}"

    @property
    def totals(self) -> LineTotals:
        return LineTotals(self.taxable_cents, self.gst_free_cents, self.gst_cents)

    @property
    def total_cents(self) -> int:
        return self.taxable_cents + self.gst_free_cents

    def replaced_by_it(self) -> Invoice | None:
        """Of a corrected invoice: the credit note that took the one before it back. They were issued together."""
        if self.kind != DocumentKind.INVOICE:
            return None
        pair = Invoice.objects.filter(
            booking=self.booking_id, kind=DocumentKind.CREDIT_NOTE, client_key=self.client_key
        )
        return pair.select_related("corrects").first()

    def is_replaced(self) -> bool:
        """Of a credit note: a corrected invoice was issued with it."""
        pair = Invoice.objects.filter(
            booking=self.booking_id, kind=DocumentKind.INVOICE, client_key=self.client_key
        )
        return self.kind == DocumentKind.CREDIT_NOTE and pair.exists()

    @property
    def title(self) -> str:
        """Only who is registered for GST issues tax invoices."""
        if self.kind == DocumentKind.CREDIT_NOTE:
            return "Credit note"
        return "Tax invoice" if self.gst_registered else "Invoice"


class InvoiceLine(LineRow):
    """A line of it."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", db_index=False)

    class Meta(LineRow.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *LineRow.Meta.constraints,
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_in_its_place"),
        ]


class InvoicePdf(OutboxRow):
    """The document that customer and business got: made once by a worker and kept as it is, since another version of a
    library or a font would make another one of the same rows. Goes when its customer's details do."""

    queue = "messages"

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, related_name="pdf")
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.invoice_id)


class How(models.TextChoices):
    CASH = "cash", "Cash"
    TRANSFER = "transfer", "Bank transfer or PayID"
    TERMINAL = "terminal", "Card on your own terminal"


class Receipt(models.Model):
    """Money for a job that came without us, or was handed back of what was paid too much, as somebody of the business
    wrote it down. Undone, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="receipts")
    how = models.CharField(max_length=8, choices=How)
    amount_cents = models.PositiveIntegerField()
    is_given_back = models.BooleanField(default=False, db_default=False)
    received_on = models.DateField()
    recorded_at = models.DateTimeField()
    client_key = models.UUIDField(help_text="Of the page on which it was written down.")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        ordering = ("recorded_at",)
        constraints = (
            models.CheckConstraint(name="receipt_of_something", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(name="receipt_how_known", condition=Q(how__in=How.values)),
            models.UniqueConstraint(fields=["booking", "client_key"], name="receipt_once_per_press"),
        )

    def __str__(self) -> str:
        return f"{dollars(self.cents)}, {self.get_how_display()}"

    @property
    def cents(self) -> int:
        """What came in by it; below 0 what was handed back."""
        return -self.amount_cents if self.is_given_back else self.amount_cents


class CreditedRefund(models.Model):
    """What a refund took off the bill, if anything: one that only gave back what was paid too much took nothing."""

    refund = models.OneToOneField(Refund, models.PROTECT, primary_key=True, related_name="credited")
    credited_cents = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.refund_id)


class PayTo(models.Model):
    """How a business likes to be paid besides cards; its invoices show it. A PayID is an e-mail address, a phone number
    or an ABN."""

    tradie = models.OneToOneField(Tradie, models.CASCADE, primary_key=True, related_name="pay_to")
    payid = models.CharField("PayID", max_length=100, blank=True)
    account_name = models.CharField(max_length=100, blank=True)
    bsb = models.CharField("BSB", max_length=6, blank=True)
    account_number = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="pay_to_whole_account",
                condition=Q(bsb="", account_number="") | (~Q(bsb="") & ~Q(account_number="")),
                violation_error_code="account_number",
                violation_error_message="An account needs its BSB and its number.",
            ),
        )

    def __str__(self) -> str:
        return self.payid or self.account_name

    @property
    def as_told(self) -> dict[str, str]:
        """What an invoice keeps of it."""
        names = ("payid", "account_name", "bsb", "account_number")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

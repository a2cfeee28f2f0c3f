"""Invoices, credit notes and quotes as people of their business get them: never with what opens a customer's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from accounts.models import Tradie
from invoicing.invoice_models import DocumentKind, Invoice
from invoicing.line_models import LineRow
from invoicing.quote_models import Quote, QuoteVersion
from invoicing.quote_states import QuoteState, state_of
from payments.bills import Standing, standing_in
from payments.totals import totals_in
from peepopay.api_outputs import LocalTimeField
from peepopay.local_time import in_zone
from peepopay.pages import Page

from .booking_outputs import AddressSerializer, CustomerSerializer


class LineSerializer(serializers.Serializer[LineRow]):
    description = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=7, decimal_places=2)
    unit_price_cents = serializers.IntegerField(
        help_text="GST included, unless it is free of it. Below 0: a discount."
    )
    total_cents = serializers.IntegerField()
    is_gst_free = serializers.BooleanField()


@dataclass(frozen=True)
class InvoiceAsTold:
    """It has its lines, its booking and that one's bill and payments loaded."""

    invoice: Invoice
    tradie: Tradie

    @property
    def issued_at(self) -> datetime:
        return in_zone(self.invoice.issued_at, self.tradie.timezone)

    @property
    def job(self) -> Standing:
        booking = self.invoice.booking
        return standing_in(booking.bill, totals_in(booking.payments.all()))

    @property
    def pdf_url(self) -> str:
        return settings.SITE_URL + reverse(
            "booking_document", args=[self.invoice.booking_id, self.invoice.pk]
        )


class StandingSerializer(serializers.Serializer[Standing]):
    asked_cents = serializers.IntegerField(help_text="All its invoices less all its credit notes.")
    received_cents = serializers.IntegerField(help_text="Its deposit included, less what went back.")
    left_cents = serializers.IntegerField(help_text="Still to pay; 0: it is paid.")


class InvoiceSerializer(serializers.Serializer[InvoiceAsTold]):
    id = serializers.UUIDField(source="invoice.pk")
    number = serializers.CharField(source="invoice.label", help_text="As it stands on it, such as INV-0007.")
    kind = serializers.ChoiceField(DocumentKind.choices, source="invoice.kind")
    issued_at = LocalTimeField()
    booking = serializers.UUIDField(source="invoice.booking_id")
    booking_reference = serializers.CharField(source="invoice.booking.reference")
    corrects = serializers.UUIDField(
        source="invoice.corrects_id", allow_null=True, help_text="Of a credit note: the invoice."
    )
    reason = serializers.CharField(source="invoice.reason", help_text="Of a credit note.")
    buyer_name = serializers.CharField(source="invoice.buyer_name")
    buyer_address = serializers.CharField(source="invoice.buyer_address")
    lines = LineSerializer(source="invoice.lines.all", many=True)
    total_cents = serializers.IntegerField(source="invoice.total_cents", help_text="AUD cents, GST included.")
    gst_cents = serializers.IntegerField(source="invoice.gst_cents")
    job = StandingSerializer(help_text="How the bill of its booking stands by now.")
    pdf_url = serializers.URLField(help_text="For people who are signed in.")


class InvoicesSerializer(serializers.Serializer[Any]):
    invoices = InvoiceSerializer(many=True)
    page = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True, help_text="null: there are no more.")


@dataclass(frozen=True)
class QuoteAsTold:
    """It has its versions with their lines loaded, and what `with_jobs` adds."""

    quote: Any  # a Quote
    tradie: Tradie
    now: datetime

    @property
    def version(self) -> QuoteVersion:
        """What was written last: of a draft the draft, else what was sent."""
        newest: QuoteVersion = self.quote.versions.all()[0]
        return newest

    @property
    def state(self) -> QuoteState:
        return state_of(self.quote, self.quote.job_status, self.now)

    @property
    def gst_cents(self) -> int:
        return self.version.totals.gst_cents

    @property
    def valid_until(self) -> datetime:
        return in_zone(self.version.valid_until, self.tradie.timezone)

    @property
    def changed_at(self) -> datetime:
        return in_zone(self.quote.changed_at, self.tradie.timezone)

    @property
    def sent_at(self) -> datetime | None:
        sent = self.quote.sent_at
        return in_zone(sent, self.tradie.timezone) if sent else None

    @property
    def dashboard_url(self) -> str:
        return settings.SITE_URL + reverse("dashboard_quote", args=[self.quote.pk])


class QuoteSerializer(serializers.Serializer[QuoteAsTold]):
    id = serializers.UUIDField(source="quote.pk")
    reference = serializers.CharField(source="quote.reference")
    state = serializers.ChoiceField(QuoteState.choices)
    title = serializers.CharField(source="version.title")
    message = serializers.CharField(source="version.message")
    customer = CustomerSerializer(source="quote")
    address = AddressSerializer(source="quote")
    lines = LineSerializer(source="version.lines.all", many=True)
    price_cents = serializers.IntegerField(source="version.price_cents", help_text="AUD cents, GST included.")
    gst_cents = serializers.IntegerField()
    deposit_cents = serializers.IntegerField(source="version.deposit_cents")
    duration_minutes = serializers.IntegerField(source="version.duration_minutes")
    valid_until = LocalTimeField()
    sent_at = LocalTimeField(allow_null=True)
    changed_at = LocalTimeField()
    booking = serializers.UUIDField(
        source="quote.job_id",
        allow_null=True,
        help_text="Which it became, or is held while its deposit is paid.",
    )
    decline_reason = serializers.CharField(source="quote.decline_reason")
    dashboard_url = serializers.URLField()


class QuotesSerializer(serializers.Serializer[Any]):
    quotes = QuoteSerializer(many=True)
    page = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True, help_text="null: there are no more.")


_invoice, _quote = InvoiceSerializer(), QuoteSerializer()  # once: see peepopay/api_outputs.py


def invoice_answer(invoice: Invoice, tradie: Tradie) -> dict[str, Any]:
    return _invoice.to_representation(InvoiceAsTold(invoice, tradie))


def quote_answer(quote: Quote, tradie: Tradie, *, now: datetime) -> dict[str, Any]:
    return _quote.to_representation(QuoteAsTold(quote, tradie, now))


def page_answer(name: str, page: Page, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: items, "page": page.number, "next_page": page.next_number}

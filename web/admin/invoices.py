"""Invoices, credit notes and money that came without us, for the operator to look at. A document that could not be made
can be tried again."""

from __future__ import annotations

from django.contrib import admin

from invoicing.models import DepositReceipt, Export, Invoice, InvoiceLine, InvoicePdf, Receipt
from web.admin.base import OutboxAdmin, OutboxState, ReadOnlyAdmin, ReadOnlyInline, retry


class LinesInline(ReadOnlyInline):
    model = InvoiceLine
    fields = readonly_fields = ("position", "description", "quantity", "unit_price_cents", "is_gst_free")
    show_change_link = False


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ("label", "kind", "tradie", "booking", "total_cents", "gst_cents", "issued_at")
    list_filter = ("kind",)
    list_select_related = ("tradie", "booking")
    search_fields = ("booking__reference", "tradie__business_name", "tradie__slug")
    ordering = ("-issued_at",)
    inlines = (LinesInline,)


@admin.register(InvoicePdf)
class InvoicePdfAdmin(OutboxAdmin):
    actions = [retry]  # not closed: its customer would never get it
    list_display = ("invoice", "state", "last_error", "due_at")
    list_filter = (OutboxState,)
    list_select_related = ("invoice__tradie",)
    search_fields = ("invoice__booking__reference",)
    exclude = ("content",)


@admin.register(DepositReceipt)
class DepositReceiptAdmin(OutboxAdmin):
    list_display = ("payment", "state", "last_error", "due_at")
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("payment__booking__reference", "payment__intent_id")
    exclude = ("content",)


@admin.register(Export)
class ExportAdmin(OutboxAdmin):
    """What is in it only its business gets."""

    list_display = ("tradie", "asked_by", "state", "last_error", "size_bytes", "created_at", "expires_at")
    list_select_related = ("tradie", "asked_by")
    search_fields = ("tradie__business_name", "tradie__slug")


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = (
        "booking",
        "how",
        "amount_cents",
        "received_on",
        "recorded_by",
        "recorded_at",
        "undone_at",
    )
    list_filter = ("how",)
    list_select_related = ("booking__tradie", "recorded_by")
    search_fields = ("booking__reference",)
    ordering = ("-recorded_at",)

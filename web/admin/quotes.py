"""Quotes, for the operator: to be looked at. Changing one goes through the rules."""

from __future__ import annotations

from django.contrib import admin

from invoicing.quote_models import Quote, QuoteLine, QuoteVersion
from web.admin.base import ReadOnlyAdmin, ReadOnlyInline


class VersionsInline(ReadOnlyInline):
    model = QuoteVersion
    fk_name = "quote"
    fields = readonly_fields = ("number", "title", "price_cents", "deposit_cents", "valid_until", "sent_at")


class LinesInline(ReadOnlyInline):
    model = QuoteLine
    fields = readonly_fields = ("position", "description", "quantity", "unit_price_cents", "is_gst_free")
    show_change_link = False


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    list_display = ("reference", "tradie", "customer_name", "status", "valid_until", "changed_at")
    list_filter = ("status",)
    list_select_related = ("tradie",)
    search_fields = ("reference", "customer_name", "customer_email", "customer_phone", "tradie__slug")
    search_help_text = "Reference, customer's name, email or phone, or a tradie's slug"
    ordering = ("-changed_at",)
    inlines = (VersionsInline,)
    exclude = ("token_hash",)


@admin.register(QuoteVersion)
class QuoteVersionAdmin(ReadOnlyAdmin):
    list_display = ("quote", "number", "title", "price_cents", "deposit_cents", "sent_at")
    list_select_related = ("quote__tradie",)
    search_fields = ("quote__reference",)
    ordering = ("-valid_until",)
    inlines = (LinesInline,)

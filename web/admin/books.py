"""The books, for the operator to look at: nothing in them can be edited. A posting that was given up can be tried
again."""

from __future__ import annotations

from django.contrib import admin

from bookings.models import Posting
from ledger.models import Entry, Journal
from payments.models import StripeTransaction
from web.admin.base import OutboxAdmin, OutboxState, ReadOnlyAdmin, ReadOnlyInline, retry


class EntriesInline(ReadOnlyInline):
    model = Entry
    fields = readonly_fields = ("account", "cents")


@admin.register(Journal)
class JournalAdmin(ReadOnlyAdmin):
    list_display = ("at", "tradie", "kind", "booking", "source", "number", "taxed_cents", "posted_at")
    list_filter = ("kind",)
    list_select_related = ("tradie", "booking")
    search_fields = ("source", "booking__reference", "tradie__business_name", "tradie__slug")
    ordering = ("-id",)
    inlines = (EntriesInline,)


@admin.register(Posting)
class PostingAdmin(OutboxAdmin):
    actions = [retry]  # not closed: the books would lack it
    list_display = ("booking", "state", "last_error", "due_at")
    list_filter = (OutboxState,)
    list_select_related = ("booking__tradie",)
    search_fields = ("booking__reference",)
    ordering = ("-id",)


@admin.register(StripeTransaction)
class StripeTransactionAdmin(ReadOnlyAdmin):
    list_display = (
        *("id", "account_id", "payment", "type"),
        *("amount_cents", "stripe_fee_cents", "peepopay_fee_cents", "created_at"),
    )
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("id", "account_id", "payment__intent_id", "payment__booking__reference")

"""Who books, waits, wants a call or was brought along, for the operator to look at: how it fares, not what a business
noted about them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from bookings.call_back_models import CallBack
from bookings.customer_models import Customer, CustomerContact
from bookings.waiter_models import Waiter
from invoicing.import_models import BroughtFile
from web.admin.base import ReadOnlyAdmin, ReadOnlyInline


class ContactsInline(ReadOnlyInline):
    model = CustomerContact
    fields = readonly_fields = ("value",)
    show_change_link = False


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("name", "tradie", "seen_at", "blocked_at", "imported_at")
    list_select_related = ("tradie",)
    search_fields = ("name", "contacts__value", "tradie__business_name", "tradie__slug")
    ordering = ("-seen_at",)
    inlines = (ContactsInline,)
    exclude = ("notes",)
    readonly_fields = ("bookings",)

    @admin.display(description="bookings")
    def bookings(self, customer: Customer) -> str:
        url = reverse("admin:bookings_booking_changelist")
        return format_html('<a href="{}?customer__id__exact={}">All of them</a>', url, customer.pk)


@admin.register(Waiter)
class WaiterAdmin(ReadOnlyAdmin):
    list_display = ("name", "tradie", "service", "phone", "day", "sooner_than", "offer", "created_at")
    list_select_related = ("tradie", "service", "offer")
    search_fields = ("name", "phone", "email", "tradie__business_name", "tradie__slug")
    ordering = ("-created_at",)
    exclude = ("token_hash", "offered")


@admin.register(CallBack)
class CallBackAdmin(ReadOnlyAdmin):
    list_display = ("name", "tradie", "phone", "created_at", "called_at", "called_by")
    list_select_related = ("tradie", "called_by")
    search_fields = ("name", "phone", "tradie__business_name", "tradie__slug")
    ordering = ("-created_at",)


@admin.register(BroughtFile)
class BroughtFileAdmin(ReadOnlyAdmin):
    """What is in it only its business sees."""

    list_display = ("tradie", "sent_by", "created_at", "brought_in_at")
    list_select_related = ("tradie", "sent_by")
    search_fields = ("tradie__business_name", "tradie__slug")
    exclude = ("name", "sheets", "left_behind", "outcomes")

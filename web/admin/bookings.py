"""Bookings and their history, for the operator: to be looked at. Changing one goes through the rules."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from bookings.models import Booking, BookingEvent, Photo
from bookings.series_models import Visit
from invoicing.models import Quote
from notifications.models import Message
from payments.models import Payment
from web.admin.base import OutboxAdmin, ReadOnlyAdmin, ReadOnlyInline
from web.admin.reading import link_to, moment_of

MOST_MESSAGES = 50


class EventsInline(ReadOnlyInline):
    model = BookingEvent
    fields = readonly_fields = ("at", "kind", "who", "detail")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookingEvent]:
        return super().get_queryset(request).select_related("user")


class PaymentsInline(ReadOnlyInline):
    model = Payment
    fields = readonly_fields = (
        "kind",
        "status",
        "amount_cents",
        "refunded_cents",
        "reserved_cents",
        "attention",
    )


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = (
        "reference",
        "tradie",
        "service_name",
        "status",
        "starts_at",
        "customer_name",
        "deposit_cents",
    )
    list_filter = ("status",)
    list_select_related = ("tradie",)
    search_fields = ("reference", "customer_name", "customer_email", "customer_phone", "tradie__slug")
    search_help_text = "Reference, customer's name, email or phone, or a tradie's slug"
    ordering = ("-created_at",)
    inlines = (PaymentsInline, EventsInline)
    exclude = ("token_hash", "request_hash", "client_address_hash", "client_key", "period")
    readonly_fields = ("messages", "papers", "series")

    @admin.display(description="quote, invoices and receipts")
    def papers(self, booking: Booking) -> str:
        quotes = Quote.objects.filter(pk__in=[booking.quote_id])
        rows = [*quotes, *booking.invoices.all(), *booking.receipts.all()]
        return format_html_join("", "<div>{}</div>", [(link_to(row),) for row in rows]) or "none"

    @admin.display(description="series")
    def series(self, booking: Booking) -> str:
        visit = Visit.objects.filter(booking=booking).select_related("series").first()
        return link_to(visit and visit.series)

    @admin.display(description="messages")
    def messages(self, booking: Booking) -> str:
        """Those about it, the newest first, each with what became of it."""
        told = Message.objects.filter(about=booking.pk).order_by("-created_at")[:MOST_MESSAGES]
        rows = [(link_to(message), message.state, moment_of(booking, message.due_at)) for message in told]
        return format_html_join("", "<div>{}: {}, {}</div>", rows) or "none"


@admin.register(BookingEvent)
class BookingEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "booking", "kind", "who", "detail")
    list_filter = ("kind", "actor")
    list_select_related = ("booking__tradie", "user")
    search_fields = ("booking__reference",)
    ordering = ("-id",)


@admin.register(Photo)
class PhotoAdmin(OutboxAdmin):
    """How it fares; what is on it only the two sides of the booking see."""

    list_display = ("booking", "added_by", "state", "last_error", "added_at")
    list_filter = ("state",)
    list_select_related = ("booking__tradie",)
    search_fields = ("booking__reference",)
    exclude = ("original",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        """A hundred that wait would be hundreds of megabytes."""
        return super().get_queryset(request).defer("original")

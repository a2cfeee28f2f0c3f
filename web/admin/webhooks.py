"""Where businesses have their events sent, and what became of each; for the operator to look at. What is in an event
concerns the business alone and is not shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from notifications.models import WebhookDelivery, WebhookEndpoint
from peepopay.models import OutboxRow
from web.admin.base import OutboxAdmin, ReadOnlyAdmin


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    list_display = ("url", "tradie", "created_at", "failures", "paused_until", "switched_off_at")
    list_select_related = ("tradie",)
    search_fields = ("url", "tradie__business_name", "tradie__slug")
    ordering = ("-created_at",)
    exclude = ("secret_hash", "former_secret_hash")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(OutboxAdmin):
    list_display = ("created_at", "endpoint", "event_type", "state", "tries", "answer_status", "problem")
    list_select_related = ("endpoint__tradie", "event")
    search_fields = ("endpoint__url", "endpoint__tradie__business_name", "endpoint__tradie__slug")
    ordering = ("-created_at",)
    exclude = ("event", "answer_text")

    @admin.display(description="event")
    def event_type(self, row: WebhookDelivery) -> str:
        return row.event.type

    @admin.display(description="state")
    def state(self, row: OutboxRow) -> str:
        assert isinstance(row, WebhookDelivery)
        return row.state

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("event__data")

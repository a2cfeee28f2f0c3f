"""What was to be sent and what became of it; an operator may send it again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from peepopay import outbox

from . import outbox as message_outbox
from .models import Message

STATES = {
    "waiting": Q(done_at=None, dead_at=None, last_error=""),
    "retrying": Q(done_at=None, dead_at=None) & ~Q(last_error=""),
    "sent": Q(sent_at__isnull=False),
    "skipped": Q(done_at__isnull=False, sent_at=None),
    "failed": Q(dead_at__isnull=False),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state.capitalize()) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(STATES[self.value()]) if self.value() in STATES else queryset  # type: ignore[index]


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    list_display = ["created_at", "kind", "channel", "audience", "recipient", "tradie", "state", "attempts"]
    list_filter = [StateFilter, "channel", "audience", "kind"]
    list_select_related = ["tradie"]
    search_fields = ["about", "recipient", "tradie__business_name"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["retry", "send_again"]

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        return [field.name for field in Message._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    @admin.action(description="Retry what failed or waits", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        count = outbox.revive(Message, keys, now=timezone.now())
        self.message_user(request, f"{count} of {len(keys)} will be tried again now.", messages.SUCCESS)

    @admin.action(description="Send again what was sent or skipped", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        done = queryset.filter(done_at__isnull=False)
        count = message_outbox.send_again(done, now=timezone.now())
        self.message_user(request, f"{count} will be sent again.", messages.SUCCESS)

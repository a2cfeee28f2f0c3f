"""What was to be sent and what became of it; an operator may send it again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from notifications import outbox
from notifications.models import AccountMail, Message, MessageSettings, OptOut
from notifications.push_models import PushSubscription
from notifications.sending_rules import change_settings
from peepopay.models import OutboxRow
from web.admin.base import BoundedAdmin, OutboxAdmin, ReadOnlyAdmin, close_dead, retry
from web.admin.reading import booking_link

STATES = {
    "waiting": Q(done_at=None, dead_at=None, last_error=""),
    "retrying": Q(done_at=None, dead_at=None) & ~Q(last_error=""),
    "sent": Q(sent_at__isnull=False),
    "skipped": Q(done_at__isnull=False, sent_at=None),
    "failed": Q(dead_at__isnull=False, done_at=None),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state.capitalize()) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(STATES[self.value()]) if self.value() in STATES else queryset  # type: ignore[index]


@admin.register(Message)
class MessageAdmin(OutboxAdmin):
    list_display = ["created_at", "kind", "channel", "audience", "recipient", "tradie", "state", "attempts"]
    list_filter = (StateFilter, "channel", "audience", "kind")
    list_select_related = ["tradie"]
    search_fields = ["about", "recipient", "tradie__business_name"]
    ordering = ["-created_at"]
    actions = [retry, close_dead, "send_again"]
    readonly_fields = ("booking",)

    @admin.display(description="booking")
    def booking(self, row: Message) -> str:
        return booking_link(row.about)

    @admin.display(description="state")
    def state(self, row: OutboxRow) -> str:
        assert isinstance(row, Message)
        return row.state

    @admin.action(description="Send again what was sent or skipped", permissions=["retry"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        count = outbox.send_again(queryset.filter(done_at__isnull=False), now=timezone.now())
        self.message_user(request, f"{count} will be sent again.", messages.SUCCESS)


@admin.register(AccountMail)
class AccountMailAdmin(OutboxAdmin):
    """Whether mails of signing in went out: neither to whom nor what is in them."""

    list_display = ["created_at", "kind", "state", "attempts", "skipped_because"]
    list_filter = (StateFilter, "kind")
    exclude = ["sealed"]
    ordering = ["-created_at"]

    @admin.display(description="state")
    def state(self, row: OutboxRow) -> str:
        assert isinstance(row, AccountMail)
        return row.state


@admin.register(MessageSettings)
class MessageSettingsAdmin(BoundedAdmin):
    """Here alone a registered sender name is recorded: the business shows us its registration first."""

    list_display = (
        "tradie",
        "sender_name",
        "sender_registered_on",
        "reminds_day_before",
        "reminds_hours_before",
    )
    list_select_related = ("tradie",)
    search_fields = ("tradie__business_name", "tradie__slug", "sender_name")
    autocomplete_fields = ("tradie",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: MessageSettings | None = None
    ) -> tuple[str, ...]:
        return ("tradie",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MessageSettings, form: Any, change: bool) -> None:
        fields = [name for name in form.fields if name != "tradie"]
        change_settings(obj.tradie, obj, fields)


@admin.register(OptOut)
class OptOutAdmin(ReadOnlyAdmin):
    """Who wants no texts, or no reminders. Only they themselves can say otherwise: START, or the button."""

    list_display = ("address", "tradie", "by", "stopped_at", "started_at")
    list_filter = ("by",)
    list_select_related = ("tradie",)
    search_fields = ("address", "tradie__business_name")
    ordering = ("-id",)


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    """Whose phones are told, and when one was last: not where they are reached."""

    list_display = ("member", "created_at", "told_at")
    list_select_related = ("member__tradie", "member__user")
    search_fields = ("member__user__email", "member__tradie__business_name", "member__tradie__slug")
    ordering = ("-created_at",)
    exclude = ("browser", "endpoint_hash", "sealed")

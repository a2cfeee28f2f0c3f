"""Money as rows, for the operator: nothing can be edited. What got stuck can be tried again; that somebody saw to what
asked for a person can be said."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from bookings.actors import SYSTEM
from payments.models import (
    CardConsent,
    CardHold,
    Dispute,
    DisputeEvidence,
    FeeCharge,
    Payment,
    Refund,
)
from payments.refunds_by_hand import refund_again
from payments.settlement import settle
from payments.stripe_gateway import StripeRefused
from peepopay.errors import AppError
from web.admin.base import (
    OutboxAdmin,
    OutboxState,
    ReadOnlyAdmin,
    ReadOnlyInline,
    retry,
)

MOST_ASKED_AT_ONCE = 10  # within the time of a request


class NeedsAttention(admin.SimpleListFilter):
    title = "needs attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset.exclude(attention="") if self.value() == "yes" else queryset


class RefundsInline(ReadOnlyInline):
    model = Refund
    fields = readonly_fields = (
        "status",
        "origin",
        "amount_cents",
        "reason",
        "stripe_id",
        "tries",
        "last_error",
    )


class DisputesInline(ReadOnlyInline):
    model = Dispute
    fields = readonly_fields = ("stripe_id", "status", "amount_cents", "evidence_due_by", "closed_at")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = (
        "intent_id",
        "booking",
        "kind",
        "status",
        "amount_cents",
        "fee_cents",
        "refunded_cents",
        "reserved_cents",
        "attention",
        "created_at",
    )
    list_filter = ("status", "kind", NeedsAttention)
    list_select_related = ("booking__tradie",)
    search_fields = ("intent_id", "booking__reference", "account_id")
    ordering = ("-created_at",)
    inlines = (RefundsInline, DisputesInline)
    actions = ("seen_to", "ask_stripe")
    readonly_fields = ("events",)

    @admin.display(description="Stripe's events")
    def events(self, payment: Payment) -> str:
        if not payment.intent_id:
            return "-"
        url = reverse("admin:payments_stripeevent_changelist")
        return format_html('<a href="{}?object_id__exact={}">All of them</a>', url, payment.intent_id)

    @admin.action(description="Ask Stripe now, and act on its answer", permissions=["see_to"])
    def ask_stripe(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        for payment in queryset.select_related("booking__tradie")[:MOST_ASKED_AT_ONCE]:
            try:
                settle(payment, now=timezone.now())
            except StripeRefused as refusal:
                self.message_user(request, f"{payment}: Stripe says {refusal.code}.", messages.WARNING)
                continue
            payment.refresh_from_db()
            self.log_change(request, payment, f"Asked Stripe: {payment.status}")
            self.message_user(
                request, f"{payment} is {payment.get_status_display().lower()}.", messages.SUCCESS
            )

    @admin.action(description="Seen to: nothing more to do", permissions=["see_to"])
    def seen_to(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """The self-check stops asking for a person; what it asked about stays in the history of the payment."""
        for payment in queryset:
            self.log_change(request, payment, f"Seen to: {payment.attention}")
        count = queryset.update(attention="", seen_to_at=timezone.now())
        self.message_user(request, f"{count} seen to.", messages.SUCCESS)

    def has_see_to_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_payment")


@admin.register(Refund)
class RefundAdmin(OutboxAdmin):
    actions = [retry, "send_again"]  # not closed: the customer's money is still due
    list_display = (
        "__str__",
        "payment",
        "status",
        "origin",
        "amount_cents",
        "state",
        "last_error",
        "created_at",
    )
    list_filter = (OutboxState, "status", "origin")
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("stripe_id", "payment__intent_id", "payment__booking__reference")
    ordering = ("-created_at",)

    @admin.action(description="Refund anew: failed ones, in a new row", permissions=["retry"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Each by itself: what can't be done with one is said, and keeps no other from it."""
        for refund in queryset:
            try:
                again = refund_again(refund, by=SYSTEM, now=timezone.now())
            except AppError as refusal:
                self.message_user(request, f"{refund}: {refusal.message}", messages.WARNING)
            else:
                self.log_change(request, refund, f"Refunded anew as {again.pk}.")
                self.message_user(request, f"{refund} goes out anew.", messages.SUCCESS)


@admin.register(CardHold)
class CardHoldAdmin(OutboxAdmin):
    actions = [retry]  # not closed: the customer's card still holds the money
    list_display = ("payment", "end", "state", "last_error", "created_at")
    list_filter = (OutboxState, "end")
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("payment__intent_id", "payment__booking__reference")
    ordering = ("-created_at",)


@admin.register(FeeCharge)
class FeeChargeAdmin(OutboxAdmin):
    actions = [retry]  # not closed: the business waits for it, and the customer was told
    list_display = (
        *("payment", "amount_cents", "cap_cents", "state", "last_error"),
        *("asked_at", "pay_by", "lapsed_at", "created_at"),
    )
    list_filter = (OutboxState,)
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("payment__intent_id", "payment__booking__reference")
    ordering = ("-created_at",)


@admin.register(CardConsent)
class CardConsentAdmin(ReadOnlyAdmin):
    """What customers agreed to, word for word, and what became of their card."""

    list_display = (
        *("booking", "cap_cents", "version", "given_at", "withdrawn_at"),
        *("saved_at", "let_go_at", "forgotten_at"),
    )
    list_select_related = ("booking__tradie",)
    search_fields = ("customer_id", "booking__reference")
    ordering = ("-given_at",)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = (
        *("stripe_id", "payment", "status", "amount_cents", "reason"),
        *("evidence_due_by", "evidence_sent", "opened_at", "closed_at", "checked_at"),
    )
    list_filter = ("status",)
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("stripe_id", "payment__intent_id", "payment__booking__reference")


@admin.register(DisputeEvidence)
class DisputeEvidenceAdmin(OutboxAdmin):
    """What an owner wrote to a bank about a customer is theirs to read, not the operator's."""

    list_display = (
        "dispute",
        "status",
        "state",
        "last_error",
        "refused_because",
        "submitted_at",
        "created_at",
    )
    list_filter = (OutboxState,)
    list_select_related = ("dispute__payment__booking__tradie",)
    search_fields = ("dispute__stripe_id", "dispute__payment__booking__reference")
    exclude = ("words",)
    ordering = ("-created_at",)

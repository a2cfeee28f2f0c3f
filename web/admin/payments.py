"""Money as rows, for the operator: nothing can be edited. What got stuck can be tried again; that somebody saw to what
asked for a person can be said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bookings.actors import SYSTEM
from payments import connected_accounts, repairs
from payments.models import (
    CardConsent,
    CardHold,
    ConnectedAccount,
    Discrepancy,
    Dispute,
    DisputeEvidence,
    FeeCharge,
    Payment,
    Refund,
    StripeEvent,
)
from payments.refunds_by_hand import refund_again
from payments.stripe_gateway import StripeRefused
from peepopay.errors import AppError
from web.admin.base import BoundedAdmin, OutboxAdmin, OutboxState, ReadOnlyAdmin, ReadOnlyInline, retry

MOST_ASKED_AT_ONCE = 10  # within the time of a request


class NeedsAttention(admin.SimpleListFilter):
    title = "needs attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset.exclude(attention="") if self.value() == "yes" else queryset


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(BoundedAdmin):
    """Whether it can charge is Stripe's to say, and Stripe is asked when it is saved; here an account is given to a
    tradie."""

    list_display = ("account_id", "tradie", "can_charge", "card_payments", "lost_at", "checked_at")
    list_filter = ("can_charge", "card_payments")
    list_select_related = ("tradie",)
    search_fields = ("account_id", "tradie__business_name", "tradie__slug")
    autocomplete_fields = ("tradie",)
    readonly_fields = ("can_charge", "card_payments", "wants", "lost_at", "checked_at", "asked_at")
    actions = ("check_now",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ConnectedAccount, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: self._ask_stripe(request, obj))  # never within a transaction

    @admin.action(description="Check with Stripe now", permissions=["change"])
    def check_now(self, request: HttpRequest, queryset: QuerySet[ConnectedAccount]) -> None:
        for account in queryset.select_related("tradie")[:MOST_ASKED_AT_ONCE]:
            self._ask_stripe(request, account)

    def _ask_stripe(self, request: HttpRequest, account: ConnectedAccount) -> None:
        try:
            ready = connected_accounts.refresh(account, now=timezone.now())
        except StripeRefused as refusal:
            said = f"{account}: Stripe gives no answer ({refusal.code}). It is asked again within the hour."
            self.message_user(request, said, messages.WARNING)
            return
        said = (
            "can take cards"
            if ready
            else f"can't take cards ({ConnectedAccount.objects.get(pk=account.pk).card_payments})"
        )
        self.message_user(
            request, f"{account} {said}, says Stripe.", messages.SUCCESS if ready else messages.WARNING
        )


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
    list_select_related = ("booking",)
    search_fields = ("intent_id", "booking__reference", "account_id")
    ordering = ("-created_at",)
    inlines = (RefundsInline,)
    actions = ("seen_to",)

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
    list_select_related = ("payment",)
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
    list_select_related = ("payment",)
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
    list_select_related = ("payment",)
    search_fields = ("payment__intent_id", "payment__booking__reference")
    ordering = ("-created_at",)


@admin.register(CardConsent)
class CardConsentAdmin(ReadOnlyAdmin):
    """What customers agreed to, word for word, and what became of their card."""

    list_display = (
        *("booking", "cap_cents", "version", "given_at", "withdrawn_at"),
        *("saved_at", "let_go_at", "forgotten_at"),
    )
    list_select_related = ("booking",)
    search_fields = ("customer_id", "booking__reference")
    ordering = ("-given_at",)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = (
        *("stripe_id", "payment", "status", "amount_cents", "reason"),
        *("evidence_due_by", "evidence_sent", "opened_at", "closed_at", "checked_at"),
    )
    list_filter = ("status",)
    list_select_related = ("payment",)
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
    list_select_related = ("dispute",)
    search_fields = ("dispute__stripe_id", "dispute__payment__booking__reference")
    exclude = ("words",)
    ordering = ("-created_at",)


class OpenDiscrepancy(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "Open"), ("right", "Right again")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> QuerySet[Discrepancy]:
        return queryset.filter(resolved_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    """What differs from Stripe, and what mends it: each is compared again at once."""

    list_display = (
        *(
            "kind",
            "account_id",
            "object_id",
            "payment",
            "at_stripe",
            "in_our_rows",
            "found_at",
            "resolved_at",
        ),
    )
    list_filter = (OpenDiscrepancy, "kind")
    list_select_related = ("payment",)
    search_fields = ("account_id", "object_id", "payment__booking__reference")
    actions = ("sync_payments", "adopt_refunds", "take_over_disputes", "look_again")

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_discrepancy")

    @admin.action(description="Bring the payment up to what Stripe says", permissions=["repair"])
    def sync_payments(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.sync_payment)

    @admin.action(description="Take over Stripe's refunds of the payment", permissions=["repair"])
    def adopt_refunds(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.adopt_refunds)

    @admin.action(description="Take over Stripe's disputes of the payment", permissions=["repair"])
    def take_over_disputes(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.take_over_disputes)

    @admin.action(description="Look again", permissions=["repair"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.look_again)

    def _repair(
        self, request: HttpRequest, queryset: QuerySet[Discrepancy], repair: Callable[..., bool]
    ) -> None:
        for row in queryset.filter(resolved_at=None)[:MOST_ASKED_AT_ONCE]:
            try:
                right = repair(row, now=timezone.now())
            except StripeRefused as refusal:
                self.message_user(request, f"{row}: Stripe says {refusal.code}.", messages.WARNING)
                continue
            said = "is right now" if right else "still differs"
            self.log_change(request, row, f"{repair.__name__}: {said}")
            self.message_user(request, f"{row} {said}.", messages.SUCCESS if right else messages.WARNING)


@admin.register(StripeEvent)
class StripeEventAdmin(OutboxAdmin):
    list_display = (
        *("id", "type", "account_id", "object_id", "state", "runs"),
        *("last_error", "unanswered_since", "received_at"),
    )
    list_filter = (OutboxState,)
    search_fields = ("id", "object_id", "account_id")
    ordering = ("-received_at",)

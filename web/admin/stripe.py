"""What Stripe says, for the operator: whose accounts can take cards, its events, and where our rows differ from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from payments import connected_accounts, inbox, repairs
from payments.models import ConnectedAccount, Discrepancy, Payment, Payout, StripeEvent
from payments.stripe_gateway import StripeRefused
from peepopay.money import dollars
from web.admin.base import BoundedAdmin, OutboxAdmin, OutboxState, ReadOnlyAdmin, close_dead, retry
from web.admin.reading import booking_link

MOST_ASKED_AT_ONCE = 10  # within the time of a request


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(BoundedAdmin):
    """Whether it can charge is Stripe's to say, and Stripe is asked when it is saved; here an account is given to a
    tradie. Owners replace one that is gone by themselves."""

    list_display = (
        *("account_id", "business", "can_charge", "card_payments"),
        *("lost_at", "replaced_at", "checked_at"),
    )
    list_filter = ("can_charge", "card_payments")
    list_select_related = ("tradie", "former_tradie")
    search_fields = ("account_id", "tradie__business_name", "tradie__slug", "former_tradie__business_name")
    autocomplete_fields = ("tradie",)
    readonly_fields = tuple(
        field.name
        for field in ConnectedAccount._meta.fields
        if field.name not in ("id", "tradie", "account_id")
    )
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
    list_select_related = ("payment__booking__tradie",)
    search_fields = ("account_id", "object_id", "payment__booking__reference")
    actions = (
        *("sync_payments", "adopt_refunds", "give_back_fees"),
        *("take_over_disputes", "take_over_payouts", "look_again"),
    )

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_discrepancy")

    @admin.action(description="Bring the payment up to what Stripe says", permissions=["repair"])
    def sync_payments(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.sync_payment)

    @admin.action(description="Take over Stripe's refunds of the payment", permissions=["repair"])
    def adopt_refunds(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.adopt_refunds)

    @admin.action(description="Give back what is missing of PeepoPay's fee", permissions=["repair"])
    def give_back_fees(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.give_back_fee)

    @admin.action(description="Take over Stripe's disputes of the payment", permissions=["repair"])
    def take_over_disputes(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.take_over_disputes)

    @admin.action(description="Take over Stripe's payouts of the account", permissions=["repair"])
    def take_over_payouts(self, request: HttpRequest, queryset: QuerySet[Discrepancy]) -> None:
        self._repair(request, queryset, repairs.take_over_payouts)

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


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ("id", "tradie", "amount", "status", "failure", "arrives_on", "created_at", "checked_at")
    list_filter = ("status",)
    list_select_related = ("tradie",)
    search_fields = ("id", "account__account_id", "tradie__business_name")

    @admin.display(description="amount", ordering="amount_cents")
    def amount(self, payout: Payout) -> str:
        return dollars(payout.amount_cents)


@admin.register(StripeEvent)
class StripeEventAdmin(OutboxAdmin):
    list_display = (
        *("id", "type", "account_id", "object_id", "state", "runs"),
        *("last_error", "unanswered_since", "received_at"),
    )
    list_filter = (OutboxState,)
    search_fields = ("id", "object_id", "account_id")
    ordering = ("-received_at",)
    actions = [retry, close_dead, "replay"]
    readonly_fields = ("booking",)

    @admin.display(description="booking")
    def booking(self, event: StripeEvent) -> str:
        payment = Payment.objects.filter(intent_id=event.object_id).first() if event.object_id else None
        return booking_link(payment and payment.booking_id)

    @admin.action(description="Act on it again, also if it is done", permissions=["retry"])
    def replay(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> None:
        count = sum(inbox.replay(event.pk, now=timezone.now()) for event in queryset)
        self.message_user(request, f"{count} will be acted on again now.", messages.SUCCESS)

"""What the books are told of money that Stripe moved for a booking: payments, refunds, disputes. See docs/ledger.md."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.service_rules import DepositIs
from bookings.models import Booking
from ledger.chart import Account
from ledger.models import JournalKind
from ledger.told import Movement, Owed, Told, teller

from .dispute_models import TAKES_THE_MONEY, Dispute, DisputeStatus
from .models import Payment, PaymentKind, PaymentStatus, Refund, RefundStatus

RECEIVED = {
    PaymentKind.DEPOSIT: JournalKind.DEPOSIT,
    PaymentKind.BALANCE: JournalKind.BALANCE,
    PaymentKind.NO_SHOW_FEE: JournalKind.NO_SHOW_FEE,
}
WAITING = (RefundStatus.REQUESTED, RefundStatus.SUBMITTED)


@teller
def through_stripe(booking: Booking) -> Told:
    """Four queries."""
    paid = Payment.objects.filter(booking=booking, status=PaymentStatus.SUCCEEDED)
    payments = {payment.pk: payment for payment in paid}
    refunds = list(Refund.objects.filter(payment__in=payments)) if payments else []
    disputes = list(Dispute.objects.filter(payment__in=payments)) if payments else []
    for refund in refunds:
        refund.payment = payments[refund.payment_id]
    for dispute in disputes:
        dispute.payment = payments[dispute.payment_id]
    for payment in payments.values():
        payment.booking = booking
    return Told(
        [
            *(_paid(payment) for payment in payments.values()),
            *(_refunded(refund) for refund in refunds if refund.status == RefundStatus.SUCCEEDED),
            *(movement for dispute in disputes for movement in _disputed(dispute)),
        ],
        [*_owed(refunds), *(owed for dispute in disputes for owed in _contested(dispute))],
    )


def _is_taxed_at_once(payment: Payment) -> bool:
    """A security deposit is taxed when it is earned; what is paid of the price itself, at once (accounts/law.py)."""
    return payment.kind == PaymentKind.BALANCE or (
        payment.kind == PaymentKind.DEPOSIT and payment.booking.deposit_is == DepositIs.PART_PAYMENT
    )


def _paid(payment: Payment) -> Movement:
    return Movement(
        f"payment:{payment.pk}",
        RECEIVED[PaymentKind(payment.kind)],
        payment.paid_at or payment.created_at,
        {Account.STRIPE: payment.amount_cents},
        _is_taxed_at_once(payment),
    )


def _refunded(refund: Refund) -> Movement:
    return Movement(
        f"refund:{refund.pk}",
        JournalKind.REFUND,
        refund.done_at or refund.created_at,
        {Account.STRIPE: -refund.amount_cents},
        _is_taxed_at_once(refund.payment),
    )


def _owed(refunds: list[Refund]) -> Iterator[Owed]:
    """What was promised and has not gone back: on its way, or failed or called off and not sent again."""
    replaced = {refund.instead_of_id for refund in refunds}
    for refund in refunds:
        came_to_nothing = refund.status == RefundStatus.FAILED or refund.was_called_off
        if refund.status == RefundStatus.SUCCEEDED:
            yield Owed(refund.amount_cents, refund.created_at, refund.done_at or refund.created_at)
        elif refund.status in WAITING or (came_to_nothing and refund.pk not in replaced):
            yield Owed(refund.amount_cents, refund.created_at)


def _disputed(dispute: Dispute) -> Iterator[Movement]:
    """The bank takes the money, and decides: it comes back, or is gone. A mere question moves nothing."""
    cents, source = dispute.amount_cents, f"dispute:{dispute.pk}"
    if dispute.status not in (*TAKES_THE_MONEY, DisputeStatus.WON):
        return
    taken = {Account.STRIPE: -cents, Account.DISPUTED: cents}
    yield Movement(source, JournalKind.DISPUTE, dispute.opened_at, taken)
    decided_at = dispute.closed_at or dispute.checked_at
    if dispute.status == DisputeStatus.WON:
        back = {Account.STRIPE: cents, Account.DISPUTED: -cents}
        yield Movement(f"{source}:won", JournalKind.DISPUTE_WON, decided_at, back)
    if dispute.status == DisputeStatus.LOST:
        at_once = _is_taxed_at_once(dispute.payment)
        gone = {Account.DISPUTED: -cents}
        yield Movement(f"{source}:lost", JournalKind.DISPUTE_LOST, decided_at, gone, at_once)


def _contested(dispute: Dispute) -> Iterator[Owed]:
    """As long as the bank has it, it is nobody's to count, unless it had been earned before."""
    if dispute.status in TAKES_THE_MONEY:
        until = dispute.closed_at if dispute.status == DisputeStatus.LOST else None
        yield Owed(dispute.amount_cents, dispute.opened_at, until, unless_earned=True)

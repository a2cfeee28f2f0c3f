"""What Stripe says of a payment, acted on. Procedure 3 of docs/payments.md.

`intents.py` moves the row; what that does to the booking is the kind's to say, by the tables here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from . import balances, card_consents, deposits, intents, no_show_fees
from .intents import PAYMENTS, WITH_BOOKING
from .models import Payment, PaymentKind, PaymentStatus

# The payment was authorised, paid or cancelled (`payment.status`): its booking follows, in the same transaction, with
# calendar, booking and payment locked. Authorised and paid come once, cancelled may come again.
ON_SETTLED: dict[str, Callable[[Payment, datetime], None]] = {
    PaymentKind.DEPOSIT: deposits.on_settled,
    PaymentKind.BALANCE: balances.on_settled,
    PaymentKind.NO_SHOW_FEE: no_show_fees.on_settled,
}
# Whether one that is not settled may go on waiting, as its booking stands. If not, its intent is cancelled.
IS_WANTED: dict[str, Callable[[Payment], bool]] = {
    PaymentKind.DEPOSIT: deposits.is_wanted,
    PaymentKind.BALANCE: balances.is_wanted,
    PaymentKind.NO_SHOW_FEE: no_show_fees.is_wanted,
}


def is_wanted(payment: Payment) -> bool:
    """Whether its booking, as it is loaded, still has a use for the money. No query."""
    return IS_WANTED[payment.kind](payment)


def sync(payment: Payment, *, now: datetime) -> Payment:
    """Ask Stripe what became of a payment and act on it. Only ever moves forward, so it may run any number of times,
    from the webhook's worker, the customer's PATCH, the expiry of a hold and the sweep alike.

    Answers the payment as it is then, with its booking, that one's tradie and calendar. Raises StripeRefused when
    Stripe can't be asked.
    """
    intent = intents.retrieve(payment)
    if intent is None:
        intents.give_up(payment, now, is_wanted=is_wanted(payment))
        return WITH_BOOKING.get(pk=payment.pk)
    if payment.intent_id is None and not intents.adopt(payment, intent, now):
        return WITH_BOOKING.get(pk=payment.pk)
    with transaction.atomic():
        payment = intents.locked(payment)
        before = payment.status
        if problem := intents.mismatch(payment, intent):
            Payment.objects.filter(pk=payment.pk).update(checked_at=now, attention=problem)
        elif intents.move_forward(payment, intent, now):
            card_consents.note_saved(payment, intent, now)
            ON_SETTLED[payment.kind](payment, now)
    PAYMENTS.labels("succeeded").inc(before != payment.status == PaymentStatus.SUCCEEDED)
    return payment


def settle(payment: Payment, *, now: datetime) -> Payment:
    """`sync`; then what can still be paid, or is held on a card, for a booking that has no use for it is closed.

    Raises StripeRefused.
    """
    payment = sync(payment, now=now)
    if payment.status in (PaymentStatus.OPEN, PaymentStatus.AUTHORISED) and not is_wanted(payment):
        intents.cancel(payment)
        payment = sync(payment, now=now)
    return payment

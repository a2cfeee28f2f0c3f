"""A customer pays what is left of a bill: its payment is opened when they press the button, for what is left then.

So nothing waits at Stripe for a price that has changed since, and a link in a mail never goes stale.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Tradie
from bookings.models import Booking
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable
from peepopay.money import MINIMUM_CHARGE_CENTS

from . import intents, stripe_gateway
from .balances import DUE_WHILE
from .bills import standing_of
from .connected_accounts import can_charge, is_elsewhere
from .intents import PAYABLE, PAYMENTS
from .models import UNSETTLED, Payment, PaymentKind
from .settlement import settle
from .stripe_gateway import StripeRefused

MOST_CHARGED_CENTS = 99_999_999  # Stripe takes eight digits
PAID = "This is paid. Nothing is left to pay."
CHANGED = "The amount has just changed, or a payment is on its way. Please reload the page."


def may_pay_by_card(tradie: Tradie, left_cents: int) -> bool:
    """Whether its customers can be sent to the card form. No query where its account was loaded along with it, or where
    no card takes so much, or so little."""
    return MINIMUM_CHARGE_CENTS <= left_cents <= MOST_CHARGED_CENTS and can_charge(tradie)


def payable_cents(booking: Booking) -> int:
    """What is left that can be paid by card; 0 also where nothing was invoiced."""
    left_cents = _left_to_pay(booking)
    return left_cents if booking.status in DUE_WHILE and may_pay_by_card(booking.tradie, left_cents) else 0


def open_balance(booking: Booking, *, now: datetime) -> tuple[Payment, str]:
    """What is left to pay, with the secret by which a browser pays it. One intent, made on the first call and the same
    on every later one while the amount is unchanged; one for another amount is closed first, and so is one
    on an account that its business has replaced.

    Raises BookingNotPayable, TradieNotBookable, PaymentProviderUnavailable.
    """
    try:
        with stripe_gateway.place():
            return _open(booking, now)
    except StripeRefused as refusal:
        PAYMENTS.labels("unavailable").inc()
        raise PaymentProviderUnavailable from refusal


def _open(booking: Booking, now: datetime) -> tuple[Payment, str]:
    payment, is_new = _live_balance(booking, now)
    if not is_new and is_elsewhere(payment.account_id, payment.booking.tradie):
        intents.let_go_of_former(payment)
        payment, is_new = _live_balance(booking, now)
    if not is_new and payment.amount_cents != _left_to_pay(booking):
        settle_balances(booking, now=now)
        payment, is_new = _live_balance(booking, now)
    intent = intents.open_intent(payment, is_new=is_new, now=now)
    if intent is None or intent.status not in PAYABLE or intent.amount_cents != _left_to_pay(booking):
        raise BookingNotPayable(CHANGED)
    return payment, intent.client_secret


def _live_balance(booking: Booking, now: datetime) -> tuple[Payment, bool]:
    """The payment, and whether it is new; its row comes before Stripe hears of it."""
    with transaction.atomic():
        booking = (
            Booking.objects.select_for_update(of=("self",), no_key=True)
            .select_related("tradie__connected_account")
            .get(pk=booking.pk)
        )
        left_cents = _left_to_pay(booking)
        if booking.status not in DUE_WHILE or not left_cents:
            raise BookingNotPayable(PAID)
        if not may_pay_by_card(booking.tradie, left_cents):
            raise BookingNotPayable("This can't be paid by card. Please pay the business directly.")
        payment = live_balances(booking).first()
        is_new = payment is None
        if payment is None:
            what = f"{booking.service_name}, {booking.tradie.business_name} ({booking.reference})"
            payment = intents.new_payment(booking, PaymentKind.BALANCE, left_cents, what, now=now)
    payment.booking = booking
    return payment, is_new


def _left_to_pay(booking: Booking) -> int:
    standing = standing_of(booking)
    return standing.left_cents if standing else 0


def live_balances(booking: Booking) -> QuerySet[Payment]:
    return Payment.objects.filter(booking=booking, kind=PaymentKind.BALANCE, status__in=UNSETTLED)


def settle_balances(booking: Booking, *, now: datetime) -> None:
    """Ask Stripe about what is not settled: what was paid counts, what asks for too much is closed. Does nothing where
    nothing was opened. Raises PaymentProviderUnavailable; the sweep asks again later."""
    try:
        for payment in live_balances(booking).select_related("booking"):
            with stripe_gateway.place():
                settle(payment, now=now)
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable from refusal

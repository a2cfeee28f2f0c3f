"""What a customer pays by a link after they booked: a no-show fee whose card could not be charged, a balance.

Each kind says by `IS_WANTED` whether it may still be paid; here nothing depends on what it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.models import Booking
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable

from . import intents, settlement, stripe_gateway
from .intents import PAYABLE, WITH_BOOKING
from .models import FeeCharge, Payment, PaymentKind, PaymentStatus
from .paying_balances import open_balance, payable_cents, settle_balances
from .stripe_gateway import StripeRefused

BY_LINK = (PaymentKind.BALANCE, PaymentKind.NO_SHOW_FEE)


@dataclass(frozen=True)
class Bill:
    """What the page of a payment says. `pay_by`: until when it can be paid, where there is an end."""

    payment: Payment
    is_payable: bool
    pay_by: datetime | None = None


def bill_of(booking: Booking, *, now: datetime) -> Bill | None:
    """What is left of what the job came to, as a row that may not be stored yet; else the latest payment by link, as it
    stands. None: nothing was ever to be paid that way."""
    if left := payable_cents(booking):
        return Bill(Payment(booking=booking, kind=PaymentKind.BALANCE, amount_cents=left), is_payable=True)
    payment = Payment.objects.filter(booking=booking, kind__in=BY_LINK).order_by("-created_at").first()
    if payment is None:
        return None
    payment.booking = booking
    charge = FeeCharge.objects.filter(payment=payment).first()
    pay_by = charge.pay_by if charge else None
    if charge and pay_by is None and payment.status != PaymentStatus.SUCCEEDED:
        return None  # charged to the saved card, about which nobody has to do anything
    waits = payment.status in (PaymentStatus.NEW, PaymentStatus.OPEN) and settlement.is_wanted(payment)
    return Bill(payment, waits and (pay_by is None or now < pay_by), pay_by)


def open_bill(booking: Booking, *, now: datetime) -> tuple[Payment, str]:
    """The payment with the secret by which a browser pays it. Raises BookingNotPayable, TradieNotBookable,
    PaymentProviderUnavailable."""
    if payable_cents(booking):
        return open_balance(booking, now=now)
    bill = bill_of(booking, now=now)
    if bill is None or not bill.is_payable:
        raise BookingNotPayable
    payment = bill.payment
    try:
        with stripe_gateway.place():
            intent = intents.open_intent(payment, is_new=False, now=now)
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable from refusal
    if intent is None or intent.status not in PAYABLE:
        raise BookingNotPayable
    return payment, intent.client_secret


def look_at_bill(booking: Booking, *, now: datetime) -> None:
    """Ask Stripe whether it is paid. Raises PaymentProviderUnavailable."""
    settle_balances(booking, now=now)
    bill = bill_of(booking, now=now)
    if bill is None or bill.payment.intent_id is None:
        return
    try:
        with stripe_gateway.place():
            settlement.sync(WITH_BOOKING.get(pk=bill.payment.pk), now=now)
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable from refusal

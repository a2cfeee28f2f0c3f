"""The deposit of a booking: opened, and what its payment does to the booking. Procedures 2, 3 of docs/payments.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import transaction
from django.utils.module_loading import autodiscover_modules

from bookings.actors import CUSTOMER, SYSTEM
from bookings.lifecycle import (
    ask_for_approval,
    confirm_booking,
    drop_request,
    lose_booking,
    record,
    release_booking,
    revive_booking,
)
from bookings.models import HELD, Booking, EventKind, Status
from bookings.scheduling import hold_length
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable
from peepopay.money import dollars

from . import card_consents, card_holds, card_setups, intents, webhook_events
from .card_consents import Asked
from .connected_accounts import is_elsewhere, require_chargeable_account
from .intents import PAYABLE, PAYMENTS
from .models import LIVE_PAYMENT, Payment, PaymentKind, PaymentStatus
from .refunds import request_refund
from .stripe_answers import Intent
from .stripe_gateway import StripeRefused

WhenPaid = Callable[[Payment, datetime], None]
_rules: list[WhenPaid] = []
# For the tradie to say yes or no to what a card holds; Stripe lets go of it after seven days.
ANSWERED_WITHIN = timedelta(days=5)


@dataclass(frozen=True)
class Offer:
    """What the browser needs to pay; amounts in cents. `consent`: what the customer is asked to agree to about their
    card; where they must, there is no secret before they have. `extendable`: the hold may last longer, if they ask."""

    client_secret: str
    account_id: str
    amount_cents: int
    expires_at: datetime
    consent: Asked | None = None
    extendable: bool = False


def open_deposit(booking: Booking, *, now: datetime, new: Payment | None = None) -> Offer:
    """The one PaymentIntent of a pending booking, made on the first call and the same on every later one; another one
    where its business has another account by now.

    `new`: the row that was made along with the booking, of which Stripe has not heard yet.
    Raises BookingNotPayable, TradieNotBookable, PaymentProviderUnavailable.
    """
    payment, is_new = (new, True) if new else _live_deposit(booking, now)
    try:
        if not is_new and is_elsewhere(payment.account_id, payment.booking.tradie):
            intents.let_go_of_former(payment)
            payment, is_new = _live_deposit(booking, now)
        intent = intents.open_intent(payment, is_new=is_new, now=now)
    except StripeRefused as refusal:
        PAYMENTS.labels("unavailable").inc()
        raise PaymentProviderUnavailable from refusal
    if intent is None or payment.booking.status != Status.PENDING or intent.status not in PAYABLE:
        raise BookingNotPayable
    return offer_of(payment.booking, intent, payment.account_id, now=now)


def offer_of(booking: Booking, intent: Intent, account_id: str, *, now: datetime) -> Offer:
    """How the deposit of a pending booking can be paid by this intent."""
    asked = card_consents.asked_of(booking)
    waits = asked is not None and asked.required and not asked.given
    secret = "" if waits else intent.client_secret
    return Offer(
        secret,
        account_id,
        intent.amount_cents,
        booking.held_until or now,
        asked,
        may_be_extended(booking, now),
    )


def offer_to_save(booking: Booking, *, now: datetime, secret: str | None = None) -> Offer:
    """Nothing is paid, and a card can be saved by this. `secret`: where it is known already.

    Raises BookingNotPayable, TradieNotBookable, PaymentProviderUnavailable.
    """
    account_id = require_chargeable_account(booking.tradie)
    secret = card_setups.secret_of(booking) if secret is None else secret
    asked = card_consents.asked_of(booking)
    return Offer(secret, account_id, 0, booking.held_until or now, asked, may_be_extended(booking, now))


def _live_deposit(booking: Booking, now: datetime) -> tuple[Payment, bool]:
    """The payment, and whether it is new. The row comes first, so that whatever happens next there is something to look
    Stripe's answer up by."""
    with transaction.atomic():
        rows = Booking.objects.select_for_update(of=("self",)).select_related("tradie__connected_account")
        booking = rows.get(pk=booking.pk)
        if booking.status != Status.PENDING:
            raise BookingNotPayable
        live = Payment.objects.filter(
            booking=booking, kind=PaymentKind.DEPOSIT, status__in=LIVE_PAYMENT
        ).first()
        payment = live or new_deposit(booking, now=now)
        if live is None:
            card_consents.take_back_elsewhere(booking, payment.account_id, now=now)
    payment.booking = booking
    return payment, live is None


def new_deposit(booking: Booking, *, now: datetime) -> Payment:
    """The row of a deposit, in the caller's transaction. Stripe may be asked for its intent once that is committed.

    Raises TradieNotBookable.
    """
    what = f"Deposit for {booking.service_name}, {booking.tradie.business_name} ({booking.reference})"
    return intents.new_payment(
        booking,
        PaymentKind.DEPOSIT,
        booking.deposit_cents,
        what,
        now=now,
        authorise_only=booking.requires_approval,
    )


def when_paid(rule: WhenPaid) -> WhenPaid:
    """Register what an app further right does in the transaction in which a deposit is paid, once its booking is what
    it became by that. It stands in the app's `when_paid.py`, where it is looked for."""
    _rules.append(rule)
    return rule


@cache
def _further_rules() -> Sequence[WhenPaid]:
    autodiscover_modules("when_paid")
    return _rules


def is_wanted(payment: Payment) -> bool:
    """As long as its hold of the time lasts; held on the card, as long as the tradie may still say yes."""
    if payment.status == PaymentStatus.AUTHORISED:
        return payment.booking.status == Status.REQUESTED
    return payment.booking.status in HELD


def on_settled(payment: Payment, now: datetime) -> None:
    """Paid: the booking is confirmed, or revived, or the money goes back. Authorised: the tradie is asked. Cancelled:
    the time may be given back."""
    match payment.status:
        case PaymentStatus.SUCCEEDED:
            _paid(payment, now)
        case PaymentStatus.AUTHORISED:
            _authorised(payment, now)
        case PaymentStatus.CANCELED if payment.booking.status in HELD and not _waits_elsewhere(payment):
            release_booking(payment.booking, Status.EXPIRED, by=SYSTEM, now=now)
        case PaymentStatus.CANCELED if payment.booking.status == Status.REQUESTED:
            drop_request(payment.booking, now=now)


def _waits_elsewhere(payment: Payment) -> bool:
    """Whether its booking can still be paid, or is being, on another account that its business has by now."""
    booking = payment.booking
    if not is_elsewhere(payment.account_id, booking.tradie):
        return False
    live = Payment.objects.filter(booking=booking, kind=PaymentKind.DEPOSIT, status__in=LIVE_PAYMENT)
    return booking.status == Status.PENDING or live.exists()


def _authorised(payment: Payment, now: datetime) -> None:
    """The card holds the deposit: the tradie says yes or no to it, or it is let go of."""
    booking, answer_by = payment.booking, min(now + ANSWERED_WITHIN, payment.booking.starts_at)
    detail = f"{dollars(payment.amount_cents)} is held on the card"
    if ask_for_approval(booking, answer_by=answer_by, now=now, detail=detail):
        return
    if booking.status == Status.EXPIRED:
        if revive_booking(booking, now=now, answer_by=answer_by):
            return
        lose_booking(booking, refund_cents=0, now=now)
    card_holds.let_go(payment, now=now)


@transaction.atomic
def tell_authorised_in_vain(payment: Payment, *, now: datetime) -> None:
    """The card was authorised in the moment in which the hold lapsed: its intent was open when we looked, and cancelled
    with what the card held when we let go of it. Nobody else would tell the customer, whose bank said yes."""
    payment = intents.locked(payment)
    if payment.status == PaymentStatus.CANCELED:
        lose_booking(payment.booking, refund_cents=0, now=now)


def _paid(payment: Payment, now: datetime) -> None:
    booking = payment.booking
    record(booking, EventKind.PAID, by=CUSTOMER, now=now, detail=dollars(payment.amount_cents))
    webhook_events.tell_paid(payment, now=now)
    _settle_booking(payment, now)
    for rule in _further_rules():
        rule(payment, now)


def _settle_booking(payment: Payment, now: datetime) -> None:
    booking = payment.booking
    match booking.status:
        case Status.PENDING | Status.EXPIRING | Status.REQUESTED:
            confirm_booking(booking, now=now)
        case Status.EXPIRED:
            _paid_late(payment, now)
        case Status.CONFIRMED | Status.COMPLETED | Status.NO_SHOW:
            pass  # by this very payment, of which a booking has one: its row had lost that it was paid
        case _:
            request_refund(
                payment, payment.amount_cents, reason="Paid for a booking that was settled", now=now
            )


def _paid_late(payment: Payment, now: datetime) -> None:
    if revive_booking(payment.booking, now=now):
        return
    lose_booking(payment.booking, refund_cents=payment.amount_cents, now=now)
    reason = "Paid after the time was gone"
    request_refund(payment, payment.amount_cents, reason=reason, now=now, told_when_asked=True)


def may_be_extended(booking: Booking, now: datetime) -> bool:
    held_until = booking.held_until
    return (
        booking.status == Status.PENDING
        and held_until is not None
        and now < held_until <= booking.created_at + hold_length()
    )


def extend_hold_once(booking: Booking, *, now: datetime) -> None:
    """Stripe was away when the customer wanted to pay, or they ask for more time: give them the hold's length again,
    one time in all."""
    Booking.objects.filter(
        pk=booking.pk, status=Status.PENDING, held_until__lte=booking.created_at + hold_length()
    ).update(held_until=now + hold_length())

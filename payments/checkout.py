"""A booking with its deposit, from the press of the button to Stripe's word: for the widget, the dashboard and the
customer's page alike.

Where a deposit is due a place at Stripe comes first, so that who finds none has held nothing. Then the time is taken
and the payment's row is made, in one transaction, and Stripe is asked after it. If it can't be reached then, the hold
is let go of. Either way the same request may simply be sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.models import Service
from bookings.call_outs import agreed_in_zone
from bookings.deposit_rules import agreed_deposit
from bookings.details import Attempt, Details
from bookings.models import HELD, Booking, Status
from bookings.rebooking import rebook
from bookings.scheduling import request_booking
from bookings.terms import Agreed, Terms, terms_for
from bookings.tokens import find_by_token
from peepopay.errors import BookingNotChangeable, PaymentProviderUnavailable, SlotUnavailable
from peepopay.written_once import Given, WrittenOnce

from . import card_consents, card_setups, deposits, expiry, settlement, stripe_gateway
from .connected_accounts import require_chargeable_account
from .deposits import Offer
from .models import Payment
from .stripe_gateway import StripeRefused
from .totals import Totals, totals_in, totals_of

BUSY_SECONDS = 5  # after which it is worth trying again


@dataclass(frozen=True)
class Order:
    """What a customer asks for. `held`: a hold of theirs for this service, which moves and keeps what was agreed;
    `instead_of`: one for another service, which is let go of. `calendar_id`: who is to come, if they asked for one.
    `agreed`: a quote, whose terms count instead of the service's. `along` is done with a new booking, in
    the transaction that makes it, and may refuse it. `accepted_cents`, `accepted_fee_cents`: the deposit and the
    call-out fee that they were shown. `in_zone`: the terms for where it is, if that changes them."""

    service: Service
    starts_at: datetime
    details: Details
    attempt: Attempt
    held: Booking | None = None
    instead_of: Booking | None = None
    calendar_id: uuid.UUID | None = None
    agreed: Agreed | None = None
    along: Callable[[Booking], object] | None = None
    accepted_cents: int | None = None
    accepted_fee_cents: int | None = None
    in_zone: Terms | None = None

    @property
    def terms(self) -> Terms:
        return self.in_zone or terms_for(self.service, self.held or self.agreed)


@dataclass(frozen=True)
class Consent:
    """What a customer says to the words beside the card form, which they were shown as `text`; `given_from`: their
    address."""

    agreed: bool
    text: str
    given_from: str


def hold_before(token: str | None, service: Service) -> tuple[Booking | None, Booking | None]:
    """`Order.held` and `Order.instead_of` for the customer who brings this token; at most one of them."""
    booking = find_by_token(token) if token else None
    if booking is None or booking.status not in HELD or booking.tradie_id != service.tradie_id:
        return None, None
    return (booking, None) if booking.service_id == service.pk else (None, booking)


def start(order: Order, *, now: datetime) -> tuple[Booking, Offer | None]:
    """Take the time and open the deposit; no offer where nothing is due.

    Raises DepositChanged and CallOutFee (there is more to agree to than they were shown), SlotUnavailable,
    ValidationFailed, IdempotencyConflict, RateLimited, BookingNotChangeable (that hold has been paid),
    TradieNotBookable (a deposit is due and no account can take it), BookingNotPayable, PaymentProviderUnavailable.
    """
    if not (
        order.agreed or (order.held and order.held.quote_id)
    ):  # a quote has the terms that it was sent with
        if not order.held:
            order = replace(order, agreed=_by_rule(order, now))
        order = replace(order, in_zone=_in_zone(order))
    if not order.terms.is_held_first:
        return _start(order, now)
    require_chargeable_account(order.service.tradie)
    with _place_at_stripe():
        return _start(order, now)


def _by_rule(order: Order, now: datetime) -> Agreed | None:
    return agreed_deposit(
        order.service,
        order.starts_at,
        order.details,
        order.attempt,
        accepted_cents=order.accepted_cents,
        now=now,
    )


def _in_zone(order: Order) -> Terms | None:
    return agreed_in_zone(
        order.service.tradie,
        order.terms,
        order.details,
        order.attempt,
        accepted_cents=order.accepted_fee_cents,
    )


@contextmanager
def _place_at_stripe() -> Iterator[None]:
    """Raises PaymentProviderUnavailable, before anything was done, when too many others are waiting for Stripe."""
    try:
        with stripe_gateway.place():
            yield
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable(retry_after=BUSY_SECONDS) from refusal


def _start(order: Order, now: datetime) -> tuple[Booking, Offer | None]:
    if order.instead_of:
        _let_go(order.instead_of, now)
    booking, payment = take_time(order, now=now)
    return booking, offer_payment(booking, payment, now=now)


def offer_payment(booking: Booking, payment: Payment | None, *, now: datetime) -> Offer | None:
    """What `take_time` returned can be paid like this; None where nothing is due. If Stripe is away the hold is let go
    of.

    Raises BookingNotPayable, TradieNotBookable, PaymentProviderUnavailable.
    """
    terms = booking.terms
    if not terms.is_held_first or booking.status not in (*HELD, Status.EXPIRED):
        return None
    if terms.needs_card:
        return deposits.offer_to_save(booking, now=now)
    try:
        return deposits.open_deposit(booking, now=now, new=payment)
    except PaymentProviderUnavailable:
        expiry.give_up_unopened(booking, now=now)
        raise


def resume(booking: Booking, *, now: datetime) -> Offer:
    """The same payment again as long as the booking can be paid: after a reload, a step back or a declined card.

    Raises BookingNotPayable, TradieNotBookable, PaymentProviderUnavailable (then the hold lasts once as long again).
    """
    try:
        with _place_at_stripe():
            if booking.terms.needs_card:
                return deposits.offer_to_save(booking, now=now)
            return deposits.open_deposit(booking, now=now)
    except PaymentProviderUnavailable:
        deposits.extend_hold_once(booking, now=now)
        raise


def hold_longer(booking: Booking, *, now: datetime) -> Offer:
    """They need more time: as long again from now on, once, while it is still held. Then how it can be paid, as of
    `resume`, which says too what may be raised."""
    if deposits.may_be_extended(booking, now):
        deposits.extend_hold_once(booking, now=now)
        booking.refresh_from_db(fields=["held_until"])
    return resume(booking, now=now)


def consent(booking: Booking, said: Consent, *, now: datetime) -> Offer:
    """Whether the card that pays the deposit may be charged for a no-show; how it can be paid then.

    Raises BookingNotPayable, ValidationFailed, PaymentProviderUnavailable.
    """
    if booking.terms.needs_card:
        return _consent_to_save(booking, said, now)
    with _place_at_stripe():
        intent = (
            card_consents.give(booking, said.text, given_from=said.given_from, now=now)
            if said.agreed
            else card_consents.withdraw(booking, now=now)
        )
    return deposits.offer_of(booking, intent, require_chargeable_account(booking.tradie), now=now)


def _consent_to_save(booking: Booking, said: Consent, now: datetime) -> Offer:
    with _place_at_stripe():
        secret = ""
        if said.agreed:
            secret = card_setups.give(booking, said.text, given_from=said.given_from, now=now)
        else:
            card_setups.withdraw(booking, now=now)
    return deposits.offer_to_save(booking, now=now, secret=secret)


def ask_stripe(booking: Booking, *, now: datetime) -> tuple[Booking, Totals]:
    """The booking, brought up to what Stripe knows of its payments, and what these come to.

    Raises PaymentProviderUnavailable.
    """
    if booking.status not in (*HELD, Status.EXPIRED):
        return booking, totals_of(booking)
    try:
        with stripe_gateway.place():
            if booking.terms.needs_card:
                return card_setups.sync(booking, now=now), Totals()
            payments = [settlement.sync(payment, now=now) for payment in _payments_of(booking=booking.pk)]
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable(
            "We can't reach the payment service to check. Please wait a moment."
        ) from refusal
    return payments[-1].booking if payments else booking, totals_in(payments)


_payments_of = WrittenOnce(lambda: Payment.objects.filter(booking=Given("booking")))


def book_again(cancelled: Booking, starts_at: datetime, *, now: datetime) -> Booking:
    """A booking in the place of one that its business called off; where a deposit is due it is held until that is
    paid. An overdue hold of somebody else is expired first.

    Raises TradieNotBookable, and what `rebook` does.
    """
    if cancelled.terms.is_held_first:
        require_chargeable_account(cancelled.tradie)
    try:
        return rebook(cancelled, starts_at, now=now)
    except SlotUnavailable:
        if not expiry.expire_in_the_way(cancelled.tradie, cancelled.terms.job, starts_at, now=now):
            raise
        return rebook(cancelled, starts_at, now=now)


def take_time(order: Order, *, now: datetime) -> tuple[Booking, Payment | None]:
    """A new booking with the row of its deposit, or one that was made before. A hold of someone else that is overdue
    is expired first. Raises what `request_booking` does."""
    try:
        return _request(order, now)
    except SlotUnavailable:
        if not expiry.expire_in_the_way(order.service.tradie, order.terms.job, order.starts_at, now=now):
            raise
        return _request(order, now)


def _request(order: Order, now: datetime) -> tuple[Booking, Payment | None]:
    payments: dict[uuid.UUID, Payment] = {}  # of each try to make the booking; one of them lasts

    def go_along(booking: Booking) -> None:
        if order.along:
            order.along(booking)
        if booking.deposit_cents:
            payments[booking.pk] = deposits.new_deposit(booking, now=now)

    booking = request_booking(
        tradie=order.service.tradie,
        service=order.service,
        starts_at=order.starts_at,
        details=order.details,
        attempt=order.attempt,
        now=now,
        held=order.held,
        calendar_id=order.calendar_id,
        terms=order.terms,
        along=go_along,
    )
    return booking, payments.get(booking.pk)


def _let_go(booking: Booking, now: datetime) -> None:
    """Raises BookingNotChangeable when it has been paid meanwhile."""
    expired = expiry.expire_hold(booking, now=now)
    paid = (Status.CONFIRMED, Status.REQUESTED)
    if not expired and Booking.objects.filter(pk=booking.pk, status__in=paid).exists():
        raise BookingNotChangeable(
            "You've already paid for the other time. Check your email for that booking."
        )

"""The deposit of a booking: opened, paid, settled. Procedures 2 and 3 of docs/payments.md.

Locks are always taken tradie, booking, payment; Stripe is never called inside a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from prometheus_client import Counter

from availability.models import has_several
from bookings.actors import CUSTOMER, SYSTEM
from bookings.lifecycle import confirm_booking, lose_booking, record, release_booking, revive_booking
from bookings.models import HELD, Booking, EventKind, Status
from bookings.policy import refund_if_cancelled
from bookings.scheduling import hold_length
from notifications.webhooks.endpoints import running
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable
from peepopay.lookups import only
from peepopay.money import CURRENCY, basis_points_of, dollars

from . import stripe_gateway, webhook_events
from .connected_accounts import require_chargeable_account
from .models import LIVE_PAYMENT, UNSETTLED, Payment, PaymentKind, PaymentStatus
from .refunds import request_refund
from .stripe_answers import Intent
from .stripe_gateway import StripeRefused

CARRIED_OUT_WITHIN = timedelta(
    minutes=2
)  # what Stripe has not done by then of a call that was lost, it won't do
# "unavailable": Stripe could not be asked to open one.
PAYMENTS = Counter("peepopay_payments", "Customers' tries to pay, by what came of them.", ["outcome"])
for _outcome in ("succeeded", "failed", "unavailable"):
    PAYMENTS.labels(_outcome)
WITH_BOOKING = Payment.objects.select_related("booking__tradie", "booking__calendar")


@dataclass(frozen=True)
class Offer:
    """What the browser needs to pay; amounts in cents."""

    client_secret: str
    account_id: str
    amount_cents: int
    expires_at: datetime


def open_deposit(booking: Booking, *, now: datetime, new: Payment | None = None) -> Offer:
    """The one PaymentIntent of a pending booking, made on the first call and the same on every later one.

    `new`: the row that was made along with the booking, of which Stripe has not heard yet.
    Raises BookingNotPayable, TradieNotBookable, PaymentProviderUnavailable.
    """
    payment, is_new = (new, True) if new else _live_deposit(booking, now)
    try:
        intent = _create(payment) if is_new else _retrieve(payment) or _create(payment)
        adopted = _adopt(payment, intent, now)
    except StripeRefused as refusal:
        PAYMENTS.labels("unavailable").inc()
        raise PaymentProviderUnavailable from refusal
    if not adopted:
        raise BookingNotPayable
    if payment.booking.status != Status.PENDING or intent.status not in (
        "requires_payment_method",
        "requires_action",
        "requires_confirmation",
    ):
        raise BookingNotPayable
    held_until = payment.booking.held_until or now
    return Offer(intent.client_secret, payment.account_id, payment.amount_cents, held_until)


def _live_deposit(booking: Booking, now: datetime) -> tuple[Payment, bool]:
    """The payment, and whether it is new. The row comes first, so that whatever happens next there is something to look
    Stripe's answer up by."""
    with transaction.atomic():
        booking = Booking.objects.select_for_update(of=("self",)).select_related("tradie").get(pk=booking.pk)
        if booking.status != Status.PENDING:
            raise BookingNotPayable
        live = Payment.objects.filter(
            booking=booking, kind=PaymentKind.DEPOSIT, status__in=LIVE_PAYMENT
        ).first()
        payment = live or new_deposit(booking, now=now)
    payment.booking = booking
    return payment, live is None


def new_deposit(booking: Booking, *, now: datetime) -> Payment:
    """The row of a deposit, in the caller's transaction. Stripe may be asked for its intent once that is committed.

    Raises TradieNotBookable.
    """
    account_id = require_chargeable_account(booking.tradie)
    fee_cents = basis_points_of(booking.deposit_cents, settings.APPLICATION_FEE_BASIS_POINTS)
    payment = Payment(
        booking=booking,
        account_id=account_id,
        amount_cents=booking.deposit_cents,
        fee_cents=fee_cents,
        created_at=now,
    )
    payment.parameters = _parameters(booking, payment)
    payment.save(force_insert=True)
    return payment


def _parameters(booking: Booking, payment: Payment) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "amount": payment.amount_cents,
        "currency": CURRENCY,
        "allowed_payment_method_types": ["card"],
        "description": f"Deposit for {booking.service_name}, {booking.tradie.business_name} ({booking.reference})",
        "metadata": {
            "payment_id": str(payment.pk),
            "booking_id": str(booking.pk),
            "tradie_id": str(booking.tradie_id),
        },
    }
    if payment.fee_cents:
        parameters["application_fee_amount"] = payment.fee_cents
    return parameters


def _create(payment: Payment) -> Intent:
    """Under the same key as long as Stripe may yet answer it: however often a call was lost, it makes one intent."""
    key = f"pp-pi-{payment.pk}-{payment.tries}"
    try:
        return stripe_gateway.create_intent(payment.account_id, payment.parameters, key=key)
    except StripeRefused as refusal:
        if refusal.key_spent:
            Payment.objects.filter(pk=payment.pk, tries=payment.tries).update(tries=F("tries") + 1)
        raise


def _retrieve(payment: Payment) -> Intent | None:
    """The payment's intent as Stripe has it; looked for by our id where we never learned its own."""
    if payment.intent_id:
        return stripe_gateway.retrieve_intent(payment.account_id, payment.intent_id)
    return stripe_gateway.find_intent(payment.account_id, str(payment.pk), created_after=payment.created_at)


# A lock, a change and a commit in one statement: as three of the ORM's they cost every booking 2 ms more. The booking's
# row is locked before the payment's is touched, and what comes back of it is what it says under that lock.
_ADOPT = """
WITH booking AS (
    SELECT id, status, held_until FROM bookings_booking WHERE id = %(booking)s FOR NO KEY UPDATE
)
UPDATE payments_payment payment SET status = 'open', intent_id = %(intent)s, checked_at = %(now)s
FROM booking
WHERE payment.id = %(payment)s AND payment.booking_id = booking.id
  AND payment.status IN ('new', 'canceled') AND payment.intent_id IS NULL
RETURNING booking.status, booking.held_until
"""


def _adopt(payment: Payment, intent: Intent, now: datetime) -> bool:
    """Its row learns the intent, and sweeps see to it from now on; also one that was given up for want of an intent.
    False if the row has another one: then this one is cancelled, and since its secret was never handed out nobody can
    have paid it. Afterwards `payment.booking` is as it was at that moment."""
    booking = payment.booking
    with connection.cursor() as cursor:
        cursor.execute(
            _ADOPT, {"booking": booking.pk, "payment": payment.pk, "intent": intent.id, "now": now}
        )
        if adopted := cursor.fetchone():
            payment.status, payment.intent_id = PaymentStatus.OPEN, intent.id
            booking.status, booking.held_until = adopted
            return True
    payment.refresh_from_db(fields=["status", "intent_id"])
    booking.refresh_from_db(fields=["status", "held_until"])
    if payment.intent_id == intent.id:
        return True
    stripe_gateway.cancel_intent(payment.account_id, intent.id)
    return False


def sync(payment: Payment, *, now: datetime) -> Payment:
    """Ask Stripe what became of a payment and act on it. Only ever moves forward, so it may run any number of times,
    from the webhook's worker, the customer's PATCH, the expiry of a hold and the sweep alike.

    Answers the payment as it is then, with its booking, that one's tradie and calendar. Raises StripeRefused when
    Stripe can't be asked.
    """
    intent = _retrieve(payment)
    if intent is None:
        _give_up(payment, now)
        return WITH_BOOKING.get(pk=payment.pk)
    if payment.intent_id is None and not _adopt(payment, intent, now):
        return WITH_BOOKING.get(pk=payment.pk)
    with transaction.atomic():
        payment = _locked(payment)
        before = payment.status
        if problem := mismatch(payment, intent):
            Payment.objects.filter(pk=payment.pk).update(checked_at=now, attention=problem)
        else:
            _move_forward(payment, intent, now)
    PAYMENTS.labels("succeeded").inc(before != payment.status == PaymentStatus.SUCCEEDED)
    return payment


def _give_up(payment: Payment, now: datetime) -> None:
    """Stripe has no intent for this payment. While the booking waits, its customer may still ask for one; and a call
    that was lost may still be carried out."""
    waits = payment.booking.status in HELD or now - payment.created_at < CARRIED_OUT_WITHIN
    status = PaymentStatus.NEW if waits else PaymentStatus.CANCELED
    Payment.objects.filter(pk=payment.pk, status=PaymentStatus.NEW).update(status=status, checked_at=now)


def _locked(payment: Payment) -> Payment:
    """The same, with its calendar, booking and itself locked, in that order: PostgreSQL goes by the order of `of`. Its
    booking brings along what is asked of it later."""
    rows = WITH_BOOKING.select_for_update(of=("booking__calendar", "booking", "self"), no_key=True).annotate(
        of_several=Exists(has_several(OuterRef("booking__tradie"))),
        with_listeners=Exists(running(OuterRef("booking__tradie"))),
    )
    # While it waited the booking may have moved to another calendar: then the row that it waited for is not found.
    locked: Any = only(rows.filter(pk=payment.pk)) or rows.get(pk=payment.pk)
    locked.booking.is_of_several, locked.booking.has_listeners = locked.of_several, locked.with_listeners
    return cast(Payment, locked)


def mismatch(payment: Payment, intent: Intent) -> str:
    """Why this intent is not the one we asked for, or nothing."""
    if intent.id != payment.intent_id:
        return f"Stripe answered with intent {intent.id}."
    if intent.metadata.get("payment_id") != str(payment.pk):
        return "The intent carries another payment's id."
    if (intent.amount_cents, intent.currency) != (payment.amount_cents, CURRENCY):
        return f"Stripe has {intent.amount_cents} {intent.currency}, we asked for {payment.amount_cents} {CURRENCY}."
    if intent.status == "succeeded" and intent.received_cents != payment.amount_cents:
        return f"Stripe received {intent.received_cents} of {payment.amount_cents} cents."
    return ""


# By what Stripe says of the intent and what its row says: what the row becomes. Anything else leaves it as it is.
# Succeeded counts even where we gave up: Stripe has the money.
_MOVES: dict[tuple[str, str], PaymentStatus] = {
    ("processing", PaymentStatus.OPEN): PaymentStatus.PROCESSING,
    ("requires_payment_method", PaymentStatus.PROCESSING): PaymentStatus.OPEN,
    **{("canceled", before): PaymentStatus.CANCELED for before in UNSETTLED},
    **{("succeeded", before): PaymentStatus.SUCCEEDED for before in (*UNSETTLED, PaymentStatus.CANCELED)},
}


def _move_forward(payment: Payment, intent: Intent, now: datetime) -> None:
    becomes = _MOVES.get((intent.status, payment.status))
    payment.status, payment.checked_at = becomes or payment.status, now
    payment.paid_at = now if becomes == PaymentStatus.SUCCEEDED else payment.paid_at
    payment.save(update_fields=["status", "checked_at", "paid_at"])
    if becomes == PaymentStatus.SUCCEEDED:
        _paid(payment, now)
    elif intent.status == "canceled" and payment.booking.status in HELD:
        # It can't be paid any more, so the time may be given back.
        release_booking(payment.booking, Status.EXPIRED, by=SYSTEM, now=now)


def _paid(payment: Payment, now: datetime) -> None:
    """Money arrived: the booking is confirmed, or revived, or the money goes back. Once."""
    booking = payment.booking
    record(booking, EventKind.PAID, by=CUSTOMER, now=now, detail=dollars(payment.amount_cents))
    webhook_events.tell_paid(payment, now=now)
    match booking.status:
        case Status.PENDING | Status.EXPIRING:
            confirm_booking(booking, now=now)
        case Status.EXPIRED:
            _paid_late(payment, now)
        case Status.CANCELLED:
            cents = refund_if_cancelled(
                booking.terms.policy, payment.amount_cents, booking.starts_at, booking.cancelled_at or now
            )
            if cents:
                request_refund(payment, cents, reason="Paid after the booking was cancelled", now=now)
        case _:
            request_refund(
                payment, payment.amount_cents, reason="Paid for a booking that was settled", now=now
            )


def _paid_late(payment: Payment, now: datetime) -> None:
    if revive_booking(payment.booking, now=now):
        return
    lose_booking(payment.booking, refund_cents=payment.amount_cents, now=now)
    request_refund(payment, payment.amount_cents, reason="Paid after the time was gone", now=now)


def extend_hold_once(booking: Booking, *, now: datetime) -> None:
    """Stripe was away when the customer wanted to pay: give them the hold's length again, one time."""
    Booking.objects.filter(
        pk=booking.pk, status=Status.PENDING, held_until__lte=booking.created_at + hold_length()
    ).update(held_until=now + hold_length())

"""Payments as rows, and their PaymentIntents at Stripe: made, adopted, looked up, moved forward by what Stripe says.

Knows nothing of what a payment is for: that is in one module per kind, behind `settlement.py`. Locks are always taken
calendar, booking, payment; Stripe is never called inside a transaction.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef
from prometheus_client import Counter

from availability.models import has_several
from bookings.models import Booking
from notifications.webhooks.endpoints import running
from peepopay import written_rows
from peepopay.money import CURRENCY, basis_points_of
from peepopay.written_once import Given, WrittenOnce

from . import stripe_gateway
from .connected_accounts import is_out_of_reach, require_chargeable_account
from .models import UNSETTLED, Payment, PaymentKind, PaymentStatus
from .stripe_answers import Intent
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
CARRIED_OUT_WITHIN = timedelta(
    minutes=2
)  # what Stripe has not done by then of a call that was lost, it won't do
# "unavailable": Stripe could not be asked to open one.
PAYMENTS = Counter("peepopay_payments", "Customers' tries to pay, by what came of them.", ["outcome"])
for _outcome in ("succeeded", "failed", "unavailable"):
    PAYMENTS.labels(_outcome)
WITH_BOOKING = Payment.objects.select_related("booking__tradie", "booking__calendar")
# As far as is known: of one that is processing, the money may be on its way.
NOBODY_PAID = (PaymentStatus.NEW, PaymentStatus.OPEN, PaymentStatus.AUTHORISED, PaymentStatus.CANCELED)
PAYABLE = ("requires_payment_method", "requires_action", "requires_confirmation")


@dataclass(frozen=True)
class SavedCard:
    """By Stripe's ids, on the tradie's account."""

    customer_id: str
    payment_method_id: str


def new_payment(
    booking: Booking,
    kind: PaymentKind,
    amount_cents: int,
    description: str,
    *,
    now: datetime,
    authorise_only: bool = False,
    card: SavedCard | None = None,
) -> Payment:
    """The row of a payment, in the caller's transaction. Stripe may be asked for its intent once that is committed.

    `authorise_only`: the card holds the amount until it is captured or let go. `card`: a saved one, which making the
    intent charges at once. Raises TradieNotBookable.
    """
    payment = Payment(
        booking=booking,
        kind=kind,
        account_id=require_chargeable_account(booking.tradie),
        amount_cents=amount_cents,
        fee_cents=basis_points_of(amount_cents, _fee_rate(booking)),
        created_at=now,
    )
    payment.sent = json.dumps(_parameters(payment, description, authorise_only, card))
    return written_rows.insert(payment)


def _fee_rate(booking: Booking) -> int:
    """PeepoPay's fee as it was when the booking was made, in hundredths of a percent."""
    frozen = booking.terms.policy.fee_basis_points
    return settings.APPLICATION_FEE_BASIS_POINTS if frozen is None else frozen


def _parameters(
    payment: Payment, description: str, authorise_only: bool, card: SavedCard | None
) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "amount": payment.amount_cents,
        "currency": CURRENCY,
        "allowed_payment_method_types": ["card"],
        "description": description,
        "metadata": {
            "payment_id": str(payment.pk),
            "booking_id": str(payment.booking_id),
            "tradie_id": str(payment.booking.tradie_id),
        },
    }
    if payment.fee_cents:
        parameters["application_fee_amount"] = payment.fee_cents
    if authorise_only:
        parameters["capture_method"] = "manual"
    if card:
        parameters |= {
            "customer": card.customer_id,
            "payment_method": card.payment_method_id,
            "off_session": True,
            "confirm": True,
        }
    return parameters


def open_intent(payment: Payment, *, is_new: bool, now: datetime) -> Intent | None:
    """The payment's one intent, made on the first call and the same on every later one. None: its row has another.

    `is_new`: Stripe has not heard of it yet. Afterwards `payment.booking` is as it was when the row learned the intent.
    Raises StripeRefused.
    """
    intent = create(payment) if is_new else retrieve(payment) or create(payment)
    return intent if adopt(payment, intent, now) else None


def create(payment: Payment) -> Intent:
    """Under the same key as long as Stripe may yet answer it: however often a call was lost, it makes one intent.

    Raises StripeRefused.
    """
    key = f"pp-pi-{payment.pk}-{payment.tries}"
    try:
        return stripe_gateway.create_intent(payment.account_id, json.loads(payment.sent), key=key)
    except StripeRefused as refusal:
        if refusal.key_spent:
            Payment.objects.filter(pk=payment.pk, tries=payment.tries).update(tries=F("tries") + 1)
        raise


def retrieve(payment: Payment) -> Intent | None:
    """The payment's intent as Stripe has it; looked for by our id where we never learned its own.

    Raises StripeRefused.
    """
    try:
        if payment.intent_id:
            return stripe_gateway.retrieve_intent(payment.account_id, payment.intent_id)
        return stripe_gateway.find_intent(
            payment.account_id, str(payment.pk), created_after=payment.created_at
        )
    except StripeRefused as refusal:
        if payment.status not in NOBODY_PAID or not is_out_of_reach(payment.account_id, refusal):
            raise
        logger.warning("payment %s: its account is gone, and nobody can pay it there", payment.pk)
        return _as_cancelled(payment) if payment.intent_id else None


def _as_cancelled(payment: Payment) -> Intent:
    """What an intent comes to whose account is gone."""
    return Intent(
        id=payment.intent_id or "",
        status="canceled",
        amount_cents=payment.amount_cents,
        received_cents=0,
        currency=CURRENCY,
        client_secret="",
        metadata={"payment_id": str(payment.pk)},
    )


def cancel(payment: Payment) -> bool:
    """True: it can't be paid any more. False: Stripe refused, since it was paid or cancelled before.

    Raises StripeRefused when the outcome is unknown.
    """
    try:
        return stripe_gateway.cancel_intent(payment.account_id, payment.intent_id or "")
    except StripeRefused as refusal:
        if not is_out_of_reach(payment.account_id, refusal):
            raise
        return True


def let_go_of_former(payment: Payment) -> None:
    """Its business has another account by now, where a new one may be made: this one is cancelled, unless it was paid.

    Raises StripeRefused.
    """
    if payment.intent_id is None or cancel(payment):
        waits = Payment.objects.filter(pk=payment.pk, status__in=(PaymentStatus.NEW, PaymentStatus.OPEN))
        waits.update(status=PaymentStatus.CANCELED)


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


def adopt(payment: Payment, intent: Intent, now: datetime) -> bool:
    """Its row learns the intent, and sweeps see to it from now on; also one that was given up for want of an intent.
    False if the row has another one: then this one is cancelled, and since its secret was never handed out nobody can
    have paid it. Afterwards `payment.booking` is as it was at that moment. Raises StripeRefused."""
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


def give_up(payment: Payment, now: datetime, *, is_wanted: bool) -> None:
    """Stripe has no intent for this payment. While it is wanted, its customer may still ask for one; and a call that
    was lost may still be carried out."""
    waits = is_wanted or now - payment.created_at < CARRIED_OUT_WITHIN
    status = PaymentStatus.NEW if waits else PaymentStatus.CANCELED
    Payment.objects.filter(pk=payment.pk, status=PaymentStatus.NEW).update(status=status, checked_at=now)


def locked(payment: Payment) -> Payment:
    """The same, with its calendar, booking and itself locked, in that order: PostgreSQL goes by the order of `of`. Its
    booking brings along what is asked of it later."""
    # While it waited the booking may have moved to another calendar: then the row that it waited for is not found.
    found: Any = _locking.only(id=payment.pk) or _locking.only(id=payment.pk)
    found.booking.is_of_several, found.booking.has_listeners = found.of_several, found.with_listeners
    return cast(Payment, found)


_locking = WrittenOnce(
    lambda: (
        WITH_BOOKING.select_for_update(of=("booking__calendar", "booking", "self"), no_key=True)
        .annotate(
            of_several=Exists(has_several(OuterRef("booking__tradie"))),
            with_listeners=Exists(running(OuterRef("booking__tradie"))),
        )
        .filter(pk=Given("id"))
        .order_by()
    )
)


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
    **{("requires_capture", before): PaymentStatus.AUTHORISED for before in ("open", "processing")},
    **{("canceled", before): PaymentStatus.CANCELED for before in UNSETTLED},
    **{("succeeded", before): PaymentStatus.SUCCEEDED for before in (*UNSETTLED, PaymentStatus.CANCELED)},
}
_ENDS = (PaymentStatus.AUTHORISED, PaymentStatus.SUCCEEDED)


def move_forward(payment: Payment, intent: Intent, now: datetime) -> bool:
    """The row becomes what Stripe says of its intent, only ever forward; call it with the row `locked`.

    True: something is settled that its kind must act on, for the first time (authorised, paid) or still (cancelled).
    """
    becomes = _MOVES.get((intent.status, payment.status))
    paid_at = now if becomes == PaymentStatus.SUCCEEDED else payment.paid_at
    written_rows.update(payment, status=becomes or payment.status, checked_at=now, paid_at=paid_at)
    return becomes in _ENDS or payment.status == PaymentStatus.CANCELED

"""Charging a no-show fee to a saved card while its holder isn't there. Procedure 11 of docs/payments.md.

Before Stripe is asked, the row says so; whoever comes after a crash therefore looks first for what Stripe has. Taken
back meanwhile, what was charged goes back (`no_show_fees.on_settled`), and what can still be paid is closed.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from bookings.actors import SYSTEM
from bookings.lifecycle import record
from bookings.models import EventKind
from peepopay import outbox, sweeps
from peepopay.local_time import moment
from peepopay.money import dollars

from . import intents, no_show_messages
from .intents import WITH_BOOKING
from .models import UNSETTLED, FeeCharge, Payment, PaymentStatus
from .no_show_fees import is_wanted
from .settlement import settle, sync
from .stripe_gateway import StripeRefused

logger = logging.getLogger(__name__)
PAID_WITHIN = timedelta(days=7)  # by the link, where the card could not be charged
MOST_AT_ONCE = 200
OF_THE_CARD = ("customer", "payment_method", "off_session", "confirm")


def charge(row: FeeCharge, *, now: datetime) -> outbox.Changes | None:
    """Charge it; or ask its customer to pay by link; or close it, where the no-show was taken back.

    Raises StripeRefused when the outcome is unknown.
    """
    payment = WITH_BOOKING.get(pk=row.payment_id)
    if row.asked_at or not is_wanted(payment):
        payment = settle(payment, now=now)
    if payment.status == PaymentStatus.NEW and _begin(payment, now):
        payment = _ask_stripe(payment, now)
    if payment.status == PaymentStatus.OPEN and not _ask_customer(payment, now):
        payment = settle(payment, now=now)
    is_over = payment.status not in UNSETTLED or (payment.status == PaymentStatus.OPEN and is_wanted(payment))
    return {} if is_over else None


@transaction.atomic
def _begin(payment: Payment, now: datetime) -> bool:
    """From here on Stripe may have it. False: it was taken back before."""
    payment = intents.locked(payment)
    if payment.status != PaymentStatus.NEW or not is_wanted(payment):
        return False
    FeeCharge.objects.filter(payment=payment, asked_at=None).update(asked_at=now)
    return True


def _ask_stripe(payment: Payment, now: datetime) -> Payment:
    """What came of it. A card that is declined leaves an intent that can still be paid; without one (the card is gone,
    say) another is made that asks for no card."""
    try:
        intents.adopt(payment, intents.create(payment), now)
    except StripeRefused as refusal:
        if refusal.retry_helps:
            raise
        logger.info("payment %s: not charged: %s", payment.pk, refusal.code)
        payment = sync(payment, now=now)
        if payment.status == PaymentStatus.NEW:
            _without_the_card(payment)
            intents.adopt(payment, intents.create(payment), now)
    return sync(payment, now=now)


def _without_the_card(payment: Payment) -> None:
    """Other parameters, and so another key."""
    sent = {name: value for name, value in json.loads(payment.sent).items() if name not in OF_THE_CARD}
    Payment.objects.filter(pk=payment.pk, status=PaymentStatus.NEW).update(
        sent=json.dumps(sent), tries=F("tries") + 1
    )
    payment.refresh_from_db(fields=["sent", "tries"])


@transaction.atomic
def _ask_customer(payment: Payment, now: datetime) -> bool:
    """By mail and SMS, once: their bank wants to see them, or said no. False: it is wanted no more."""
    payment = intents.locked(payment)
    if not is_wanted(payment):
        return False
    if payment.status == PaymentStatus.OPEN:
        pay_by = now + PAID_WITHIN
        if FeeCharge.objects.filter(payment=payment, pay_by=None).update(pay_by=pay_by):
            until = moment(pay_by, payment.booking.tradie.timezone)
            detail = f"{dollars(payment.amount_cents)} by link until {until}: the card could not be charged"
            record(payment.booking, EventKind.FEE_ASKED, by=SYSTEM, now=now, detail=detail)
            no_show_messages.tell_to_pay(payment, pay_by=pay_by, now=now)
    return True


def lapse_fees(*, now: datetime) -> int:
    """The sweep over links whose time is over: nothing can be paid any more, and the business is told."""
    over = FeeCharge.objects.filter(pay_by__lte=now, lapsed_at=None).select_related("payment")
    rows = over.order_by("pay_by")[:MOST_AT_ONCE]
    return sweeps.each(list(rows), lambda row: _lapse(row, now))


def _lapse(row: FeeCharge, now: datetime) -> bool:
    """Cancelled at Stripe first: what was paid in the last second is kept."""
    payment = WITH_BOOKING.get(pk=row.payment_id)
    if payment.status == PaymentStatus.OPEN:
        intents.cancel(payment)
        payment = sync(payment, now=now)
    if payment.status in UNSETTLED:
        return False
    with transaction.atomic():
        first = FeeCharge.objects.filter(pk=row.pk, lapsed_at=None).update(lapsed_at=now)
        if first and payment.status == PaymentStatus.CANCELED and is_wanted(payment):
            no_show_messages.tell_lapsed(payment, now=now)
    return bool(first)

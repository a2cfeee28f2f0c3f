"""A card that is saved when booking where nothing is paid: for services without a deposit whose business asks everybody
for a card, for its no-show fee. Procedure 11 of docs/payments.md.

The time is held until the card is saved. The consent comes first, as a row; then Stripe makes a SetupIntent, and only
what Stripe then says of that confirms the booking.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from availability.calendars import lock_calendar
from bookings.actors import CUSTOMER
from bookings.lifecycle import confirm_booking, lose_booking, record, revive_booking
from bookings.models import HELD, Booking, EventKind, Status
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable
from peepopay.money import dollars

from . import card_consents, stripe_customers
from .connected_accounts import is_elsewhere, is_out_of_reach, require_chargeable_account
from .models import CardConsent
from .stripe_answers import Setup
from .stripe_gateway import StripeRefused

SAVED = "succeeded"
CANCELED = "canceled"


def standing(booking: Booking) -> CardConsent | None:
    """The consent that holds and that Stripe was asked to save a card for."""
    given = CardConsent.objects.filter(booking=booking, withdrawn_at=None).exclude(setup_intent_id="")
    return given.first()


def secret_of(booking: Booking) -> str:
    """To save a card by; empty until the customer has agreed to what is asked.

    Raises BookingNotPayable, PaymentProviderUnavailable.
    """
    if booking.status != Status.PENDING:
        raise BookingNotPayable
    consent = standing(booking)
    if consent is None:
        return ""
    if is_elsewhere(consent.account_id, booking.tradie):
        return ""  # asked anew, for the account that its business has now
    try:
        setup = stripe_customers.retrieve_setup(consent.account_id, consent.setup_intent_id)
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable from refusal
    if setup.status in (SAVED, CANCELED):
        raise BookingNotPayable
    return setup.client_secret


def give(booking: Booking, text: str, *, given_from: str, now: datetime) -> str:
    """The customer agrees to `text`, which they were shown: the row, then Stripe. Given again, it is as it was.
    -> the secret to save a card by.

    Raises BookingNotPayable, ValidationFailed (other words apply), TradieNotBookable, PaymentProviderUnavailable: then
    it does not hold.
    """
    account_id = require_chargeable_account(booking.tradie)
    with transaction.atomic():
        _require_held(booking)
        consent = card_consents.write_down(booking, text, account_id, given_from, now)
    try:
        setup = stripe_customers.create_setup(
            account_id,
            customer_id=card_consents.customer_of(consent),
            description=f"Card for booking {booking.reference}",
            metadata={"consent_id": str(consent.pk), "booking_id": str(booking.pk)},
            key=f"pp-seti-{consent.pk}",
        )
    except StripeRefused as refusal:
        CardConsent.objects.filter(pk=consent.pk, saved_at=None).update(withdrawn_at=now)
        raise PaymentProviderUnavailable from refusal
    if not _remember(consent, setup.id):
        _cancel(account_id, setup.id)
        raise BookingNotPayable
    return setup.client_secret


@transaction.atomic
def _remember(consent: CardConsent, setup_id: str) -> bool:
    """False: its hold lapsed while Stripe was asked, and nobody gets the secret."""
    held = Booking.objects.select_for_update(no_key=True).filter(pk=consent.booking_id, status=Status.PENDING)
    is_held = held.exists()
    CardConsent.objects.filter(pk=consent.pk).update(setup_intent_id=setup_id)
    return is_held


def withdraw(booking: Booking, *, now: datetime) -> None:
    """They no longer agree. The row first: whatever Stripe does, the card is never charged.

    Raises BookingNotPayable, PaymentProviderUnavailable.
    """
    with transaction.atomic():
        _require_held(booking)
        consent = standing(booking)
        CardConsent.objects.filter(booking=booking, withdrawn_at=None).update(withdrawn_at=now)
    if consent:
        _cancel(consent.account_id, consent.setup_intent_id)


def _cancel(account_id: str, setup_id: str) -> None:
    """Raises PaymentProviderUnavailable."""
    try:
        stripe_customers.cancel_setup(account_id, setup_id)
    except StripeRefused as refusal:
        raise PaymentProviderUnavailable from refusal


def _require_held(booking: Booking) -> None:
    """Locks it. Raises BookingNotPayable."""
    held = Booking.objects.select_for_update(no_key=True).filter(pk=booking.pk, status=Status.PENDING)
    if not held.exists():
        raise BookingNotPayable


def sync(booking: Booking, *, now: datetime) -> Booking:
    """Ask Stripe whether the card is saved: then the booking is confirmed, or revived if its hold had lapsed. One
    procedure for the customer's "I have saved it", the webhook and the end of the hold. Raises StripeRefused."""
    consent = standing(booking)
    if consent and not consent.saved_at:
        setup = stripe_customers.retrieve_setup(consent.account_id, consent.setup_intent_id)
        if setup.status == SAVED and setup.payment_method_id:
            _saved(consent, setup, now)
    return Booking.objects.select_related("tradie", "calendar").get(pk=booking.pk)


@transaction.atomic
def _saved(consent: CardConsent, setup: Setup, now: datetime) -> None:
    lock_calendar(consent.booking.calendar_id)
    rows = Booking.objects.select_for_update(of=("self",), no_key=True).select_related("tradie", "calendar")
    booking = rows.get(pk=consent.booking_id)
    waiting = CardConsent.objects.filter(pk=consent.pk, withdrawn_at=None, saved_at=None)
    if not waiting.update(payment_method_id=setup.payment_method_id, saved_at=now):
        return
    detail = f"up to {dollars(consent.cap_cents)}"
    record(booking, EventKind.CARD_SAVED, by=CUSTOMER, now=now, detail=detail)
    if booking.status in HELD:
        confirm_booking(booking, now=now)
    elif booking.status == Status.EXPIRED and not revive_booking(booking, now=now):
        lose_booking(booking, refund_cents=0, now=now)


def end(booking: Booking, *, now: datetime) -> bool:
    """Its hold is over: from now on no card is taken for it. True: one had been saved, so it is booked.

    Raises StripeRefused: then it keeps its time.
    """
    consent = standing(booking)
    if consent is None:
        return False
    try:
        is_over = stripe_customers.cancel_setup(consent.account_id, consent.setup_intent_id)
    except StripeRefused as refusal:
        if not is_out_of_reach(consent.account_id, refusal):
            raise
        return False
    if not is_over:
        return sync(booking, now=now).status == Status.CONFIRMED
    return False

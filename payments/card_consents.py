"""A customer's consent to a no-show fee on their card: asked when they pay the deposit, written down, taken back,
ended. Procedure 11 of docs/payments.md.

The words come first, then the row, then Stripe: the deposit's intent is told to save its card, with a customer at
Stripe that stands for this one booking and has no personal details of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import Booking, EventKind, Status
from peepopay.errors import BookingNotPayable, PaymentProviderUnavailable, ValidationFailed
from peepopay.money import dollars

from . import stripe_customers
from .models import CardConsent, Payment, PaymentKind, PaymentStatus
from .stripe_answers import Intent
from .stripe_gateway import StripeRefused

WORDING = 2  # raised with every change of the words
KEPT_AFTER = timedelta(days=7)  # after the job's end a card is charged no more: the words say so
OTHER_WORDS = "The terms have changed. Please read them again."


@dataclass(frozen=True)
class Asked:
    """What a customer is asked to agree to; `given`: they have."""

    text: str
    cap_cents: int
    required: bool
    given: bool


def asked_of(booking: Booking) -> Asked | None:
    """None where nothing is asked; else one query. Its tradie is loaded."""
    terms = booking.terms
    cap = terms.card_cap_cents
    if not cap:
        return None
    given = CardConsent.objects.filter(booking=booking, withdrawn_at=None).exists()
    required = terms.policy.no_show_card_required
    return Asked(words(booking, cap, required=required), cap, required, given)


def words(booking: Booking, cap_cents: int, *, required: bool) -> str:
    """Word for word what the customer agrees to. A change needs another WORDING."""
    fee = booking.terms.policy.no_show_fee_cents
    name = " ".join(booking.tradie.business_name.split())
    or_not = "" if required else " You can leave this unticked and still book."
    if not booking.deposit_cents:
        return (
            f"I agree that {name} may charge up to {dollars(cap_cents)} to this card, without asking me again, if"
            " nobody is there when they come. Nothing is charged now. It's for this booking only, and I'm emailed when"
            " it happens. The card is forgotten once the job is done or cancelled, or 7 days after it."
        )
    return (
        f"I agree that {name} may charge up to {dollars(cap_cents)} to this card, without asking me again, if nobody is"
        f" there when they come. With the deposit of {dollars(booking.deposit_cents)} that is the no-show fee of"
        f" {dollars(fee)}. It's for this booking only, and I'm emailed when it happens. The card is forgotten once the"
        f" job is done or cancelled, or 7 days after it.{or_not}"
    )


def give(booking: Booking, text: str, *, given_from: str, now: datetime) -> Intent:
    """The customer agrees to `text`, which they were shown: the row, then Stripe. Given again, it is as it was.

    Raises BookingNotPayable, ValidationFailed (other words apply), PaymentProviderUnavailable: then it does not hold.
    """
    with transaction.atomic():
        payment = _payable(booking)
        consent = write_down(booking, text, payment.account_id, given_from, now)
    try:
        changes = {"customer": customer_of(consent), "setup_future_usage": "off_session"}
        return stripe_customers.update_intent(payment.account_id, payment.intent_id or "", changes)
    except StripeRefused as refusal:
        CardConsent.objects.filter(pk=consent.pk, saved_at=None).update(withdrawn_at=now)
        raise _as_told(refusal) from refusal


def withdraw(booking: Booking, *, now: datetime) -> Intent:
    """They no longer agree; before it is paid. The row first: whatever Stripe does, it is never charged.

    Raises BookingNotPayable, PaymentProviderUnavailable.
    """
    with transaction.atomic():
        payment = _payable(booking)
        CardConsent.objects.filter(booking=booking, withdrawn_at=None).update(withdrawn_at=now)
    try:
        return stripe_customers.update_intent(
            payment.account_id, payment.intent_id or "", {"setup_future_usage": ""}
        )
    except StripeRefused as refusal:
        raise _as_told(refusal) from refusal


def _as_told(refusal: StripeRefused) -> BookingNotPayable | PaymentProviderUnavailable:
    settled = refusal.code == "payment_intent_unexpected_state"
    return BookingNotPayable() if settled else PaymentProviderUnavailable()


def write_down(booking: Booking, text: str, account_id: str, given_from: str, now: datetime) -> CardConsent:
    """The consent as a row, in the caller's transaction, which has locked the booking; the one that holds already, if
    there is one. Raises ValidationFailed where other words apply."""
    asked = asked_of(booking)
    if asked is None or text != asked.text:
        raise ValidationFailed(OTHER_WORDS, fields={"text": [OTHER_WORDS]})
    take_back_elsewhere(booking, account_id, now=now)
    consent = CardConsent.objects.filter(booking=booking, withdrawn_at=None).first()
    return consent or CardConsent.objects.create(
        booking=booking,
        account_id=account_id,
        text=text,
        version=WORDING,
        cap_cents=asked.cap_cents,
        given_at=now,
        ip_address=given_from[:64],
    )


def take_back_elsewhere(booking: Booking, account_id: str, *, now: datetime) -> None:
    """What was agreed for another account than this ends, while no card is saved there: the business has replaced it,
    and the customer is asked anew."""
    others = CardConsent.objects.filter(booking=booking, withdrawn_at=None, saved_at=None)
    others.exclude(account_id=account_id).update(withdrawn_at=now)


def _payable(booking: Booking) -> Payment:
    """Its deposit, while it waits to be paid; locks the booking."""
    held = Booking.objects.select_for_update(no_key=True).filter(pk=booking.pk, status=Status.PENDING)
    open_ones = Payment.objects.filter(booking=booking, kind=PaymentKind.DEPOSIT, status=PaymentStatus.OPEN)
    payment = open_ones.first() if held.first() else None
    if payment is None:
        raise BookingNotPayable
    return payment


def customer_of(consent: CardConsent) -> str:
    """Stripe's customer that stands for the booking; the one of an earlier consent goes on. Raises StripeRefused."""
    if consent.customer_id:
        return consent.customer_id
    before = CardConsent.objects.filter(
        booking=consent.booking_id, account_id=consent.account_id, forgotten_at=None
    ).exclude(customer_id="")
    known = before.values_list("customer_id", flat=True).first()
    customer_id = known or stripe_customers.create_customer(
        consent.account_id,
        description=f"Booking {consent.booking.reference}",
        metadata={"booking_id": str(consent.booking_id), "consent_id": str(consent.pk)},
        key=f"pp-cus-{consent.pk}",
    )
    CardConsent.objects.filter(pk=consent.pk).update(customer_id=customer_id)
    return customer_id


def note_saved(payment: Payment, intent: Intent, now: datetime) -> None:
    """The deposit was paid, and Stripe saved its card: from now on it may be charged. In the transaction that settles
    the payment."""
    if not (intent.customer_id and intent.payment_method_id and intent.saves_card):
        return
    waiting = CardConsent.objects.filter(
        booking=payment.booking, withdrawn_at=None, customer_id=intent.customer_id, saved_at=None
    )
    for consent in waiting:
        waiting.update(payment_method_id=intent.payment_method_id, saved_at=now)
        detail = f"up to {dollars(consent.cap_cents)}"
        record(payment.booking, EventKind.CARD_SAVED, by=CUSTOMER, now=now, detail=detail)


def chargeable(booking: Booking, now: datetime) -> CardConsent | None:
    """The consent under which the booking's card may be charged now. One query."""
    if now >= booking.ends_at + KEPT_AFTER:
        return None
    kept = CardConsent.objects.filter(
        booking=booking, withdrawn_at=None, saved_at__isnull=False, let_go_at=None, forgotten_at=None
    )
    return kept.first()

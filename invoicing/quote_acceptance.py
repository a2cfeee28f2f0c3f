"""The customer says yes to a quote and takes a time, in one go: the same checkout as any booking, on the quote's terms.

Two who accept at once, in two tabs or on two phones, make one job: the quote's row is claimed in the transaction that
makes the booking, and the table of bookings takes one per quote, whatever is paid late. A hold that lapses unpaid
leaves the quote open. docs/payments.md, "Quotes".
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from bookings.actors import CUSTOMER
from bookings.details import Attempt
from bookings.lifecycle import record
from bookings.models import HELD, Booking, EventKind, Status
from bookings.open_slots import Wish
from bookings.places import at
from payments import checkout, expiry
from payments.checkout import Order
from peepopay.errors import AppError, BookingNotChangeable
from peepopay.phone import as_written

from . import webhook_events
from .quote_models import Quote, QuoteStatus, QuoteVersion
from .quote_states import QuoteState, job_of, state_of
from .quotes import details_of

CHANGED = "This quote was changed after you opened the page. Please read it again before you accept it."


def why_closed(quote: Quote, now: datetime) -> str:
    """Why nobody can accept it now, with what to do instead; nothing where they can. Of a quote that made no job."""
    tradie = quote.tradie
    please_call = f"Please call {tradie.business_name} on {as_written(tradie.phone)}."
    match state_of(quote, None, now):
        case QuoteState.WITHDRAWN | QuoteState.DRAFT:
            return f"{tradie.business_name} has withdrawn this quote. {please_call}"
        case QuoteState.DECLINED:
            return f"You declined this quote. Changed your mind? {please_call}"
        case QuoteState.LAPSED:
            return f"This quote has lapsed, so its price doesn't hold any more. To have it renewed: {please_call}"
    if not tradie.is_open:
        return f"{tradie.business_name} isn't taking bookings online just now. {please_call}"
    return ""


def wish_of(quote: Quote, starts_at: datetime) -> Wish:
    """That time for the job as it was quoted; a time that is held for this very quote counts as free."""
    assert quote.current
    job = job_of(quote)
    held = job if job and job.status in HELD else None
    return Wish(
        quote.tradie,
        quote.current.service_id,
        at(quote.current.terms.job, quote.tradie, quote.address_postcode),
        starts_at,
        rather=held.calendar_id if held else None,
        ignoring=held.pk if held else None,
    )


def accept(quote: Quote, *, version: int, starts_at: datetime, attempt: Attempt, now: datetime) -> Booking:
    """Book the job at that time on the terms of the version that the customer read; where a deposit is due the time is
    held until it is paid. Whoever holds a time of this quote and chooses another gets that instead. Where somebody
    else was quicker, or it was done before, the answer is the job that there is.

    Raises BookingNotChangeable (not open any more, or changed), SlotUnavailable with alternatives, ValidationFailed,
    RateLimited, CallInstead, TradieNotBookable, PaymentProviderUnavailable.
    """
    read, before = quote.current, job_of(quote)
    if before and before.status not in HELD:
        return before
    if read is None or read.number != version:
        raise BookingNotChangeable(CHANGED)
    held = _still_held(before, now) if before else None
    if held and held.starts_at == starts_at:
        return held
    if not held and (why := why_closed(quote, now)):
        raise BookingNotChangeable(why)
    order = Order(
        read.service,
        starts_at,
        details_of(quote),
        attempt,
        held=held,
        agreed=read,
        along=lambda booking: _claim(quote, read, booking, now),
    )
    order.service.tradie = quote.tradie
    try:
        return checkout.start(order, now=now)[0]
    except (AppError, IntegrityError):
        # Of two at once the second meets what the first has made, as a taken time or as the quote's one job.
        job = job_of(quote)
        if job and (held is None or job.pk != held.pk or job.status not in HELD):
            return job
        raise


def let_go(quote: Quote, *, now: datetime) -> None:
    """The customer thinks better of it before they have paid: the time is free again. Raises BookingNotChangeable where
    they have paid after all, or Stripe can't be asked just now."""
    job = job_of(quote)
    if job and job.status in HELD:
        _still_held(job, now, give_up=True)


def _still_held(job: Booking, now: datetime, *, give_up: bool = False) -> Booking | None:
    """The hold, as long as it can be paid; one that is over is ended first. Raises BookingNotChangeable where nobody
    can say yet what becomes of it."""
    is_over = job.status == Status.EXPIRING or (job.held_until is not None and job.held_until <= now)
    if not is_over and not give_up:
        return job
    if expiry.expire_hold(job, now=now):
        return None
    raise BookingNotChangeable(
        "We're just checking whether your payment went through. Please look again in a minute."
    )


def _claim(quote: Quote, read: QuoteVersion, booking: Booking, now: datetime) -> None:
    """In the transaction that makes the booking: the quote must be as the customer read it, and not withdrawn.
    Whoever changes or withdraws it waits for this row. Raises BookingNotChangeable."""
    open_still = Quote.objects.filter(pk=quote.pk, status=QuoteStatus.SENT, current=read)
    if not open_still.update(changed_at=now):
        quote.refresh_from_db(fields=["status", "current"])
        raise BookingNotChangeable(why_closed(quote, now) or CHANGED)
    # By constraint the quote's one job, or an IntegrityError. What is booked instead of it some other day has none.
    Booking.objects.filter(pk=booking.pk).update(quote_id=quote.pk)
    booking.quote_id = quote.pk
    if not booking.deposit_cents:
        # Only our message leads to that button, so nobody has to be asked again whether it is theirs.
        Booking.objects.filter(pk=booking.pk).update(acknowledged_at=now)
        record(booking, EventKind.ACKNOWLEDGED, by=CUSTOMER, now=now, detail="accepted the quote")
        webhook_events.tell_quote(webhook_events.QUOTE_ACCEPTED, quote, now=now, job=booking)

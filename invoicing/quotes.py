"""What a business does with a quote: write it, send it, change it, withdraw it; and what its customer may say instead
of yes. Accepting is in `quote_acceptance.py`.

Every change takes the quote's row first. Somebody who is paying for it has accepted it: until they have paid, or their
hold has lapsed, it is neither changed nor withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Service, Tradie
from accounts.service_rules import DepositKind
from bookings.details import Details
from bookings.models import HELD, Booking, Status
from bookings.scheduling import reference_of
from peepopay.errors import BookingNotChangeable, RateLimited
from peepopay.local_time import clock
from peepopay.money import dollars

from . import quote_messages, webhook_events
from .line_items import Line
from .line_models import columns_of
from .quote_models import FormerQuoteToken, Quote, QuoteLine, QuoteStatus, QuoteVersion
from .quote_states import QuoteState, job_of, state_of
from .quote_terms import Pricing, frozen, last_day_of, note_override, require_sound
from .quote_tokens import new_token_hash

MOST_SENT_A_DAY = 100  # by one business
ACCEPTED = "This quote has been accepted. What was agreed stands: change the booking, or write a new quote."
NOT_SENT = "This quote can't be withdrawn as it stands now."


@dataclass(frozen=True)
class Writing:
    """A quote as its business wrote it, already validated. `last_day`: the local date on which it can still be
    accepted. `cap_override_reason`: why a deposit above the law's cap is allowed."""

    customer: Details
    service: Service
    title: str
    message: str
    lines: Sequence[Line]
    duration_minutes: int
    deposit: Pricing
    last_day: date


def save_draft(tradie: Tradie, writing: Writing, *, now: datetime, quote: Quote | None = None) -> Quote:
    """A new draft, or another text of one. Nobody is told. Raises ValidationFailed, BookingNotChangeable where it has
    been sent meanwhile."""
    require_sound(tradie, writing, now)
    with transaction.atomic():
        quote = _locked(quote) if quote else _new(tradie, writing, now)
        if quote.status != QuoteStatus.DRAFT:
            raise BookingNotChangeable("This quote has been sent. Send the changed one instead.")
        _write(quote, writing, now)
    return quote


def send(tradie: Tradie, writing: Writing, *, now: datetime, quote: Quote | None = None) -> Quote:
    """Send it: a new one, a draft, or a changed version of one that was sent, lapsed, declined or withdrawn, at the
    same link. Raises ValidationFailed, BookingNotChangeable (accepted, or being paid for), RateLimited (they
    or the business had many messages today)."""
    require_sound(tradie, writing, now)
    with transaction.atomic():
        quote = _locked(quote) if quote else _new(tradie, writing, now)
        _require_untaken(quote)
        _require_few(tradie, now)
        is_first = quote.sent_at is None
        version = _write(quote, writing, now)
        QuoteVersion.objects.filter(pk=version.pk).update(sent_at=now)
        quote.current, quote.valid_until, quote.sent_at = version, version.valid_until, now
        quote.status, quote.decline_reason = QuoteStatus.SENT, ""
        quote.save()
        quote_messages.tell_sent(quote, now=now)
        webhook_events.tell_quote(webhook_events.QUOTE_SENT, quote, now=now)
        told = f"{dollars(version.price_cents)}, deposit {dollars(version.deposit_cents)}"
        kind = Change.QUOTE_SENT if is_first else Change.QUOTE_CHANGED
        audit.note(tradie.pk, kind, about=quote.reference, detail=told)
        note_override(tradie, quote.reference, version, now)
    return quote


@transaction.atomic
def remind(quote: Quote, *, now: datetime) -> None:
    """Send the same once more. Raises BookingNotChangeable where it is not open, RateLimited."""
    quote = _locked(quote)
    if job_of(quote) or state_of(quote, None, now) != QuoteState.SENT:
        raise BookingNotChangeable("Only a quote that can still be accepted is sent again.")
    _require_few(quote.tradie, now)
    quote_messages.tell_sent(quote, now=now)
    audit.note(quote.tradie_id, Change.QUOTE_SENT, about=quote.reference, detail="again")


@transaction.atomic
def renew_link(quote: Quote, *, now: datetime) -> None:
    """End its link, and mail a new one. Raises BookingNotChangeable where it was never sent, RateLimited."""
    quote = _locked(quote)
    if quote.current is None:
        raise BookingNotChangeable("A quote that was never sent has no link.")
    _require_few(quote.tradie, now)
    FormerQuoteToken.objects.create(token_hash=quote.token_hash, quote=quote)
    quote.token_number += 1
    quote.token_hash = new_token_hash(quote)
    quote.save(update_fields=["token_number", "token_hash"])
    quote_messages.tell_link(quote, now=now)
    audit.note(quote.tradie_id, Change.QUOTE_CHANGED, about=quote.reference, detail="a new link")


@transaction.atomic
def withdraw(quote: Quote, *, now: datetime) -> None:
    """It can't be accepted any more, and the customer is told. Raises BookingNotChangeable: it is accepted or being
    paid for, or was not sent."""
    quote = _locked(quote)
    if quote.status != QuoteStatus.SENT:
        raise BookingNotChangeable(NOT_SENT)
    _require_untaken(quote)
    _close(quote, QuoteStatus.WITHDRAWN, now)
    quote_messages.tell_withdrawn(quote, now=now)
    webhook_events.tell_quote(webhook_events.QUOTE_WITHDRAWN, quote, now=now)
    audit.note(quote.tradie_id, Change.QUOTE_WITHDRAWN, about=quote.reference)


@transaction.atomic
def decline(quote: Quote, *, version: int, reason: str, now: datetime) -> None:
    """The customer says no to the version they read. Raises BookingNotChangeable: it is not open any more, or another
    version is."""
    quote = _locked(quote)
    if quote.status != QuoteStatus.SENT or not quote.current or quote.current.number != version:
        raise BookingNotChangeable("This quote was changed after you opened the page. Please read it again.")
    if job_of(quote):
        raise BookingNotChangeable("This quote has been accepted already.")
    _require_untaken(quote)
    quote.decline_reason = reason[:500]
    _close(quote, QuoteStatus.DECLINED, now)
    quote_messages.tell_declined(quote, now=now)
    webhook_events.tell_quote(webhook_events.QUOTE_DECLINED, quote, now=now)


@transaction.atomic
def discard(quote: Quote) -> None:
    """Throw a draft away. Raises BookingNotChangeable once it was sent."""
    quote = _locked(quote)
    if quote.current_id is not None:
        raise BookingNotChangeable("A quote that was sent is kept. You can withdraw it.")
    quote.delete()


def written_in(quote: Quote, version: QuoteVersion) -> Writing:
    """A draft as it was written, to be sent as it is. Two queries, unless its service and lines were fetched along."""
    return Writing(
        customer=details_of(quote),
        service=version.service,
        title=version.title,
        message=version.message,
        lines=[row.line for row in version.lines.all()],
        duration_minutes=version.duration_minutes,
        deposit=Pricing(
            DepositKind(version.deposit_kind),
            version.deposit_fixed_cents,
            version.deposit_percent,
            version.cap_override_reason,
        ),
        last_day=last_day_of(version, quote.tradie.timezone),
    )


def details_of(quote: Quote) -> Details:
    """Its customer, as a booking has them."""
    return Details(
        name=quote.customer_name,
        email=quote.customer_email,
        phone=quote.customer_phone,
        line1=quote.address_line1,
        suburb=quote.address_suburb,
        state=quote.address_state,
        postcode=quote.address_postcode,
        notes="",
        answers={},
    )


def _locked(quote: Quote) -> Quote:
    rows = Quote.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("tradie", "current__service").get(pk=quote.pk)


def _require_untaken(quote: Quote) -> None:
    """Call it with the quote locked: then nobody can accept it meanwhile. A hold of it that lapsed can still be paid
    for late, and from now on that goes back; one that just became a job by that is seen after it. Raises
    BookingNotChangeable."""
    Booking.objects.filter(quote_id=quote.pk, status=Status.EXPIRED).update(quote_is_off=True)
    job = job_of(quote)
    if job and job.status in HELD:
        assert job.held_until
        until = clock(job.held_until, quote.tradie.timezone)
        raise BookingNotChangeable(
            f"Your customer has accepted and is just paying: the time is held for them until {until}. If they don't"
            " pay, you can change or withdraw it a minute after that."
        )
    if job:
        raise BookingNotChangeable(ACCEPTED)


def _require_few(tradie: Tradie, now: datetime) -> None:
    if settings.RATE_LIMITS and quote_messages.sent_since_yesterday(tradie, now) >= MOST_SENT_A_DAY:
        raise RateLimited("That's a lot of quotes for one day. Please send the next one tomorrow.")


def _close(quote: Quote, status: QuoteStatus, now: datetime) -> None:
    quote.status, quote.changed_at = status, now
    quote.save(update_fields=["status", "changed_at", "decline_reason"])


def _new(tradie: Tradie, writing: Writing, now: datetime) -> Quote:
    quote = Quote(tradie=tradie, status=QuoteStatus.DRAFT, created_at=now, changed_at=now)
    quote.reference, quote.token_hash = reference_of(quote.pk), new_token_hash(quote)
    _address(quote, writing.customer)
    quote.save(force_insert=True)
    return quote


def _address(quote: Quote, customer: Details) -> None:
    said = customer.columns()
    for name in ("notes", "answers"):
        said.pop(name)
    for name, value in said.items():
        setattr(quote, name, value)


def _write(quote: Quote, writing: Writing, now: datetime) -> QuoteVersion:
    """A version with its lines: in place of the one that is being written, or the next."""
    _address(quote, writing.customer)
    quote.changed_at = now
    quote.save()
    last, version = quote.versions.first(), frozen(quote, writing, now)
    version.number = last.number + 1 if last else 1
    if last and last.sent_at is None:
        version.number = last.number
        last.delete()
    version.save(force_insert=True)
    QuoteLine.objects.bulk_create(
        QuoteLine(version=version, **columns) for columns in columns_of(writing.lines)
    )
    return version

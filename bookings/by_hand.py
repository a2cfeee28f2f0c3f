"""A booking that the business makes, for somebody who rang or stood there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import TextChoices

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Service
from availability.calendars import lock_calendars, mark_changed
from peepopay.errors import AppError, ValidationFailed
from peepopay.money import dollars

from .actors import By
from .customers import known
from .details import Attempt, Details
from .lifecycle import record
from .models import Booking, EventKind
from .open_slots import Wish
from .overriding import slot_with_override
from .places import at
from .scheduling import find_attempt, insert, with_answers_for_conflicts
from .terms import Terms, terms_of

PAID_WITHIN = timedelta(days=1)
NO_DEPOSIT = "This service has no deposit. Choose another way, or give it one under Services."
NOWHERE_TO_SEND = (
    "The link to pay goes by email or to an Australian mobile. Write one down, and let us tell them."
)
HOW_MUCH = "Write how much they paid, at most the price."


class Deposit(TextChoices):
    LINK = "link", "Send a link to pay it"
    CASH = "cash", "They paid it in cash"
    WAIVE = "waive", "No deposit this time"


@dataclass(frozen=True)
class JobByHand:
    """`cash_cents`: what was paid, of `Deposit.CASH`. `override_reason`: why against the rules, if it is. Without
    `tell_customer` they get no messages about it, now or later. `as_agreed`: columns of the terms that were agreed
    elsewhere, instead of the service's."""

    service: Service
    starts_at: datetime
    details: Details
    attempt: Attempt
    deposit: Deposit
    by: By
    calendar_id: uuid.UUID | None = None
    cash_cents: int = 0
    override_reason: str = ""
    tell_customer: bool = True
    as_agreed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """Those of the service. Nobody has to approve it; a deposit is due only where a link asks for it, and a card
        is asked for only along with one."""
        terms = replace(terms_of(self.service), **self.as_agreed)
        due = terms.deposit_cents if self.deposit == Deposit.LINK else 0
        policy = terms.policy if due else replace(terms.policy, no_show_card_required=False)
        return replace(terms, requires_approval=False, deposit_cents=due, policy=policy)


def take_job(job: JobByHand, *, now: datetime, along: Callable[[Booking], object] | None = None) -> Booking:
    """Confirmed at once; with a link to pay it is `pending` and holds its time until that is paid, for a day at most.
    `along` is done with it in the same transaction. The same client key and details give the same booking again.

    Raises SlotUnavailable with alternatives, ValidationFailed, IdempotencyConflict.
    """
    _require_sense(job)
    service, terms = job.service, job.terms
    where = at(terms.job, service.tradie, job.details.postcode)
    wish = Wish(service.tradie, service.pk, where, job.starts_at, calendar_id=job.calendar_id)

    def attempt_once() -> Booking:
        with transaction.atomic():
            lock_calendars(service.tradie_id)
            slot, what = slot_with_override(wish, job.override_reason, now=now)
            booking = insert(
                service,
                terms,
                slot,
                job.details,
                job.attempt,
                now,
                by=job.by,
                customer_id=known(service.tradie, job.details, now).id,
                taken_by_business=True,
                tell_customer=job.tell_customer,
                held_until=min(now + PAID_WITHIN, slot.starts) if terms.deposit_cents else None,
            )
            _note(booking, job, what, now)
            if along:
                along(booking)
            mark_changed(service.tradie_id)
            return booking

    try:
        return with_answers_for_conflicts(attempt_once, wish, now)
    except (AppError, IntegrityError):
        if earlier := find_attempt(service.tradie, job.attempt):
            return earlier
        raise


def _require_sense(job: JobByHand) -> None:
    fields = {}
    reachable = job.tell_customer and (job.details.email or job.details.phone.startswith("+614"))
    if job.deposit == Deposit.LINK and not job.terms.deposit_cents:
        fields["deposit"] = [NO_DEPOSIT]
    elif job.deposit == Deposit.LINK and not reachable:
        fields["deposit"] = [NOWHERE_TO_SEND]
    if job.deposit == Deposit.CASH and not 0 < job.cash_cents <= job.terms.price_cents:
        fields["cash_cents"] = [HOW_MUCH]
    if fields:
        raise ValidationFailed(fields=fields)


def _note(booking: Booking, job: JobByHand, what: str, now: datetime) -> None:
    """What was overridden and why; that a deposit was waived."""
    if what:
        record(booking, EventKind.OVERRIDDEN, by=job.by, now=now, detail=f"{what}: {job.override_reason}")
        audit.note(booking.tradie_id, Change.RULES_OVERRIDDEN, about=booking.reference, detail=what)
    waived = terms_of(job.service).deposit_cents
    if job.deposit == Deposit.WAIVE and waived:
        record(
            booking,
            EventKind.OVERRIDDEN,
            by=job.by,
            now=now,
            detail=f"without the deposit of {dollars(waived)}",
        )

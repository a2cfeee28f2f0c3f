"""A business closes its account. At once nobody books there and nobody gets in, by no way; for a month an owner can
take that back. Then its people, keys and addresses are gone for good. Customers' details go when they would have gone
anyway (`bookings/erasure.py`), and what tax law wants stays: docs/privacy.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Membership, Tradie
from accounts.people import lock_business
from accounts.sessions import end_sessions
from availability.calendars import lock_calendars, mark_offer_changed
from bookings.handing_over import STILL_TO_DO
from bookings.job_lists import ends_after
from notifications.phones import forget_phones_of
from payments.dispute_models import CLOSED, Dispute
from payments.models import Bill, Payment, PaymentKind, PaymentStatus, Refund, RefundStatus
from peepopay import sweeps
from peepopay.errors import ValidationFailed

from .account_messages import tell_closed
from .quote_states import QuoteState, listed

GRACE = timedelta(days=30)
MOST_AT_ONCE = 50
TO_SETTLE = "Some things have to come to an end first."
ON_THEIR_WAY = (RefundStatus.REQUESTED, RefundStatus.SUBMITTED)


@dataclass(frozen=True)
class Unsettled:
    """What has to come to an end before a business can close: how many of each."""

    jobs: int
    quotes: int
    refunds: int
    disputes: int

    def __bool__(self) -> bool:
        return any(vars(self).values())


@dataclass(frozen=True)
class Owed:
    """What customers were asked for and have not paid, for how many jobs."""

    jobs: int
    cents: int


def unsettled(tradie: Tradie, *, now: datetime) -> Unsettled:
    """Four queries."""
    refunds = Refund.objects.filter(payment__booking__tradie=tradie, status__in=ON_THEIR_WAY)
    disputes = Dispute.objects.filter(payment__booking__tradie=tradie).exclude(status__in=CLOSED)
    return Unsettled(
        jobs=tradie.bookings.filter(ends_after(now), status__in=STILL_TO_DO, holds_for=None).count(),
        quotes=listed(tradie, QuoteState.SENT, "", now).count(),
        refunds=refunds.count(),
        disputes=disputes.count(),
    )


def owed_to(tradie: Tradie) -> Owed:
    """They can go on paying it. One query."""
    left = F("amount_cents") - F("refunded_cents") - F("reserved_cents")
    paid = (
        Payment.objects.filter(
            booking=OuterRef("booking"),
            kind__in=(PaymentKind.DEPOSIT, PaymentKind.BALANCE),
            status=PaymentStatus.SUCCEEDED,
        )
        .order_by()
        .values("booking")
        .annotate(cents=Sum(left))
    )
    open_bills = Bill.objects.filter(booking__tradie=tradie).annotate(
        left=F("asked_cents") - F("elsewhere_cents") - Coalesce(Subquery(paid.values("cents")), 0)
    )
    found = open_bills.filter(left__gt=0).aggregate(jobs=Count("pk"), cents=Sum("left"))
    return Owed(found["jobs"], found["cents"] or 0)


def ends_at(tradie: Tradie) -> datetime:
    """Until when a closed account can be opened again."""
    assert tradie.closed_at
    return tradie.closed_at + GRACE


@transaction.atomic
def close_business(tradie: Tradie, *, now: datetime) -> bool:
    """Raises ValidationFailed while something is unsettled. False: it is closed."""
    lock_calendars(tradie.pk)  # so that nobody books meanwhile
    business = lock_business(tradie.pk)
    if business.closed_at:
        return False
    if unsettled(tradie, now=now):
        raise ValidationFailed(TO_SETTLE)
    Tradie.objects.filter(pk=tradie.pk).update(closed_at=now, is_open=False)
    tradie.closed_at, tradie.is_open = now, False
    forget_phones_of(tradie)
    audit.note(tradie.pk, Change.BUSINESS_CLOSED)
    tell_closed(tradie, until=now + GRACE, now=now)
    mark_offer_changed(tradie)
    return True


@transaction.atomic
def reopen_business(tradie: Tradie, *, now: datetime) -> bool:
    """As it was, but that online booking has to be switched on again. False: it isn't closed, or for good."""
    still = Tradie.objects.filter(pk=tradie.pk, closed_at__gt=now - GRACE)
    if not still.update(closed_at=None):
        return False
    tradie.closed_at = None
    audit.note(tradie.pk, Change.BUSINESS_REOPENED)
    mark_offer_changed(tradie)
    return True


def end_closed(*, now: datetime) -> int:
    """The sweep: those that were closed a month ago; returns how many. What fails comes round again."""

    def end(tradie: Tradie) -> bool:
        return _end(tradie, now)

    return sweeps.each(list(_to_end(now)[:MOST_AT_ONCE]), end)


def _to_end(now: datetime) -> QuerySet[Tradie]:
    over = Tradie.objects.filter(closed_at__lte=now - GRACE, memberships__isnull=False)
    return over.order_by("closed_at").distinct()


@transaction.atomic
def _end(tradie: Tradie, now: datetime) -> bool:
    """Keys, private calendars and choices of its people go with their places."""
    business = lock_business(tradie.pk)
    if business.closed_at is None or business.closed_at > now - GRACE:
        return False
    for member in Membership.objects.filter(tradie=tradie).select_related("user"):
        end_sessions(member.user)
    for rows in (tradie.memberships, tradie.invitations, tradie.webhook_endpoints, tradie.exports):
        rows.all().delete()
    audit.note(tradie.pk, Change.BUSINESS_ENDED)
    return True

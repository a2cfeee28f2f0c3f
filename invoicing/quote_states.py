"""How a quote stands. Kept nowhere: its row says what its business made of it, the clock whether it lapsed, and the
booking that was made of it whether it was accepted, so none of these can contradict another."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery, TextChoices

from accounts.models import Tradie
from bookings.models import HELD, Booking
from bookings.quote_columns import ACCEPTED_OR_HELD
from peepopay.search import with_words

from .quote_models import Quote, QuoteStatus


class QuoteState(TextChoices):
    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    ACCEPTED = "accepted", "Accepted"
    LAPSED = "lapsed", "Lapsed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


JOB_MADE = tuple(status for status in ACCEPTED_OR_HELD if status not in HELD)


def with_jobs(rows: QuerySet[Quote]) -> QuerySet[Quote]:
    """Each with `job_id` and `job_status`: of the booking which is being paid for, or which it became; None where there
    is none. A hold that lapsed, and one that was paid too late, is none."""
    jobs = Booking.objects.filter(
        quote_id=OuterRef("pk"), status__in=ACCEPTED_OR_HELD
    )  # by constraint at most one
    return rows.annotate(
        job_id=Subquery(jobs.values("pk")[:1]), job_status=Subquery(jobs.values("status")[:1])
    )


def job_of(quote: Quote) -> Booking | None:
    """That booking, with its business and calendar. One query."""
    rows = Booking.objects.select_related("tradie", "calendar")
    return rows.filter(quote_id=quote.pk, status__in=ACCEPTED_OR_HELD).first()


def state_of(quote: Quote, job_status: str | None, now: datetime) -> QuoteState:
    """One that is being paid for counts as sent, even when its time is up."""
    if quote.status != QuoteStatus.SENT:
        return QuoteState(quote.status)
    if job_status in JOB_MADE:
        return QuoteState.ACCEPTED
    assert quote.valid_until
    return QuoteState.SENT if job_status or now < quote.valid_until else QuoteState.LAPSED


def listed(tradie: Tradie, show: str, text: str, now: datetime) -> QuerySet[Quote]:
    """The quotes of a business in one state, or of any, that match the search words; what was touched last comes first.
    To be bounded by the caller."""
    rows = with_jobs(tradie.quotes.prefetch_related("versions"))
    if show in QuoteState.values:
        rows = rows.filter(_in_state(QuoteState(show), now))
    return (rows.filter(with_words(text, ("customer_name",))) if text else rows).order_by("-changed_at", "id")


def _in_state(state: QuoteState, now: datetime) -> Q:
    was_sent, no_job = Q(status=QuoteStatus.SENT), Q(job_status__isnull=True)
    match state:
        case QuoteState.ACCEPTED:
            return was_sent & Q(job_status__in=JOB_MADE)
        case QuoteState.SENT:
            return was_sent & (Q(valid_until__gt=now) & no_job | Q(job_status__in=HELD))
        case QuoteState.LAPSED:
            return was_sent & Q(valid_until__lte=now) & no_job
    return Q(status=state.value)

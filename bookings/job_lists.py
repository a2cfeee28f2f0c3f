"""What people look up in the bookings of their business. Every query starts from `jobs`, those that this person may
see, and is bounded by its caller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db.models import Exists, Q, QuerySet, TextChoices
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from accounts.models import Membership
from accounts.roles import Role
from accounts.service_rules import LONGEST_JOB_MINUTES, LONGEST_WINDOW_MINUTES
from availability.models import Calendar
from peepopay.local_time import in_zone, zone
from peepopay.search import with_words

from .expected import OVER_BY
from .models import HELD, HOLDS_TIME, Booking, Status, with_is_of_several

NEVER_BOOKED = (Status.PENDING, Status.EXPIRING, Status.EXPIRED)
# What a customer began and nobody paid is no booking; what the business made itself is, until its time is given back.
WAS_BOOKED = ~Q(status__in=NEVER_BOOKED) | Q(taken_by_business=True, status__in=HELD)
OVERDUE_FOR = timedelta(days=30)
SEARCHED = ("customer_name", "address_suburb")  # besides email, phone and reference
LONGEST_JOB = timedelta(minutes=LONGEST_JOB_MINUTES)
LONGEST_WAIT = timedelta(minutes=LONGEST_WINDOW_MINUTES + 240)  # and as late as can be said


class Show(TextChoices):
    UPCOMING = "upcoming", "Upcoming"
    ACTION = "action", "Needs action"
    PAST = "past", "Past"
    ALL = "all", "All"


def jobs_of(member: Membership) -> QuerySet[Booking]:
    """The bookings of the business that this person may see: a worker with calendars of their own sees those of these,
    everybody else sees all. A time that is kept for somebody whose booking has to move is none."""
    jobs = member.tradie.bookings.filter(holds_for=None)
    if member.role != Role.WORKER:
        return jobs
    own = Calendar.objects.filter(tradie=member.tradie_id, worker=member.user_id)
    return jobs.filter(Q(calendar__in=own.values("pk")) | ~Exists(own))


def whole_jobs(member: Membership) -> QuerySet[Booking]:
    """The same, each with its business, its calendar and whether that is one of several."""
    return with_is_of_several(jobs_of(member).select_related("tradie", "calendar"))


def crew_of(member: Membership) -> list[Calendar]:
    """Those that take bookings and whose jobs this person sees, if they are several; else nobody. One query."""
    crew = list(member.tradie.calendars.filter(is_active=True))
    if member.role == Role.WORKER:
        crew = [calendar for calendar in crew if calendar.worker_id == member.user_id] or crew
    return crew if len(crew) > 1 else []


def calendars_of(member: Membership) -> QuerySet[Calendar]:
    """Those whose jobs this person sees, also one that has stopped: it may have some still."""
    mine = member.tradie.calendars.all()
    if member.role != Role.WORKER:
        return mine
    own = Calendar.objects.filter(tradie=member.tradie_id, worker=member.user_id)
    return mine.filter(Q(pk__in=own.values("pk")) | ~Exists(own))


def day_bounds(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """The UTC instants at which a local date begins and ends; 23 or 25 hours apart when the clocks change."""
    begins, ends = (
        datetime(d.year, d.month, d.day, tzinfo=zone(zone_name)) for d in (day, day + timedelta(days=1))
    )
    return begins.astimezone(UTC), ends.astimezone(UTC)


def jobs_today(jobs: QuerySet[Booking], now: datetime, zone_name: str) -> QuerySet[Booking]:
    """Whatever holds time on the date it is in the zone, in order."""
    begins, ends = day_bounds(in_zone(now, zone_name).date(), zone_name)
    return jobs.filter(starts_at__gte=begins, starts_at__lt=ends, status__in=HOLDS_TIME).prefetch_related(
        "payments"
    )


def next_job(jobs: QuerySet[Booking], now: datetime) -> Booking | None:
    """The confirmed job that is on now, or comes next."""
    return jobs.filter(ends_after(now), status=Status.CONFIRMED).order_by("starts_at").first()


def waiting_for_approval(jobs: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    """Those that nobody has said yes to yet, and somebody still can."""
    waiting = jobs.filter(status=Status.REQUESTED, approved_at=None, starts_at__gt=now)
    return waiting.order_by("starts_at")


def to_close(jobs: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    """Jobs of the last 30 days that are over and were neither marked done nor as a no-show."""
    return jobs.filter(_is_to_close(now)).order_by("-starts_at")


def ahead(jobs: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    """Jobs that are still to be done, in order."""
    rows = jobs.filter(ends_after(now), status__in=(Status.CONFIRMED, Status.REQUESTED))
    return rows.order_by("starts_at")


def listed(jobs: QuerySet[Booking], show: str, now: datetime) -> QuerySet[Booking]:
    """The bookings of one tab, in the order in which they matter."""
    rows = jobs.filter(WAS_BOOKED).select_related("calendar").prefetch_related("payments")
    match show:
        case Show.UPCOMING:
            still = (Status.CONFIRMED, Status.REQUESTED, Status.COMPLETED, *HELD)
            rows = rows.filter(ends_after(now), status__in=still)
            return rows.order_by("starts_at", "id")
        case Show.ACTION:
            return rows.filter(Q(status=Status.REQUESTED) | _is_to_close(now)).order_by("starts_at", "id")
        case Show.PAST:
            return rows.filter(_is_over(now)).order_by("-starts_at", "id")
    return rows.order_by("-starts_at", "id")


def each(rows: QuerySet[Booking], *, at_once: int = 500) -> Iterator[Booking]:
    """All that `listed` found, in its order, with only so many in memory: a query for each `at_once` (and what they
    bring along). Not by a cursor of the database: behind a pooler there is none, and all rows would come at once."""
    is_backwards, rest = rows.query.order_by[0] == "-starts_at", rows
    while piece := list(rest[:at_once]):
        yield from piece
        if len(piece) < at_once:
            return
        at, last = piece[-1].starts_at, piece[-1].pk
        if is_backwards:
            rest = rows.filter(Q(starts_at__lt=at) | Q(pk__gt=last), starts_at__lte=at)
        else:
            rest = rows.filter(Q(starts_at__gt=at) | Q(pk__gt=last), starts_at__gte=at)


def found(
    jobs: QuerySet[Booking],
    *,
    status: str | None,
    text: str,
    first: date | None,
    last: date | None,
    zone_name: str,
) -> QuerySet[Booking]:
    """Those of a status that match the search words and start on a local date from `first` to `last`, in order. None:
    of any that was ever booked, and without an end."""
    rows = jobs.filter(WAS_BOOKED)
    if status:
        rows = rows.filter(status=status)
    if text:
        rows = with_text(rows, text)
    if first:
        rows = rows.filter(starts_at__gte=day_bounds(first, zone_name)[0])
    if last:
        rows = rows.filter(starts_at__lt=day_bounds(last, zone_name)[1])
    return rows.order_by("starts_at", "id")


def with_text(rows: QuerySet[Booking], text: str) -> QuerySet[Booking]:
    """Those that match the search words."""
    return rows.filter(with_words(text, SEARCHED))


def ends_after(moment: datetime) -> Q:
    """Said of the start too, by which the index goes: so the past is not walked through."""
    return Q(GreaterThan(OVER_BY, moment), starts_at__gt=moment - LONGEST_JOB - LONGEST_WAIT)


def _is_over(now: datetime) -> Q:
    return Q(LessThanOrEqual(OVER_BY, now), starts_at__lt=now)


def _is_to_close(now: datetime) -> Q:
    return _is_over(now) & ends_after(now - OVERDUE_FOR) & Q(status=Status.CONFIRMED)


def digits_of(text: str) -> str:
    """Those of a phone number however it is written, without what stands for the country or a long distance."""
    return "".join(filter(str.isdecimal, text)).removeprefix("61").lstrip("0")

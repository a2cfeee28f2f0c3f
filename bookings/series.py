"""Jobs that come round: a series has its visits made twelve weeks ahead, each as a booking like any other.

A visit is never made across another booking, time off or a closed day: why it wasn't stands in its row until somebody
decides. What ends one with money to give back is `payments/series.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from availability.calendars import lock_calendars, mark_changed
from peepopay import sweeps
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import day_of, in_zone

from . import messages
from .actors import SYSTEM
from .customers import known
from .details import Attempt, Details
from .lifecycle import record
from .models import Booking, EventKind, Status
from .open_slots import OpenSlot
from .scheduling import insert
from .series_dates import A_DAY, AHEAD, Dated, dates_between, looked_at
from .series_models import CLASHES, Series, State, Visit
from .terms import Terms, terms_of

MOST_SHOWN = 200
MOST_AT_ONCE = 200  # series that a round of the sweep makes out
TOLD_OF = (Status.PENDING, Status.CONFIRMED)
REPEATABLE = (Status.PENDING, Status.CONFIRMED, Status.COMPLETED)
FAR = "without time for the drive: it repeats at this time"
CANT_REPEAT = "Only a job that is booked or done can repeat."


def planned(booking: Booking, every: str, until: date | None, *, deposit_days: int = 0) -> Series:
    """The series that would begin with this booking; nothing is stored. `deposit_days`: so long before each visit the
    deposit of its service, as it is today, is asked for; 0: never."""
    local = in_zone(booking.starts_at, booking.tradie.timezone)
    return Series(
        tradie=booking.tradie,
        calendar_id=booking.calendar_id,
        like=booking,
        every=every,
        first_on=local.date(),
        at=local.time(),
        until=until,
        made_until=local.date(),
        deposit_cents=usual_deposit_cents(booking) if deposit_days else 0,
        deposit_days=deposit_days,
    )


def usual_deposit_cents(booking: Booking) -> int:
    """What its service asks for today."""
    booking.service.tradie = booking.tradie
    return min(terms_of(booking.service).deposit_cents, booking.price_cents)


def may_repeat(booking: Booking) -> bool:
    return booking.status in REPEATABLE and booking.holds_for_id is None and booking.erased_at is None


def start_series(
    booking: Booking, every: str, until: date | None, *, now: datetime, deposit_days: int = 0
) -> Series:
    """Have it repeat: it is the first visit, and the next are made at once. Pressed twice, it is one series. Raises
    BookingNotChangeable."""
    with transaction.atomic():
        lock_calendars(booking.tradie_id)
        visit = Visit.objects.filter(booking=booking).select_related("series").first()
        if visit:
            return visit.series
        fresh = Booking.objects.select_related("tradie").get(pk=booking.pk)
        if not may_repeat(fresh):
            raise BookingNotChangeable(CANT_REPEAT)
        series = planned(fresh, every, until, deposit_days=deposit_days)
        series.created_at = now
        series.save(force_insert=True)
        Visit.objects.create(series=series, on=series.first_on, state=State.BOOKED, booking=fresh)
        note(series, Change.SERIES_STARTED, series.in_full)
    make_out(series, now=now)
    tell_of(series, now=now)
    return series


def note(series: Series, kind: Change, detail: str) -> None:
    """For the audit, in the caller's transaction, by the booking that it is like."""
    audit.note(series.tradie_id, kind, about=series.like.reference, detail=detail)


@transaction.atomic
def tell_of(series: Series, *, now: datetime) -> None:
    """Its customer, once for all that is made, from the next one on."""
    rows = Booking.objects.filter(visit__series=series, starts_at__gt=now, status__in=TOLD_OF)
    booking = rows.select_related("tradie", "calendar").order_by("starts_at").first()
    if booking:
        messages.tell_series(booking, how_often=f"{series.words} at {series.clock}", now=now)


def make_out_all(*, now: datetime) -> int:
    """The sweep: visits up to twelve weeks ahead; returns how many series had dates to look at. What fails is tried
    again, after those that wait longest."""
    to_make = Series.objects.filter(
        Q(until__isnull=True) | Q(made_until__lt=F("until")),
        tradie__closed_at=None,
        made_until__lt=now.date() + AHEAD - A_DAY,  # a day less: some zones are a day behind
    )
    rows = to_make.select_related("tradie").order_by("made_until", "pk")[:MOST_AT_ONCE]

    def make(series: Series) -> bool:
        return make_out(series, now=now)

    return sweeps.each(list(rows), make)


def make_out(series: Series, *, now: datetime) -> bool:
    """Each date up to twelve weeks ahead, in a transaction of its own. What is past is left out. False: there was none
    to look at. Run again, or twice at once, it makes nothing twice."""
    today = in_zone(now, series.tradie.timezone).date()
    days = dates_between(series, max(series.made_until + A_DAY, today), today + AHEAD)
    for day in days:
        make_visit(series, day, now)
    Series.objects.filter(pk=series.pk, made_until__lt=today + AHEAD).update(made_until=today + AHEAD)
    return bool(days)


@transaction.atomic
def make_visit(series: Series, day: date, now: datetime) -> None:
    """Book that date, or note why it can't be; nothing where it has passed, is no date any more or was made before."""
    lock_calendars(series.tradie_id)
    fresh = Series.objects.select_related("tradie", "like__service").get(pk=series.pk)
    if fresh.like.erased_at or (fresh.until and day > fresh.until) or fresh.visits.filter(on=day).exists():
        return
    (found,) = looked_at(fresh, [day], now)
    if found.starts_at <= now:
        return
    booking = None if found.is_clash else _book(fresh, found, now)
    Visit.objects.create(series=fresh, on=day, state=found.state, booking=booking)
    if booking:
        Series.objects.filter(pk=fresh.pk).update(like=booking)
    Series.objects.filter(pk=fresh.pk, made_until__lt=day).update(made_until=day)


def _book(series: Series, found: Dated, now: datetime) -> Booking:
    """Confirmed, on the terms of the one before. Nobody is told of each: its customer knows of the series, and is
    reminded of each as of any job."""
    like, tradie = series.like, series.tradie
    service, details, terms = like.service, Details.of(like), visit_terms(like.terms)
    service.tradie = tradie
    slot = OpenSlot(
        found.starts_at, found.starts_at + timedelta(minutes=terms.duration_minutes), series.calendar_id
    )
    booking = insert(
        service,
        terms,
        slot,
        details,
        Attempt(),
        now,
        by=SYSTEM,
        quietly=True,
        customer_id=known(tradie, details, now).id,
        taken_by_business=True,
        tell_customer=like.tell_customer,
    )
    if found.is_far:
        record(booking, EventKind.OVERRIDDEN, by=SYSTEM, now=now, detail=FAR)
    mark_changed(tradie.pk)
    return booking


def visit_terms(terms: Terms) -> Terms:
    """Nobody has to approve it, and nothing is due before it."""
    policy = replace(terms.policy, no_show_card_required=False)
    return replace(terms, requires_approval=False, deposit_cents=0, policy=policy)


@transaction.atomic
def skip(series: Series, day: date) -> bool:
    """That date, for which nothing is booked, is left out. False: something is, or it is no date of the series."""
    lock_calendars(series.tradie_id)
    if not dates_between(series, day, day):
        return False
    visit, is_new = Visit.objects.get_or_create(series=series, on=day, defaults={"state": State.SKIPPED})
    if not is_new:
        is_new = bool(series.visits.filter(pk=visit.pk, state__in=CLASHES).update(state=State.SKIPPED))
    if is_new:
        note(series, Change.VISIT_SKIPPED, day_of(day))
    return is_new


def try_again(series: Series, day: date, *, now: datetime) -> bool:
    """A date that clashed, or was skipped, is booked if it can be by now. False: it can't, or is no such date."""
    with transaction.atomic():
        lock_calendars(series.tradie_id)
        gone, _ = series.visits.filter(on=day, state__in=(*CLASHES, State.SKIPPED)).delete()
        if gone:
            make_visit(series, day, now)
        is_booked = series.visits.filter(on=day, state=State.BOOKED).exists()
        if gone and is_booked:
            note(series, Change.VISIT_BOOKED, day_of(day))
    return is_booked


@transaction.atomic
def stop(series: Series, from_day: date, *, now: datetime) -> list[Booking]:
    """No visit from that local date on: none is made any more, and what was to be decided is. Returns the bookings
    that are still to be called off, in order. Pressed twice, it is one."""
    lock_calendars(series.tradie_id)
    until = max(series.first_on, from_day - A_DAY)
    still = Series.objects.filter(Q(until__isnull=True) | Q(until__gt=until), pk=series.pk)
    if still.update(until=until):
        note(series, Change.SERIES_ENDED, f"{series.in_full}; none from {day_of(from_day)}")
    series.visits.filter(on__gte=from_day).exclude(state=State.BOOKED).delete()
    return list(booked_from(series, from_day, now))


def booked_from(series: Series, day: date, now: datetime) -> QuerySet[Booking]:
    """The bookings of its visits from a date on that are still ahead and hold their time, in order."""
    rows = Booking.objects.filter(visit__series=series, visit__on__gte=day, starts_at__gt=now)
    return rows.filter(status__in=TOLD_OF).select_related("tradie", "calendar").order_by("starts_at", "pk")


def visits_ahead(series: Series, now: datetime) -> Sequence[Visit]:
    """Those of today and later, with their bookings. One query."""
    today = in_zone(now, series.tradie.timezone).date()
    return list(series.visits.filter(on__gte=today).select_related("booking").order_by("on")[:100])


def to_decide(tradie: Tradie, now: datetime) -> QuerySet[Visit]:
    """The dates ahead that could not be booked, the next first."""
    today = in_zone(now, tradie.timezone).date()
    rows = Visit.objects.filter(series__tradie=tradie, state__in=CLASHES, on__gte=today)
    return rows.select_related("series__like").order_by("on", "pk")


def running(tradie: Tradie, now: datetime) -> QuerySet[Series]:
    """Those that are not over, each with the next date that is to be decided (`to_decide_on`), if there is one."""
    today = in_zone(now, tradie.timezone).date()
    open_dates = Visit.objects.filter(series=OuterRef("pk"), state__in=CLASHES, on__gte=today).order_by("on")
    rows = tradie.series.filter(Q(until__isnull=True) | Q(until__gte=today)).select_related(
        "like", "calendar"
    )
    return rows.annotate(to_decide_on=Subquery(open_dates.values("on")[:1])).order_by("created_at", "pk")

"""Which dates of a series can be had, and what stands in the way of the others: asked before it is saved, and again as
each is made."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import accumulate, takewhile
from operator import or_

from django.db.models import Q

from availability.slots import Diary
from availability.travel import LONGEST_MINUTES
from availability.wall_clock import Span, minute_of

from .models import HOLDS_TIME, Booking
from .series_models import Series, State
from .slot_inputs import load, parameters
from .terms import period_of

A_DAY = timedelta(days=1)
AHEAD = timedelta(weeks=12)  # so far its visits are made
SHOWN_AHEAD = timedelta(weeks=52)


class Taken:
    """Spans of a year, asked over and over whether another meets one of them."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        in_order = sorted(spans)
        self._since = [since for since, _ in in_order]
        self._until = list(accumulate((until for _, until in in_order), max))  # of that one and all before it

    def meets(self, span: Span) -> bool:
        before_its_end = bisect_left(self._since, span[1])
        return before_its_end > 0 and self._until[before_its_end - 1] > span[0]


@dataclass(frozen=True, slots=True)
class Dated:
    """A date of a series. `state`: BOOKED where it can be, else why not; `with_whom`: the customer of the job that is
    in its way, where it is one. `is_far`: another job leaves no time for the drive, which is no clash: whose job it is
    chose the time themselves."""

    on: date
    starts_at: datetime
    state: State
    with_whom: str = ""
    is_far: bool = False

    @property
    def is_clash(self) -> bool:
        return self.state != State.BOOKED


def dates_between(series: Series, first: date, last: date) -> list[date]:
    """Its dates from one local date to another, both counted in."""
    return [day for day in takewhile(lambda day: day <= last, series.rule.dates()) if day >= first]


def looked_at(
    series: Series, days: Sequence[date], now: datetime, *, ignoring: Iterable[Booking] = ()
) -> list[Dated]:
    """What stands in the way on each of these dates, which are in order and a year ahead at most: another booking with
    the buffers of both, time off, a closed day. The working hours don't: whose job it is chose the time themselves.
    `ignoring`: bookings that will have left their times. One query, and one more where a job is in the way."""
    if not days:
        return []
    diary = _diary(series, days, now)
    leaving = list(ignoring)
    diary = diary and _without(diary, leaving)
    taken = Taken(diary.taken if diary else ())
    found = [_one(series, day, diary, taken) for day in days]
    names = _names(series, [one for one in found if one.state == State.TAKEN])
    return [replace(one, with_whom=names.get(one.on, "")) for one in found]


def _diary(series: Series, days: Sequence[date], now: datetime) -> Diary | None:
    """None: that calendar doesn't take this job any more. As if nothing were too far ahead."""
    like = series.like
    asked = parameters(
        series.tradie.slug, like.service_id, days[0], days[-1], now, calendar_id=series.calendar_id
    )
    job, reach = like.terms.job, LONGEST_MINUTES if series.tradie.travel_kmh else 0
    around = replace(job, before=job.before + reach, after=job.after + reach)
    periods = [period_of(around, series.rule.starts(day)) for day in days]
    inputs = load({**asked, "now": asked["ends"]}, periods=periods)
    return inputs.calendars[0].diary if inputs and inputs.calendars else None


def _one(series: Series, day: date, diary: Diary | None, taken: Taken) -> Dated:
    starts_at = series.rule.starts(day)
    state = _state(series, day, starts_at, diary, taken)
    is_far = state == State.BOOKED and diary is not None and _is_far(series, starts_at, diary)
    return Dated(day, starts_at, state, is_far=is_far)


def _is_far(series: Series, starts_at: datetime, diary: Diary) -> bool:
    postcode, start = series.like.address_postcode, minute_of(starts_at)
    if diary.travel is None or not postcode:
        return False
    span = start, start + series.like.terms.job.length
    near = (
        visit
        for visit in diary.visits
        if visit.starts < span[1] + LONGEST_MINUTES and span[0] < visit.ends + LONGEST_MINUTES
    )
    return diary.travel.too_far(near, postcode, span) is not None


def _state(series: Series, day: date, starts_at: datetime, diary: Diary | None, taken: Taken) -> State:
    if diary is None:
        return State.NOBODY
    job, start = series.like.terms.job, minute_of(starts_at)
    span = start - job.before, start + job.length + job.after
    if taken.meets(span):
        return State.TAKEN
    if any(span[0] < until and since < span[1] for since, until in diary.time_off):
        return State.TIME_OFF
    return State.DAY_OFF if diary.openings.is_day_off(day) else State.BOOKED


def _without(diary: Diary, leaving: Sequence[Booking]) -> Diary:
    spans = {_minutes(one) for one in leaving}
    starts = {minute_of(one.starts_at) for one in leaving}  # nobody is at two jobs at once
    return replace(
        diary,
        taken=tuple(one for one in diary.taken if one not in spans),
        visits=tuple(one for one in diary.visits if one.starts not in starts),
    )


def _minutes(booking: Booking) -> Span:
    job, start = booking.terms.job, minute_of(booking.starts_at)
    return start - job.before, start + job.length + job.after


def _names(series: Series, taken: Sequence[Dated]) -> dict[date, str]:
    """Whose job it is."""
    if not taken:
        return {}
    job = series.like.terms.job
    periods = {one.on: period_of(job, one.starts_at) for one in taken}
    meets = reduce(or_, (Q(period__overlap=period) for period in periods.values()))
    rows = Booking.objects.filter(meets, calendar=series.calendar_id, status__in=HOLDS_TIME)
    others = list(rows.exclude(holds_for__isnull=False).values_list("period", "customer_name"))
    return {
        on: next(
            (name for other, name in others if other.lower < mine.upper and mine.lower < other.upper), ""
        )
        for on, mine in periods.items()
    }

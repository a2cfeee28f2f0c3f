"""Which times of a service can be booked: the same answer for the list a customer sees and for the moment they book."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from accounts.models import Tradie
from accounts.service_area import require_in_area
from availability.listing import Asked, Listing, day_listing, month_in_minutes, month_listing
from availability.refusals import Reason, why_not
from availability.slots import Diary, Job, free_starts
from availability.wall_clock import date_of, day_number, instant_of, minute_of
from peepopay.errors import Alternative, NotFound, OutsideServiceArea, SlotUnavailable, ValidationFailed
from peepopay.local_time import in_zone

from .slot_inputs import LONGEST_HORIZON, CalendarDiary, load, parameters

A_DAY = timedelta(days=1)
NEARBY = 14 * A_DAY  # how far back from a refused time others are looked for; forward it is the horizon

# Somebody came first, or where it is was not known yet: the customer did nothing wrong, and is offered other times.
TAKEN_MEANWHILE = {
    Reason.TAKEN: "That time has just been taken.",
    Reason.TIME_OFF: "That time isn't available any more.",
    Reason.DAY_FULL: "That day is fully booked.",
    Reason.TRAVEL: "We can't get to that address in time from the jobs around it. Please choose another time.",
    Reason.NOT_THERE: "Jobs at that address aren't done on that day of the week.",
}
NEVER_OFFERED = {
    Reason.PAST: "That time has passed. Please choose a later one.",
    Reason.NOTICE: "That time is too soon for {business}. Please choose a later one.",
    Reason.HORIZON: "That's too far ahead. {business} takes bookings up to {days} days ahead.",
    Reason.DAY_OFF: "{business} isn't working that day. Please choose another.",
    Reason.OUTSIDE_HOURS: "That's outside the working hours of {business}. Please choose another time.",
    Reason.OFF_GRID: "That isn't one of the times on offer. Please choose one from the list.",
}
NOT_TO_CHOOSE = "Who comes can't be chosen here. Book anybody, or give us a call."
NOT_BY_THEM = "They can't be booked for this service. Please choose somebody else."


@dataclass(frozen=True)
class Wish:
    """A time that somebody wants for a job.

    `calendar_id`: only this one will do. `rather`: the one to keep if it is free then. `ignoring`: a booking that does
    not count as taken. `most_notice`: so many minutes of notice are enough, whatever the business asks of strangers.
    """

    tradie: Tradie
    service_id: uuid.UUID
    job: Job
    starts_at: datetime
    calendar_id: uuid.UUID | None = None
    rather: uuid.UUID | None = None
    ignoring: uuid.UUID | None = None
    most_notice: int | None = None

    @property
    def day(self) -> date:
        """The tradie's own date at that time."""
        return in_zone(self.starts_at, self.tradie.timezone).date()


class OpenSlot(NamedTuple):
    """A time that can be booked, from one UTC instant to another, and the calendar that gets it, asked for or not."""

    starts: datetime
    ends: datetime
    calendar_id: uuid.UUID
    is_asked_for: bool = False


def list_times(
    slug: str,
    service_id: uuid.UUID | None,
    first: date,
    now: datetime,
    *,
    whole_month: bool = False,
    in_minutes: bool = False,
    calendar_id: uuid.UUID | None = None,
    hold_hash: str = "",
    postcode: str = "",
    may_ask: Callable[[], bool | None] = lambda: True,
) -> tuple[Listing, int]:
    """The free times that customers see, of a date or of the month that it begins, and the version of the calendar they
    come from. `in_minutes`: a month in few bytes.

    Without a service: the tradie's first active one. Without a calendar: those of any that can do it. The booking
    whose token has the hash `hold_hash` does not count as taken, and for its own service the times are those of a job
    as it was agreed. `postcode`: where the job is, if that is known; `may_ask`: whether they may be told what that
    means for the drives of that day, asked only where it means something. One query.
    Raises NotFound (unknown or closed tradie), ValidationFailed (no such service, or calendar, on offer),
    OutsideServiceArea.
    """
    last = now.date() + LONGEST_HORIZON if whole_month else first
    inputs = load(
        parameters(slug, service_id, first, last, now, calendar_id=calendar_id, ignoring_token_hash=hold_hash)
    )
    if inputs is None or not inputs.takes_bookings:
        raise NotFound("We couldn't find that business.")
    if service_id and not inputs.service_is_active:
        raise ValidationFailed(fields={"service": ["This service isn't on offer."]})
    if calendar_id and not inputs.customers_choose:
        raise ValidationFailed(fields={"calendar": [NOT_TO_CHOOSE]})
    if calendar_id and not inputs.calendars:
        raise ValidationFailed(fields={"calendar": [NOT_BY_THEM]})
    try:
        job = inputs.job_at(postcode)
    except OutsideServiceArea:
        require_in_area(Tradie.objects.get(slug=slug), postcode)  # says whom to call
        raise
    tells_places = bool(job and job.postcode) and inputs.tells_places
    if job and tells_places and not may_ask():
        job = replace(job, postcode="")
    asked = Asked(inputs.diaries, job, inputs.timezone, inputs.horizon_days, inputs.service_id)
    in_form = day_listing if not whole_month else month_in_minutes if in_minutes else month_listing
    listing = in_form(asked, first, now)
    # Answers are kept for everybody: what one may be told is none of those.
    return listing._replace(
        is_worth_keeping=listing.is_worth_keeping and not tells_places
    ), inputs.calendar_version


def require_open_slot(wish: Wish, now: datetime) -> OpenSlot:
    """The time of the job and the calendar that gets it, if it can be booked: of those that are free the one to keep,
    else the one with the fewest bookings that day, else the first in the tradie's order.

    Call it while holding the calendars. Raises SlotUnavailable with the three nearest free times where somebody came
    first, ValidationFailed where the time was never on offer.
    """
    # Before any arithmetic with a date that a client sent.
    if wish.starts_at < now:
        raise _refusal(Reason.PAST, wish)
    if wish.starts_at > now + (wish.tradie.horizon_days + 1) * A_DAY:
        raise _refusal(Reason.HORIZON, wish)
    calendars = _calendars(wish, wish.day - A_DAY, wish.day + A_DAY, now)
    if wish.calendar_id and not calendars:
        raise ValidationFailed(NOT_BY_THEM, fields={"calendar": [NOT_BY_THEM]})
    reasons = {calendar.id: why_not(calendar.diary, wish.job, wish.starts_at, now) for calendar in calendars}
    free = [calendar for calendar in calendars if reasons[calendar.id] is None]
    if free:
        starts = wish.starts_at.astimezone(UTC)
        ends = starts + timedelta(minutes=wish.job.length)
        return OpenSlot(starts, ends, chosen(free, wish).id, bool(wish.calendar_id))
    reason = _reason_to_tell([reason for reason in reasons.values() if reason])
    if reason in TAKEN_MEANWHILE:
        others = nearest_open(wish, now, around=calendars)
        raise SlotUnavailable(TAKEN_MEANWHILE[reason], alternatives=others)
    raise _refusal(reason, wish)


def chosen(free: Sequence[CalendarDiary], wish: Wish) -> CalendarDiary:
    """Who gets it. They come in the tradie's order, and `min` keeps the first of equals."""
    day = day_number(wish.day)
    return min(free, key=lambda calendar: (calendar.id != wish.rather, calendar.diary.booked_on(day)))


def who_could(wish: Wish) -> list[tuple[CalendarDiary, Reason | None]]:
    """Everybody who can do the job, in order, with what keeps them from it at that time, if anything. What only
    customers have to keep to does not count: notice, the starts on offer, the daily cap, the horizon."""
    at = wish.starts_at  # asked as if it were now, so that nothing is too soon or too far ahead
    return [
        (calendar, why_not(_without_limits(calendar.diary), wish.job, at, at))
        for calendar in _calendars(wish, wish.day - A_DAY, wish.day + A_DAY, at)
    ]


def could_still_be_booked(wish: Wish, booked_at: datetime) -> bool:
    """Whether the calendar that is asked for would take the job by the diary as it is now: hours, closed dates, time
    off, what others booked, the daily cap. Notice and horizon are kept as of `booked_at`, when the customer chose the
    time; nor does it matter which starts are on offer by now. Call it while holding the calendar."""
    return wish.tradie.is_open and any(
        why_not(_at_any_start(calendar.diary), wish.job, wish.starts_at, booked_at) is None
        for calendar in _calendars(wish, wish.day - A_DAY, wish.day + A_DAY, booked_at)
    )


def _at_any_start(diary: Diary) -> Diary:
    return replace(diary, rules=replace(diary.rules, step=1))


def _without_limits(diary: Diary) -> Diary:
    return replace(diary, rules=replace(diary.rules, step=1, notice=0, daily_cap=None))


def _reason_to_tell(reasons: list[Reason]) -> Reason:
    """Of several calendars' reasons the one that came closest to a yes: reasons are listed in that order."""
    order = list(Reason)
    return max(reasons, key=order.index, default=Reason.OUTSIDE_HOURS)


def _refusal(reason: Reason, wish: Wish) -> ValidationFailed:
    tradie = wish.tradie
    sentence = NEVER_OFFERED[reason].format(business=tradie.business_name, days=tradie.horizon_days)
    return ValidationFailed(sentence, fields={"start": [sentence]})


def nearest_open(
    wish: Wish, now: datetime, *, around: Sequence[CalendarDiary] = (), but_not_then: bool = False
) -> list[Alternative]:
    """The three free times nearest to one that is not, in order.

    `around`: the diaries of the day before to the day after, where the caller has them: mostly that is enough.
    `but_not_then`: not that time itself, free or not.
    """
    near = _nearest(around, wish, wish.day - A_DAY, wish.day + A_DAY, now, but_not_then)
    # Nearer than any time that those diaries do not cover.
    if len(near) < 3 or any(abs(instant_of(start) - wish.starts_at) >= A_DAY for start in near):
        today = in_zone(now, wish.tradie.timezone).date()
        first, last = wish.day - NEARBY, today + wish.tradie.horizon_days * A_DAY
        near = _nearest(_calendars(wish, first, last, now), wish, first, last, now, but_not_then)
    return [_alternative(start, wish.job, wish.tradie.timezone) for start in near]


class OpenTimes(NamedTuple):
    """UTC instants in order; the local dates on which somebody is near the job already, as far as that is told."""

    times: list[datetime]
    near: set[date]


def open_times(wish: Wish, first: date, last: date, now: datetime) -> list[datetime]:
    """The UTC instants from one local date to another at which somebody can do the job, in order; `wish.starts_at` does
    not count. One query."""
    return open_times_and_near(wish, first, last, now).times


def open_times_and_near(wish: Wish, first: date, last: date, now: datetime) -> OpenTimes:
    """As `open_times`, and where else somebody is. One query."""
    calendars = _calendars(wish, first, last, now)
    starts = _free_starts(calendars, wish, first, last, now)
    near = {date_of(day) for one in calendars for day in one.diary.near_days(wish.job)}
    return OpenTimes([instant_of(start) for start in sorted(starts)], near)


def diaries_for(wish: Wish, first: date, last: date, now: datetime) -> Sequence[CalendarDiary]:
    """Of everybody who can do it, in the tradie's order. One query."""
    return _calendars(wish, first, last, now)


def _free_starts(
    calendars: Sequence[CalendarDiary], wish: Wish, first: date, last: date, now: datetime
) -> set[int]:
    return {
        start for calendar in calendars for start in free_starts(calendar.diary, wish.job, first, last, now)
    }


def _nearest(
    calendars: Sequence[CalendarDiary],
    wish: Wish,
    first: date,
    last: date,
    now: datetime,
    but_not_then: bool = False,
) -> list[int]:
    wanted = minute_of(wish.starts_at)
    free = _free_starts(calendars, wish, first, last, now) - ({wanted} if but_not_then else set())
    return sorted(sorted(free, key=lambda start: (abs(start - wanted), start))[:3])


def _alternative(start: int, job: Job, timezone: str) -> Alternative:
    return Alternative(*(in_zone(instant_of(minute), timezone) for minute in (start, start + job.length)))


def _calendars(wish: Wish, first: date, last: date, now: datetime) -> tuple[CalendarDiary, ...]:
    asked = parameters(
        wish.tradie.slug,
        wish.service_id,
        first,
        last,
        now,
        calendar_id=wish.calendar_id,
        ignoring=wish.ignoring,
    )
    inputs = load(asked, count=True)
    if inputs is None:
        raise NotFound
    if wish.most_notice is None:
        return inputs.calendars
    return tuple(
        replace(calendar, diary=_with_notice(calendar.diary, wish.most_notice))
        for calendar in inputs.calendars
    )


def _with_notice(diary: Diary, most: int) -> Diary:
    return replace(diary, rules=replace(diary.rules, notice=min(diary.rules.notice, most)))

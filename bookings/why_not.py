"""Why customers are not offered a time: the rule that stands in the way, in a sentence for whoever set it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from accounts.models import Service, Tradie
from accounts.service_area import area_of, is_in_no_zone, is_too_far
from availability.day_plans import DayPlan, day_plans
from availability.models import Calendar, TimeOff, Weekday
from availability.recurrence import Block
from availability.refusals import Reason, why_not
from availability.slots import Diary, Job
from availability.travel import LONGEST_MINUTES, Visit
from availability.wall_clock import DAY, Span, day_number, instant_of, minute_from, minute_of, wall_minute
from peepopay.local_time import clock, in_zone, moment, short_day, spoken, zone
from peepopay.templatetags.reading import from_to, hours_and_minutes, minute_clock

from .models import HOLDS_TIME, Booking
from .open_slots import Wish, diaries_for
from .places import on_offer

A_DAY = timedelta(days=1)
CAN_BE_BOOKED = "Customers can book it."


@dataclass(frozen=True)
class Answer:
    """`reason` None: it is offered, or the address is too far (`is_too_far`). `booking`, `block`: what is in the way,
    where that is something of its own."""

    calendar: Calendar
    reason: Reason | None
    sentence: str
    is_too_far: bool = False
    booking: Booking | None = None
    block: TimeOff | None = None


@dataclass(frozen=True)
class Question:
    """A job at a time; `kept`: UTC minutes from its first buffer to its last."""

    tradie: Tradie
    job: Job
    starts_at: datetime
    now: datetime

    @property
    def zone_name(self) -> str:
        return self.tradie.timezone

    @property
    def day(self) -> date:
        return in_zone(self.starts_at, self.zone_name).date()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.job.length)

    @property
    def kept(self) -> Span:
        start = minute_of(self.starts_at)
        return start - self.job.before, start + self.job.length + self.job.after

    @property
    def looked_at(self) -> Span:
        """Where a job may be in its way: further off where the drive counts."""
        more = LONGEST_MINUTES if self.tradie.travel_kmh and self.job.postcode else 0
        return self.kept[0] - more, self.kept[1] + more

    def apart_from(self, job: Booking) -> timedelta:
        """How long it is between the two."""
        return max(self.starts_at - job.ends_at, job.starts_at - self.ends_at)

    def overlapped_by(self, jobs: Iterable[Booking]) -> Booking | None:
        starts, ends = (instant_of(minute) for minute in self.kept)
        return next((job for job in jobs if job.period.lower < ends and job.period.upper > starts), None)


@dataclass(frozen=True)
class Known:
    """Of one calendar: its rules, its plans from the day before to the day after, the jobs that touch the time."""

    calendar: Calendar
    diary: Diary
    plans: dict[date, DayPlan]
    jobs: list[Booking]


def why_not_offered(
    service: Service, starts_at: datetime, now: datetime, *, postcode: str = ""
) -> list[Answer]:
    """Of everybody who can do the service, in order; nobody where nobody can. `postcode`: where it would be. Six
    queries."""
    tradie = service.tradie
    job = on_offer(service, postcode)
    asked = Question(tradie, job, starts_at, now)
    days = [asked.day - A_DAY, asked.day, asked.day + A_DAY]
    diaries = diaries_for(Wish(tradie, service.pk, job, starts_at), days[0], days[2], now)
    crew = {calendar.pk: calendar for calendar in tradie.calendars.all()}
    plans = day_plans(tradie, [crew[one.id] for one in diaries], days)
    jobs = _jobs(asked, [one.id for one in diaries])
    return [
        _answer(
            asked,
            Known(crew[one.id], one.diary, {day: plans[one.id, day] for day in days}, jobs.get(one.id, [])),
        )
        for one in diaries
    ]


def _jobs(asked: Question, calendars: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Booking]]:
    starts, ends = (instant_of(minute) for minute in asked.looked_at)
    rows = Booking.objects.filter(
        calendar__in=calendars, status__in=HOLDS_TIME, period__overlap=(starts, ends)
    )
    found: dict[uuid.UUID, list[Booking]] = {}
    for booking in rows.order_by("starts_at"):
        found.setdefault(booking.calendar_id, []).append(booking)
    return found


def _answer(asked: Question, known: Known) -> Answer:
    tradie, postcode = asked.tradie, asked.job.postcode
    if postcode and is_too_far(tradie, postcode):
        said = f"{postcode} is too far: you work {area_of(tradie)}. Customers there are asked to call."
        return Answer(known.calendar, None, said, is_too_far=True)
    if postcode and is_in_no_zone(tradie, postcode):
        said = f"{postcode} is in none of your zones. Customers there are asked to call."
        return Answer(known.calendar, Reason.NOT_THERE, said)
    reason = why_not(known.diary, asked.job, asked.starts_at, asked.now)
    if reason is None:
        return Answer(known.calendar, None, CAN_BE_BOOKED)
    if reason == Reason.TAKEN and (in_the_way := asked.overlapped_by(known.jobs)):
        return Answer(known.calendar, reason, _taken(asked, in_the_way), booking=in_the_way)
    if reason == Reason.TRAVEL and (too_far := _too_far(asked, known)):
        return Answer(known.calendar, reason, _drive(asked, known, too_far), booking=too_far)
    if reason == Reason.TIME_OFF and (block := _block(asked, known)):
        return Answer(known.calendar, reason, _time_off(asked, block), block=block)
    return Answer(known.calendar, reason, SENTENCES[reason](asked, known))


def _past(asked: Question, known: Known) -> str:
    return "That time has passed."


def _notice(asked: Question, known: Known) -> str:
    notice = known.diary.rules.notice
    earliest = moment(asked.now + timedelta(minutes=notice), asked.zone_name)
    return f"Too soon: you ask for {spoken(notice)} of notice, so nothing before {earliest} can be booked."


def _horizon(asked: Question, known: Known) -> str:
    days = known.diary.rules.horizon_days
    last = short_day(asked.now + timedelta(days=days), asked.zone_name)
    return f"Too far ahead: customers can book up to {days} days ahead, until {last}."


def _day_off(asked: Question, known: Known) -> str:
    return f"That date is off. {known.plans[asked.day].special}."


def _not_there(asked: Question, known: Known) -> str:
    days = " and ".join(f"{Weekday(day).label}s" for day in sorted(asked.job.weekdays or ()))
    return f"You go to that zone on {days} only."


def _outside_hours(asked: Question, known: Known) -> str:
    ranges = known.plans[asked.day].open
    if not ranges:
        return f"{Weekday(asked.day.weekday()).label}s are not worked."
    worked = " and ".join(f"{minute_clock(opens)} to {minute_clock(closes)}" for opens, closes in ranges)
    lasts = f"{hours_and_minutes(asked.job.length)}, until {clock(asked.ends_at, asked.zone_name)}"
    return f"Outside the hours: the job takes {lasts}, and that day is worked {worked}."


def _off_grid(asked: Question, known: Known) -> str:
    step, tz = known.diary.rules.step, zone(asked.zone_name)
    minute = wall_minute(tz, minute_of(asked.starts_at)) - day_number(asked.day) * DAY
    before = minute // step * step
    times = f"{minute_clock(before)} or {minute_clock(min(before + step, DAY))}"
    return f"Between two starts: one is offered every {step} minutes, so {times}."


def _day_full(asked: Question, known: Known) -> str:
    most = known.diary.rules.daily_cap
    return f"That day is full: {known.diary.booked_on(day_number(asked.day))} booked, and {most} is the most."


def _taken(asked: Question, job: Booking) -> str:
    times = f"{clock(job.starts_at, asked.zone_name)} to {clock(job.ends_at, asked.zone_name)}"
    apart = asked.starts_at >= job.ends_at or asked.ends_at <= job.starts_at
    why = " is too near: there are buffers between jobs." if apart else " is booked then."
    return f"{job.service_name} for {job.customer_name}, {times},{why}"


def _visit(job: Booking) -> Visit:
    return Visit(minute_of(job.starts_at), minute_from(job.ends_at), job.address_postcode)


def _too_far(asked: Question, known: Known) -> Booking | None:
    travel, start = known.diary.travel, minute_of(asked.starts_at)
    found = (
        job
        for job in known.jobs
        if travel and travel.too_far([_visit(job)], asked.job.postcode, (start, start + asked.job.length))
    )
    return min(found, key=asked.apart_from, default=None)


def _drive(asked: Question, known: Known, job: Booking) -> str:
    travel = known.diary.travel
    assert travel
    times = f"{clock(job.starts_at, asked.zone_name)} to {clock(job.ends_at, asked.zone_name)}"
    minutes = travel.minutes(job.address_postcode, asked.job.postcode) or 0
    spare = f", {travel.slack} min of it to spare" if travel.slack else ""
    return (
        f"No time for the drive: {job.service_name} for {job.customer_name} in {job.address_suburb}, {times}, is"
        f" {hours_and_minutes(minutes)} from {asked.job.postcode} at {travel.kmh} km/h{spare}."
    )


def _time_off(asked: Question, block: TimeOff) -> str:
    if block.source:
        when = from_to(block.starts_at, block.ends_at, asked.zone_name)
        return f"Busy in the calendar “{block.source.name}”, {when}."
    often = f", {block.get_repeats_display().lower()}" if block.repeats != "never" else ""
    why = f": {block.reason}" if block.reason else ""
    return f"Time off, {from_to(block.starts_at, block.ends_at, asked.zone_name)}{often}{why}."


def _block(asked: Question, known: Known) -> TimeOff | None:
    blocks = {block for plan in known.plans.values() for block, _ in plan.off}
    tz = zone(asked.zone_name)
    for block in sorted(blocks, key=attrgetter("starts_at")):
        repeated = Block(block.starts_at, block.ends_at, block.repeats, block.repeat_until)
        if any(True for _ in repeated.spans(tz, asked.kept)):
            return block
    return None


def _something(asked: Question, known: Known) -> str:
    """It went, or came, between two of our queries."""
    return "Something was in the way a moment ago. Ask once more."


SENTENCES = {
    Reason.PAST: _past,
    Reason.NOTICE: _notice,
    Reason.HORIZON: _horizon,
    Reason.DAY_OFF: _day_off,
    Reason.NOT_THERE: _not_there,
    Reason.OUTSIDE_HOURS: _outside_hours,
    Reason.OFF_GRID: _off_grid,
    Reason.DAY_FULL: _day_full,
    Reason.TAKEN: _something,
    Reason.TRAVEL: _something,
    Reason.TIME_OFF: _something,
}

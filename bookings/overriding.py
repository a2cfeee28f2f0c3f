"""A time that the business gives itself, also against its own rules: of what only customers have to keep to it may
override most with a reason. That nobody is booked twice it can't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from availability.refusals import Reason, why_not
from availability.slots import Diary
from availability.wall_clock import day_number, minute_of
from peepopay.errors import SlotUnavailable, ValidationFailed

from .open_slots import A_DAY, NOT_BY_THEM, OpenSlot, Wish, diaries_for, nearest_open
from .slot_inputs import LONGEST_HORIZON, CalendarDiary

# What is overridden, as it stands in the history; anything else is refused, or is no rule for the business itself.
SAID = {
    Reason.NOTICE: "shorter notice than usual",
    Reason.HORIZON: "further ahead than usual",
    Reason.DAY_OFF: "on a day off",
    Reason.NOT_THERE: "on a day on which you don't go there",
    Reason.OUTSIDE_HOURS: "outside the working hours",
    Reason.TIME_OFF: "in time off",
    Reason.TRAVEL: "without time for the drive",
    Reason.DAY_FULL: "more jobs than usual that day",
}
SAY_WHY = "That is {what}. To book it all the same, say why: it stays in the history of the booking."
CLASH = "There is a booking at that time already. Choose another time."
PASSED = "That time has passed. Choose a later one."
TOO_FAR = "That is more than a year ahead. Choose an earlier time."
WHOLE_MINUTE = "Choose a time to the minute."


def slot_with_override(wish: Wish, why: str, *, now: datetime) -> tuple[OpenSlot, str]:
    """The time and the calendar that gets it, with what of the rules it overrides ("" is nothing). Of several that are
    free then: the one for whom it needs no override, the one to keep, the one with the fewest jobs that day.

    `why`: what the business says to it. Call it while holding the calendars. Raises SlotUnavailable with the nearest
    free times, ValidationFailed with `start`, or with `override_reason` where it has to be said.
    """
    _refuse_what_nobody_can_do(wish, now)
    calendars = diaries_for(wish, wish.day - A_DAY, wish.day + A_DAY, now)
    if wish.calendar_id and not calendars:
        raise ValidationFailed(NOT_BY_THEM, fields={"calendar": [NOT_BY_THEM]})
    clear = [calendar for calendar in calendars if not _clashes(calendar.diary, wish)]
    if not clear:
        raise SlotUnavailable(CLASH, alternatives=nearest_open(wish, now, around=calendars))
    calendar, reason = _best(clear, wish, now)
    what = SAID.get(reason, "") if reason else ""
    if what and not why:
        raise ValidationFailed(fields={"override_reason": [SAY_WHY.format(what=what)]})
    starts = wish.starts_at.astimezone(UTC)
    ends = starts + timedelta(minutes=wish.job.length)
    return OpenSlot(starts, ends, calendar.id, bool(wish.calendar_id)), what


def _refuse_what_nobody_can_do(wish: Wish, now: datetime) -> None:
    for is_so, said in (
        (wish.starts_at < now, PASSED),
        (wish.starts_at > now + LONGEST_HORIZON, TOO_FAR),
        (bool(wish.starts_at.second or wish.starts_at.microsecond), WHOLE_MINUTE),
    ):
        if is_so:
            raise ValidationFailed(said, fields={"start": [said]})


def _clashes(diary: Diary, wish: Wish) -> bool:
    """With the buffers of both: nobody can be at two places."""
    start, job = minute_of(wish.starts_at), wish.job
    begins, finishes = start - job.before, start + job.length + job.after
    return any(begins < until and since < finishes for since, until in diary.taken)


def _best(clear: Sequence[CalendarDiary], wish: Wish, now: datetime) -> tuple[CalendarDiary, Reason | None]:
    """`min` keeps the first of equals, in the tradie's order."""
    reasons = {
        calendar.id: why_not(_at_any_start(calendar.diary), wish.job, wish.starts_at, now)
        for calendar in clear
    }
    day = day_number(wish.day)
    best = min(
        clear,
        key=lambda calendar: (
            reasons[calendar.id] is not None,
            calendar.id != wish.rather,
            calendar.diary.booked_on(day),
        ),
    )
    return best, reasons[best.id]


def _at_any_start(diary: Diary) -> Diary:
    """The steps at which customers may start are no rule for the business."""
    return replace(diary, rules=replace(diary.rules, step=1))

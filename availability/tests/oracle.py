"""The slot rules said again, minute by minute and as naively as can be: what the fast sweep is tested against."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.localities import kilometres
from availability.openings import Openings
from availability.recurrence import Block
from availability.slots import Diary, Job
from availability.travel import Visit

MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)


def naive_free_starts(diary: Diary, job: Job, first: date, last: date, now: datetime) -> list[datetime]:
    """The same answer as `slots.free_starts`, as UTC datetimes, found by looking at every minute."""
    minute = datetime.combine(first, datetime.min.time(), UTC) - A_DAY
    end = datetime.combine(last, datetime.min.time(), UTC) + 2 * A_DAY
    free = []
    while minute < end:
        if first <= minute.astimezone(diary.rules.zone).date() <= last and is_free(diary, job, minute, now):
            free.append(minute)
        minute += MINUTE
    return free


def is_free(diary: Diary, job: Job, start: datetime, now: datetime) -> bool:
    rules = diary.rules
    local = start.astimezone(rules.zone)
    today = now.astimezone(rules.zone).date()
    return (
        start >= now + rules.notice * MINUTE
        and local.date() <= today + rules.horizon_days * A_DAY
        and is_on_grid(diary.openings, local, rules.step)
        and (job.weekdays is None or local.weekday() in job.weekdays)
        and not is_full(diary, local.date())
        and all(
            is_open(diary.openings, (start + n * MINUTE).astimezone(rules.zone)) for n in range(job.length)
        )
        and not any(is_busy(diary, start + n * MINUTE) for n in range(-job.before, job.length + job.after))
        and all(is_within_reach(diary, job, start, visit) for visit in diary.visits)
    )


def is_within_reach(diary: Diary, job: Job, start: datetime, visit: Visit) -> bool:
    far = kilometres(visit.postcode, job.postcode)
    if diary.travel is None or far is None:
        return True
    drive = 0
    while drive < 480 and drive / 60 * diary.travel.kmh < far:
        drive += 1
    needed = min(drive + diary.travel.slack, 480)
    begins = int(start.timestamp()) // 60
    return begins - visit.ends >= needed or visit.starts - (begins + job.length) >= needed


def is_on_grid(openings: Openings, local: datetime, step: int) -> bool:
    minute = local.hour * 60 + local.minute
    return minute % step == 0 or minute in (opens for opens, _ in openings.on(local.date()))


def is_open(openings: Openings, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in openings.on(local.date()))


def is_busy(diary: Diary, minute: datetime) -> bool:
    number = int(minute.timestamp()) // 60
    return any(starts <= number < ends for starts, ends in (*diary.taken, *diary.time_off))


def is_full(diary: Diary, day: date) -> bool:
    number = (day - date(1970, 1, 1)).days
    cap = diary.rules.daily_cap
    return cap is not None and diary.booked.get(number, 0) >= cap


def is_off(block: Block, minute: datetime, zone: ZoneInfo) -> bool:
    """Whether a minute lies in time off: the first time in UTC, its repeats on the zone's clock."""
    if block.starts_at < minute + MINUTE and minute < block.ends_at:
        return True
    starts = block.starts_at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    ends = (block.ends_at.astimezone(zone)).replace(tzinfo=None)
    local = minute.astimezone(zone).replace(tzinfo=None)
    return any(
        again <= local < again + (ends - starts)
        for again in repeats_of(block, starts, local)
        if block.repeat_until is None or again.date() <= block.repeat_until
    )


def repeats_of(block: Block, starts: datetime, until: datetime) -> list[datetime]:
    if block.repeats == "yearly":
        return [_in_year(starts, year) for year in range(starts.year + 1, until.year + 1)]
    days = {"weekly": 7, "fortnightly": 14}.get(block.repeats)
    if days is None:
        return []
    return [starts + timedelta(days=n) for n in range(days, (until - starts).days + 1, days)]


def _in_year(starts: datetime, year: int) -> datetime:
    leapless = (starts.month, starts.day) == (2, 29) and (date(year, 3, 1) - A_DAY).day == 28
    return starts.replace(year=year, day=28) if leapless else starts.replace(year=year)

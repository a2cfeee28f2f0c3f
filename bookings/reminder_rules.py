"""When customers are reminded, and when they are not: as late as is of use, never at night, never of what isn't so.

The night is that of the place where the job is. What would be due in it is due the evening before, so that whoever has
somebody coming at seven isn't woken at five. `reminders.py` finds what is due by the same rules, in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from notifications.kinds import NoLongerApplies, NotYet
from notifications.models import Channel, FirstReminder, LastReminder, MessageSettings
from peepopay.local_time import in_zone, zone

MORNING, NIGHT = time(7), time(21)  # nothing of this leaves outside of these
EVENING = time(20)  # when it leaves instead


@dataclass(frozen=True)
class Reminder:
    """Due `before` the start. Of use until `least` before it; for those who were told of the time longer than
    `since_news` before it was due. `setting`: the column of MessageSettings that switches it off; `hours_setting`: the
    one that says how long before, of `choices`."""

    kind: str
    setting: str
    hours_setting: str
    choices: tuple[int, ...]
    before: timedelta
    least: timedelta
    since_news: timedelta
    channels: tuple[Channel, ...]

    def each(self) -> list[Reminder]:
        """At each of the times that a business may choose."""
        return [replace(self, before=timedelta(hours=hours)) for hours in self.choices]

    def as_chosen(self, chosen: MessageSettings) -> Reminder:
        return replace(self, before=timedelta(hours=getattr(chosen, self.hours_setting)))


DAY_BEFORE = Reminder(
    "reminder_day_before",
    "reminds_day_before",
    "first_reminder_hours",
    tuple(FirstReminder.values),
    before=timedelta(hours=24),
    # Not in the evening before an early job, when the other one goes.
    least=timedelta(hours=13),
    since_news=timedelta(hours=6),
    channels=(Channel.EMAIL, Channel.SMS),
)
HOURS_BEFORE = Reminder(
    "reminder_hours_before",
    "reminds_hours_before",
    "last_reminder_hours",
    tuple(LastReminder.values),
    before=timedelta(hours=2),
    least=timedelta(minutes=30),
    since_news=timedelta(hours=1),
    channels=(Channel.SMS,),  # a mail where there is no mobile: `reminders.py`
)
REMINDERS = {reminder.kind: reminder for reminder in (DAY_BEFORE, HOURS_BEFORE)}
LONGEST_NIGHT = timedelta(hours=12)  # from EVENING to MORNING, and what a clock may be put forward by


def due_at(reminder: Reminder, starts_at: datetime, zone_name: str) -> datetime:
    """The instant from which it may leave, in UTC."""
    due = (starts_at - reminder.before).astimezone(UTC)
    local = in_zone(due, zone_name)
    if MORNING <= local.time() < NIGHT:
        return due
    day = local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, zone(zone_name)).astimezone(UTC)


def morning_after(now: datetime, zone_name: str) -> datetime | None:
    """When people are up again, in UTC; None by day."""
    local = in_zone(now, zone_name)
    if MORNING <= local.time() < NIGHT:
        return None
    day = local.date() + timedelta(days=1 if local.time() >= NIGHT else 0)
    return datetime.combine(day, MORNING, zone(zone_name)).astimezone(UTC)


def require_useful(reminder: Reminder, starts_at: datetime, zone_name: str, *, now: datetime) -> None:
    """Raises NoLongerApplies where it comes too late, NotYet at night."""
    if starts_at - now < reminder.least:
        raise NoLongerApplies("It would have come too late to be of use.")
    morning = morning_after(now, zone_name)
    if morning:
        raise NotYet(morning)

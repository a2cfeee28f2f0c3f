"""The sweep that finds whom to remind. What it writes is looked at again when it is sent (`messages.context_for`).

Nothing is written ahead: which reminder is due follows from the booking as it is, so a move, a cancellation or another
person coming needs no thought here. A reminder that was written is a message with a key of its own for each time of a
booking: none goes twice for one time, wherever the booking moved meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from peepopay import sweeps

from . import messages
from .models import Booking, EventKind, Status
from .reminder_rules import EVENING, LONGEST_NIGHT, MORNING, NIGHT, REMINDERS, Reminder

BATCH = 200
AN_HOUR = timedelta(hours=1)
MOST_A_ROUND = 2_000  # of each reminder; the rest is the next round's, a minute later
NEWS = (EventKind.CONFIRMED, EventKind.MOVED)  # what told the customer of the time

# The outer query reads `booking_to_come` within the hours that matter; the rest looks at the few whose time has come.
# The settings are columns of ours, never anybody's words.
DUE = """
SELECT booking.id, booking.starts_at
FROM bookings_booking booking
JOIN accounts_tradie tradie ON tradie.id = booking.tradie_id
LEFT JOIN notifications_messagesettings settings ON settings.tradie_id = booking.tradie_id
CROSS JOIN LATERAL (SELECT (booking.starts_at - %(before)s) AT TIME ZONE tradie.timezone AS wall) job
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN job.wall::time >= %(night)s THEN job.wall::date + %(evening)s
        WHEN job.wall::time < %(morning)s THEN job.wall::date - 1 + %(evening)s
    END AT TIME ZONE tradie.timezone AS evening_before
) night
CROSS JOIN LATERAL (SELECT coalesce(night.evening_before, booking.starts_at - %(before)s) AS at) due
WHERE booking.status = 'confirmed' AND booking.asked_to_move_at IS NULL AND booking.late_minutes = 0
    AND booking.starts_at >= %(now)s + %(least)s
    AND booking.starts_at <= %(now)s + %(before)s + %(longest_night)s
    AND (booking.starts_at, booking.id) > (%(after_start)s, %(after_id)s)
    AND due.at <= %(now)s
    AND (%(now)s AT TIME ZONE tradie.timezone)::time >= %(morning)s
    AND (%(now)s AT TIME ZONE tradie.timezone)::time < %(night)s
    AND coalesce(settings.{setting}, true)
    AND coalesce(settings.{hours_setting}, {usual_hours}) = %(hours)s
    AND NOT EXISTS (
        SELECT FROM bookings_bookingevent event
        WHERE event.booking_id = booking.id AND event.at > due.at - %(since_news)s AND event.kind = ANY(%(news)s)
    )
    AND NOT EXISTS (
        SELECT FROM notifications_message message
        WHERE message.dedupe_key IN (
            booking.id || %(email_key)s || to_char(booking.starts_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MI'),
            booking.id || %(sms_key)s || to_char(booking.starts_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MI')
        )
    )
ORDER BY booking.starts_at, booking.id
LIMIT %(batch)s
"""


def send_reminders(*, now: datetime) -> int:
    """Write the reminders that are due; returns of how many bookings."""
    return sum(
        sweeps.each(_due(reminder, now), _remind(reminder, now))
        for either in REMINDERS.values()
        for reminder in either.each()
    )


def _due(reminder: Reminder, now: datetime) -> Iterator[uuid.UUID]:
    """The soonest jobs first, in batches: what can't be reminded of is passed over, and doesn't come round again."""
    after_start, after_id = now, uuid.UUID(int=0)
    for _ in range(0, MOST_A_ROUND, BATCH):
        with connection.cursor() as cursor:
            cursor.execute(*statement(reminder, now, after_start, after_id))
            rows = cursor.fetchall()
        yield from (key for key, _ in rows)
        if len(rows) < BATCH:
            return
        after_id, after_start = rows[-1]


def statement(
    reminder: Reminder, now: datetime, after_start: datetime, after_id: uuid.UUID
) -> tuple[str, dict[str, Any]]:
    """The query for one batch, and what it asks."""
    key = f":{reminder.kind}:customer:"
    columns = {"setting": reminder.setting, "hours_setting": reminder.hours_setting}
    return DUE.format(**columns, usual_hours=reminder.choices[0]), {
        "hours": reminder.before // AN_HOUR,
        "now": now,
        "before": reminder.before,
        "least": reminder.least,
        "since_news": reminder.since_news,
        "longest_night": LONGEST_NIGHT,
        "morning": MORNING,
        "evening": EVENING,
        "night": NIGHT,
        "news": list(NEWS),
        "email_key": f"{key}email:",
        "sms_key": f"{key}sms:",
        "after_start": after_start,
        "after_id": after_id,
        "batch": BATCH,
    }


def _remind(reminder: Reminder, now: datetime) -> Callable[[uuid.UUID], bool]:
    @transaction.atomic
    def remind(key: uuid.UUID) -> bool:
        booking = Booking.objects.select_related("tradie").get(pk=key)
        if booking.status != Status.CONFIRMED:
            return False
        messages.tell_reminder(booking, reminder, now=now)
        return True

    return remind

"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from availability import outside
from availability.models import OutsideCalendar, OutsideKind
from peepopay import outbox, sweeps

from . import (
    calendar_sync,
    customers,
    day_moves,
    drawing_photos,
    erasure,
    housekeeping,
    imported_customers,
    reminders,
    series,
    waitlist_offers,
)
from .models import Photo

MOST_A_NIGHT = 20_000


@outbox.handles(Photo)
def make_photo_ready(photo: Photo, now: datetime) -> outbox.Changes | None:
    """Draw a photo anew, or remove one."""
    return drawing_photos.make_ready(photo, now)


@outbox.handles(OutsideCalendar)
def read_outside_calendar(row: OutsideCalendar, now: datetime) -> None:
    """Read it, and by CalDAV write jobs into it; and have it come due again."""
    (calendar_sync.sync if row.kind == OutsideKind.CALDAV else outside.read)(row, now=now)


@shared_task
def send_reminders() -> int:
    """Every minute: remind customers of what is a day or two hours ahead."""
    return reminders.send_reminders(now=timezone.now())


@shared_task
def lapse_day_moves() -> int:
    """Put customers who were silent about a day that can't be made on the list of calls."""
    return day_moves.lapse_moves(now=timezone.now())


@shared_task
def make_out_series() -> int:
    """Have the visits of jobs that come round booked, twelve weeks ahead."""
    return series.make_out_all(now=timezone.now())


@shared_task
def offer_freed_times() -> int:
    """Offer what is free again to those who wait for it."""
    return waitlist_offers.offer_freed_times(now=timezone.now())


@shared_task(soft_time_limit=600, time_limit=630)
def forget_old_rows() -> int:
    """Once a night: drop what ran out, and find whose bookings are nobody's yet."""
    return sweeps.every(housekeeping.forget_old_rows, customers.assign_missing, now=timezone.now())


@shared_task(soft_time_limit=600, time_limit=630)
def erase_personal_data() -> int:
    """Once a night: details of customers whose jobs are long over. What is left is the next night's."""
    return sweeps.every(_erase_customers, imported_customers.forget_imported, now=timezone.now())


def _erase_customers(now: datetime) -> int:
    return erasure.erase_due(now=now, at_most=MOST_A_NIGHT)

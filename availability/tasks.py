"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from datetime import datetime

from peepopay import outbox

from . import outside
from .models import OutsideCalendar


@outbox.handles(OutsideCalendar)
def read_outside_calendar(row: OutsideCalendar, now: datetime) -> None:
    """Read it, and have it come due again."""
    outside.read(row, now=now)

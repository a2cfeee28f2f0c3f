"""Why a time is not offered, for a customer's error and a tradie's question; `slots.free_starts` decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from availability.slots import Diary, Job, earliest_start, free_starts, last_day_on_offer, open_pieces
from availability.wall_clock import DAY, date_of, instant_of, merged, minute_of, wall_minute


class Reason(StrEnum):
    """Why a time is not offered. The first that holds, in this order, is the one to tell."""

    PAST = "past"
    NOTICE = "notice"
    HORIZON = "horizon"
    DAY_OFF = "day_off"
    NOT_THERE = "not_there"
    OUTSIDE_HOURS = "outside_hours"
    OFF_GRID = "off_grid"
    TIME_OFF = "time_off"
    DAY_FULL = "day_full"
    TAKEN = "taken"
    TRAVEL = "travel"


def why_not(diary: Diary, job: Job, start: datetime, now: datetime) -> Reason | None:
    """None where the job can be booked at that aware instant; otherwise the first reason why not."""
    if _is_offered(diary, job, start, now):
        return None
    minute = minute_of(start)
    day = wall_minute(diary.rules.zone, minute) // DAY
    if start < now:
        return Reason.PAST
    if minute < earliest_start(diary.rules, now):
        return Reason.NOTICE
    if day > last_day_on_offer(diary.rules, now):
        return Reason.HORIZON
    if diary.openings.is_day_off(date_of(day)):
        return Reason.DAY_OFF
    if not job.is_done_on(day):
        return Reason.NOT_THERE
    if not _is_within_hours(diary, job, minute, day):
        return Reason.OUTSIDE_HOURS
    if not _is_offered(replace(diary, taken=(), time_off=(), booked={}, travel=None), job, start, now):
        return Reason.OFF_GRID
    if not _is_offered(replace(diary, taken=(), booked={}, travel=None), job, start, now):
        return Reason.TIME_OFF
    return Reason.DAY_FULL if diary.is_full(day) else _taken_or_too_far(diary, job, start, now)


def _taken_or_too_far(diary: Diary, job: Job, start: datetime, now: datetime) -> Reason:
    return Reason.TRAVEL if _is_offered(replace(diary, travel=None), job, start, now) else Reason.TAKEN


def _is_offered(diary: Diary, job: Job, start: datetime, now: datetime) -> bool:
    minute = minute_of(start)
    day = date_of(wall_minute(diary.rules.zone, minute) // DAY)
    return start == instant_of(minute) and minute in free_starts(diary, job, day, day, now)


def _is_within_hours(diary: Diary, job: Job, minute: int, day: int) -> bool:
    pieces = open_pieces(diary, day, day + 1 + job.length // DAY)
    open_spans = merged((piece.starts, piece.ends) for piece in pieces)
    return any(starts <= minute and minute + job.length <= ends for starts, ends in open_spans)

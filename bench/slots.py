"""The sweep over 60 days of slots against the tests' minute-by-minute oracle."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TypeVar
from zoneinfo import ZoneInfo

from availability.openings import Openings
from availability.slots import Diary, Job, Rules, free_starts
from availability.tests.oracle import naive_free_starts
from availability.wall_clock import DAY, day_number, instant_of
from bench.report import Report

FIRST = date(2027, 3, 15)  # clocks go back on 4 April
NOW = datetime(2027, 3, 14, tzinfo=UTC)
JOB = Job(60, after=30)
ROUNDS = 5

Answer = TypeVar("Answer")


def measure(report: Report) -> None:
    diary = a_busy_diary()
    rounds = [_round(diary) for _ in range(ROUNDS)]
    report.figure("a month", median(r[0] for r in rounds) * 1000, "ms", at_most=0.5)
    report.figure("60 days", median(r[1] for r in rounds) * 1000, "ms")
    report.figure("oracle / sweep, 60 days", median(r[2] / r[1] for r in rounds), "x", at_least=20)


def _round(diary: Diary) -> tuple[float, float, float]:
    month, _ = timed(lambda: free_starts(diary, JOB, FIRST, FIRST + timedelta(days=30), NOW), times=200)
    last = FIRST + timedelta(days=59)
    sweep, found = timed(lambda: free_starts(diary, JOB, FIRST, last, NOW), times=100)
    oracle, expected = timed(lambda: naive_free_starts(diary, JOB, FIRST, last, NOW))
    assert [instant_of(minute) for minute in found] == expected
    return month, sweep, oracle


def timed(work: Callable[[], Answer], times: int = 1) -> tuple[float, Answer]:
    """CPU seconds of one call, and its answer."""
    began = time.process_time()
    for _ in range(times):
        answer = work()
    return (time.process_time() - began) / times, answer


def a_busy_diary() -> Diary:
    """Weekdays with a lunch break, Saturday mornings, three jobs a day."""
    weekday = (420, 720), (750, 960)
    midnights = range(day_number(FIRST) * DAY, (day_number(FIRST) + 62) * DAY, DAY)
    return Diary(
        Rules(ZoneInfo("Australia/Sydney"), step=30, notice=120, horizon_days=90),
        Openings({**dict.fromkeys(range(5), weekday), 5: ((480, 720),)}),
        taken=tuple((day + at - 660, day + at - 570) for day in midnights for at in (480, 660, 840)),
    )

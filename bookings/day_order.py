"""The order in which a day's jobs are the shortest way, keeping what was promised: a suggestion, nothing moves by it.

Ways are straight lines between the middles of postcodes; which order is the best, `going_round.py` finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.localities import kilometres, postcode_of
from accounts.models import Tradie
from availability.models import Calendar

from .expected import has_not_begun, latest_arrival
from .going_round import Start, Stop, best_order, cost_of
from .models import Booking, Status
from .week import DONE_OR_TO_DO

MOST_ORDERED = 30
FEWEST_SAVED_KM = 1.0


@dataclass(frozen=True)
class Suggestion:
    """`keeps_all`: whatever was promised is kept in this order; else at least no less than in the one as booked."""

    calendar: Calendar
    jobs: list[Booking]
    km: int
    km_as_booked: int
    keeps_all: bool

    @property
    def why(self) -> str:
        kept = (
            "with every time you promised kept" if self.keeps_all else "and no later than in the order booked"
        )
        return f"About {self.km} km in straight lines instead of {self.km_as_booked} km, {kept}."


def suggest(tradie: Tradie, jobs: Sequence[Booking], now: datetime) -> Suggestion | None:
    """Of the jobs of one calendar on one day, in the order of their starts: how to go round those that are still to
    begin. None where no window was promised, or it saves nothing. No query."""
    rest = [job for job in jobs if has_not_begun(job, now)][:MOST_ORDERED]
    if len(rest) < 2 or not any(job.arrival_window_minutes for job in rest):
        return None
    begun = [job for job in jobs if job.status in DONE_OR_TO_DO and not has_not_begun(job, now)]
    start = _start(tradie, begun, now)
    stops = [stop_of(job) for job in rest]
    order = best_order(start, stops, kilometres)
    as_booked = cost_of(start, stops, kilometres)
    best = cost_of(start, [stops[place] for place in order], kilometres)
    if as_booked.km - best.km < FEWEST_SAVED_KM:
        return None
    in_order = [rest[place] for place in order]
    return Suggestion(rest[0].calendar, in_order, round(best.km), round(as_booked.km), not best.late)


def _start(tradie: Tradie, begun: Sequence[Booking], now: datetime) -> Start:
    """From the job that was begun last, once it is over; before the first, from where the business is."""
    if not begun:
        home = tradie.area_postcode or postcode_of(tradie.suburb, tradie.state)
        return Start(home, now)
    last = max(begun, key=lambda job: job.starts_at)
    is_on = last.status == Status.CONFIRMED
    return Start(last.address_postcode, max(now, last.ends_at) if is_on else now)


def suggestions(tradie: Tradie, jobs: Iterable[Booking], now: datetime) -> list[Suggestion]:
    """Of each calendar's jobs of one day, their calendars loaded."""
    by_calendar: dict[Calendar, list[Booking]] = {}
    for job in jobs:
        by_calendar.setdefault(job.calendar, []).append(job)
    found = (suggest(tradie, of_it, now) for of_it in by_calendar.values())
    return [suggestion for suggestion in found if suggestion]


def stop_of(job: Booking) -> Stop:
    kept = job.buffer_before_minutes + job.duration_minutes + job.buffer_after_minutes
    return Stop(job.address_postcode, kept, job.expected_at, latest_arrival(job))

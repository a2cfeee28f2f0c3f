"""The order in which a day's jobs are the shortest way, keeping what was promised: a suggestion, nothing moves by it.

Ways are straight lines between the middles of postcodes. Of up to eight jobs every order is weighed; of more, the
nearest first, and then whatever turning a part of it round makes better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from accounts.localities import kilometres, postcode_of
from accounts.models import Tradie
from availability.models import Calendar

from .expected import has_not_begun, latest_arrival
from .models import Booking, Status
from .week import DONE_OR_TO_DO

MOST_WEIGHED = 8
MOST_ORDERED = 30
FEWEST_SAVED_KM = 1.0
KM_AN_HOUR = 40  # as the crow flies: about 55 by road

Between = Callable[[str, str], float | None]


class Stop(NamedTuple):
    """A job: where it is, its length in minutes with what it keeps free around it, and the earliest and the latest
    arrival that were promised."""

    postcode: str
    minutes: int
    earliest: datetime
    latest: datetime


class Cost(NamedTuple):
    """Minutes after what was promised, all told; kilometres. The lower the better, in this order."""

    late: float
    km: float


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


class Route(NamedTuple):
    """How far a day has come: where, when they are free again, and what it cost."""

    place: str
    free_at: datetime
    cost: Cost

    def on_to(self, stop: Stop, between: Between) -> Route:
        """A postcode that nobody has placed, or no place to set out from, is no way."""
        km = (between(self.place, stop.postcode) or 0.0) if self.place else 0.0
        arrival = max(stop.earliest, self.free_at + timedelta(hours=km / KM_AN_HOUR))
        late = max(timedelta(), arrival - stop.latest) / timedelta(minutes=1)
        return Route(
            stop.postcode,
            arrival + timedelta(minutes=stop.minutes),
            Cost(self.cost.late + late, self.cost.km + km),
        )


def cost_of(start: Route, stops: Sequence[Stop], between: Between) -> Cost:
    for stop in stops:
        start = start.on_to(stop, between)
    return start.cost


def best_order(start: Route, stops: Sequence[Stop], between: Between) -> list[int]:
    """The places of the stops in the best order."""
    found = _improved(start, stops, between, _nearest_first(start, stops, between))
    return _weighed(start, stops, between, found) if len(stops) <= MOST_WEIGHED else found


def _cost_of(start: Route, stops: Sequence[Stop], between: Between, order: Sequence[int]) -> Cost:
    return cost_of(start, [stops[place] for place in order], between)


def _nearest_first(start: Route, stops: Sequence[Stop], between: Between) -> list[int]:
    order: list[int] = []
    while len(order) < len(stops):
        left = [place for place in range(len(stops)) if place not in order]
        routes = {place: start.on_to(stops[place], between) for place in left}
        nearest = min(left, key=lambda place: (routes[place].cost, routes[place].free_at))
        start = routes[nearest]
        order.append(nearest)
    return order


def _improved(start: Route, stops: Sequence[Stop], between: Between, order: list[int]) -> list[int]:
    """From the better of that and the order as booked."""
    best = min(order, list(range(len(stops))), key=lambda one: _cost_of(start, stops, between, one))
    cost, is_better = _cost_of(start, stops, between, best), True
    while is_better:
        is_better = False
        for first in range(len(best)):
            for last in range(first + 2, len(best) + 1):
                turned = [*best[:first], *reversed(best[first:last]), *best[last:]]
                if (of_it := _cost_of(start, stops, between, turned)) < cost:
                    best, cost, is_better = turned, of_it, True
    return best


def _weighed(start: Route, stops: Sequence[Stop], between: Between, known: list[int]) -> list[int]:
    """Every order, but for those whose beginning already costs more than the best so far."""
    best, cost = known, _cost_of(start, stops, between, known)

    def go_on(route: Route, order: list[int]) -> None:
        nonlocal best, cost
        if len(order) == len(stops):
            best, cost = order, route.cost
            return
        for place in range(len(stops)):
            if place not in order and (next_one := route.on_to(stops[place], between)).cost < cost:
                go_on(next_one, [*order, place])

    go_on(start, [])
    return best


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


def _start(tradie: Tradie, begun: Sequence[Booking], now: datetime) -> Route:
    """From the job that was begun last, once it is over; before the first, from where the business is."""
    if not begun:
        home = tradie.area_postcode or postcode_of(tradie.suburb, tradie.state)
        return Route(home, now, Cost(0.0, 0.0))
    last = max(begun, key=lambda job: job.starts_at)
    is_on = last.status == Status.CONFIRMED
    return Route(last.address_postcode, max(now, last.ends_at) if is_on else now, Cost(0.0, 0.0))


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

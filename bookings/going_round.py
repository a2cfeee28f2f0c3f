"""The shortest way round a day's jobs that keeps what was promised. Pure arithmetic on minutes and kilometres.

Of up to eight jobs every order is weighed. Of more, the most promising beginnings are gone on with, job by job, and
what comes out is made better by moving and turning parts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

MOST_WEIGHED = 8
BEGINNINGS = 20  # gone on with at each job
LONGEST_MOVED = 3  # jobs in a row
KM_AN_HOUR = 40  # as the crow flies: about 55 by road
A_MINUTE = timedelta(minutes=1)

Between = Callable[[str, str], float | None]
Order = tuple[int, ...]


class Start(NamedTuple):
    """Where somebody is, "" being nobody knows where, and when they can leave."""

    postcode: str
    free_at: datetime


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


class Beginning(NamedTuple):
    """Some jobs in a row: what they cost, when and at which job it ends, and which they are."""

    cost: Cost
    free: float
    place: int
    order: Order


def cost_of(start: Start, stops: Sequence[Stop], between: Between) -> Cost:
    """Of the stops in the order in which they are given."""
    return Day(start, stops, between).cost(range(len(stops)))


def best_order(start: Start, stops: Sequence[Stop], between: Between) -> list[int]:
    """The places of the stops in the best order: never a worse one than as they are given."""
    day = Day(start, stops, between)
    found = min(day.better(day.promising()), tuple(range(len(stops))), key=day.cost)
    return list(day.best(found) if len(stops) <= MOST_WEIGHED else found)


class Day:
    """Its jobs as numbers: minutes from when somebody can leave. A postcode that nobody has placed is no way."""

    def __init__(self, start: Start, stops: Sequence[Stop], between: Between) -> None:
        places = [*(stop.postcode for stop in stops), start.postcode]
        self.km = [[(here and between(here, there)) or 0.0 for there in places] for here in places]
        self.ways = [[km * 60 / KM_AN_HOUR for km in row] for row in self.km]
        self.stays = [stop.minutes for stop in stops]
        self.earliest = [(stop.earliest - start.free_at) / A_MINUTE for stop in stops]
        self.latest = [(stop.latest - start.free_at) / A_MINUTE for stop in stops]
        self.all = range(len(stops))
        self.nothing = Beginning(Cost(0.0, 0.0), 0.0, len(stops), ())

    def on_to(self, so_far: Beginning, stop: int) -> Beginning:
        cost, free, place, order = so_far
        arrival = max(self.earliest[stop], free + self.ways[place][stop])
        late = max(0.0, arrival - self.latest[stop])
        cost = Cost(cost.late + late, cost.km + self.km[place][stop])
        return Beginning(cost, arrival + self.stays[stop], stop, (*order, stop))

    def cost(self, order: Sequence[int]) -> Cost:
        """As `on_to` would come to it, without what lies between."""
        free = late = km = 0.0
        place = len(self.all)
        for stop in order:
            arrival = free + self.ways[place][stop]
            km += self.km[place][stop]
            if arrival < self.earliest[stop]:
                arrival = self.earliest[stop]
            elif arrival > self.latest[stop]:
                late += arrival - self.latest[stop]
            free, place = arrival + self.stays[stop], stop
        return Cost(late, km)

    def promising(self) -> Order:
        """Of beginnings with the same jobs and the same last one, the best; and of all those the few that look best
        with what of the rest will be late in any case."""
        beginnings = [self.nothing]
        for _ in self.all:
            best: dict[tuple[frozenset[int], int], Beginning] = {}
            for so_far in beginnings:
                for stop in self._left(so_far):
                    one = self.on_to(so_far, stop)
                    key = frozenset(one.order), stop
                    best[key] = min(best.get(key, one), one)
            beginnings = sorted(best.values(), key=self._at_least)[:BEGINNINGS]
        return beginnings[0].order

    def _left(self, so_far: Beginning) -> list[int]:
        return [stop for stop in self.all if stop not in so_far.order]

    def _at_least(self, so_far: Beginning) -> Cost:
        ways = self.ways[so_far.place]
        late = sum(max(0.0, so_far.free + ways[stop] - self.latest[stop]) for stop in self._left(so_far))
        return Cost(so_far.cost.late + late, so_far.cost.km)

    def better(self, order: Order) -> Order:
        """Until no part of it is better elsewhere, or turned round."""
        cost = self.cost(order)
        while found := next((one for one in _changed(order) if self.cost(one) < cost), None):
            order, cost = found, self.cost(found)
        return order

    def best(self, known: Order) -> Order:
        """Every order, but for those whose beginning already costs more than the best so far."""
        best, cost = known, self.cost(known)
        beginnings = [self.nothing]
        while beginnings:
            so_far = beginnings.pop()
            if so_far.cost >= cost:
                continue
            left = self._left(so_far)
            if not left:
                best, cost = so_far.order, so_far.cost
            beginnings += [self.on_to(so_far, stop) for stop in left]
        return best


def _changed(order: Order) -> Iterator[Order]:
    for first in range(len(order)):
        for last in range(first + 1, len(order) + 1):
            before, part, after = order[:first], order[first:last], order[last:]
            if len(part) > 1:
                yield before + part[::-1] + after
            if len(part) <= LONGEST_MOVED:
                rest = before + after
                for place in range(len(rest) + 1):
                    if place != first:
                        yield rest[:place] + part + rest[place:]
                        yield rest[:place] + part[::-1] + rest[place:]

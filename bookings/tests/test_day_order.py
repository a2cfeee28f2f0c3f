"""The suggested order of a day: what was promised first, then the shortest way; a suggestion only. Held against every
order of a few jobs, and against VROOM, a solver of somebody else's, for more."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import permutations
from math import dist

import numpy as np
import pytest
import vroom

from accounts.localities import kilometres, postcode_of
from accounts.models import Service, Tradie
from bookings.day_order import suggestions
from bookings.going_round import KM_AN_HOUR, Day, Start, Stop, best_order, cost_of
from bookings.models import Booking
from local.testing.cast import at, make_booking, make_service

SEVEN = at("2027-01-14 07:00 +11:00")
# Newtown, Parramatta, Manly, Penrith, Hornsby, Cronulla, Bondi, Liverpool, Katoomba, and one that there is not.
POSTCODES = ("2042", "2150", "2095", "2750", "2077", "2230", "2026", "2170", "2780", "9999")


def a_day(seed: int, number: int) -> list[Stop]:
    dice = random.Random(seed)
    stops = []
    for _ in range(number):
        earliest = SEVEN + timedelta(minutes=30 * dice.randrange(16))
        window = timedelta(minutes=dice.choice((0, 60, 120, 240)))
        stops.append(Stop(dice.choice(POSTCODES), dice.choice((30, 60, 90)), earliest, earliest + window))
    return sorted(stops, key=lambda stop: stop.earliest)


@pytest.mark.parametrize("seed", range(40))
def test_no_order_of_up_to_seven_jobs_is_better(seed: int) -> None:
    stops = a_day(seed, 1 + seed % 7)
    start = Start("2042", SEVEN)
    order = best_order(start, stops, kilometres)
    assert sorted(order) == list(range(len(stops)))
    best = min(map(Day(start, stops, kilometres).cost, permutations(range(len(stops)))))
    assert cost_of(start, [stops[place] for place in order], kilometres) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(4))
def test_of_many_jobs_it_is_never_worse_than_as_booked(seed: int) -> None:
    stops, start = a_day(seed, 20), Start("2042", SEVEN)
    order = best_order(start, stops, kilometres)
    assert sorted(order) == list(range(20))
    assert cost_of(start, [stops[place] for place in order], kilometres) <= cost_of(start, stops, kilometres)


MIDDLES = {
    str(number): (random.Random(number).uniform(0, 50), random.Random(-number).uniform(0, 50))
    for number in range(40)
}


def crow(here: str, there: str) -> float:
    return dist(MIDDLES[here], MIDDLES[there])


def a_day_that_can_be_kept(seed: int, number: int) -> list[Stop]:
    """Windows around the arrivals of some way round, in the order of their beginnings."""
    dice, free_at, here, stops = random.Random(seed), SEVEN, "0", list[Stop]()
    for there in dice.sample(list(MIDDLES)[1:], number):
        arrival = free_at + timedelta(hours=crow(here, there) / KM_AN_HOUR)
        window = timedelta(minutes=dice.choice((30, 120, 240, 480)))
        earliest = max(SEVEN, arrival - window * dice.random())
        stops.append(Stop(there, 15, earliest, earliest + window))
        free_at, here = arrival + timedelta(minutes=15), there
    return sorted(stops, key=lambda stop: stop.earliest)


def by_vroom(start: Start, stops: list[Stop]) -> list[int]:
    """What somebody else's solver does with the same day; some stops are missing where it can't keep them."""
    places = [start.postcode, *(stop.postcode for stop in stops)]
    seconds = [[int(crow(here, there) * 3600 / KM_AN_HOUR) for there in places] for here in places]
    asked = vroom.Input()
    asked.set_durations_matrix("car", np.array(seconds, dtype=np.uint32))
    asked.add_vehicle(vroom.Vehicle(1, start=0))
    for place, stop in enumerate(stops):
        window = [int((at - start.free_at).total_seconds()) for at in (stop.earliest, stop.latest)]
        asked.add_job(
            vroom.Job(place, location=place + 1, default_service=stop.minutes * 60, time_windows=[window])
        )
    routes = asked.solve(exploration_level=5, nb_threads=1).routes
    return [int(place) for place in routes[routes.type == "job"].id]


@pytest.mark.parametrize("number", [4, 8, 10, 12, 15])
def test_an_independent_solver_finds_nothing_much_shorter(number: int) -> None:
    """Where it serves everybody in time we do, and drive a few percent more at most."""
    ours = theirs = compared = 0.0
    for seed in range(4):
        stops, start = a_day_that_can_be_kept(seed, number), Start("0", SEVEN)
        found = by_vroom(start, stops)
        if sorted(found) != list(range(number)):
            continue
        best = cost_of(start, [stops[place] for place in best_order(start, stops, crow)], crow)
        other = cost_of(start, [stops[place] for place in found], crow)
        assert best.late <= other.late
        assert best.km <= other.km * 1.05
        ours, theirs, compared = ours + best.km, theirs + other.km, compared + 1
    assert compared >= 2
    assert ours <= theirs * 1.02


@pytest.fixture
def windowed(sam: Tradie) -> Service:
    return make_service(sam, arrival_window_minutes=240, duration_minutes=30)


def there_and_back(service: Service) -> list[Booking]:
    """Newtown, Penrith, next to Newtown, next to Penrith."""
    return [
        make_booking(service, SEVEN + timedelta(hours=1 + number), address_postcode=postcode)
        for number, postcode in enumerate(("2042", "2750", "2043", "2747"))
    ]


def test_it_says_the_way_and_why_and_moves_nothing(windowed: Service, sam: Tradie) -> None:
    jobs = there_and_back(windowed)
    (suggestion,) = suggestions(sam, jobs, SEVEN)
    places = [job.address_postcode for job in suggestion.jobs]
    assert places in (["2042", "2043", "2747", "2750"], ["2043", "2042", "2747", "2750"])
    assert suggestion.km < suggestion.km_as_booked - 50
    assert suggestion.why == (
        f"About {suggestion.km} km in straight lines instead of {suggestion.km_as_booked} km,"
        " with every time you promised kept."
    )
    assert [job.starts_at for job in jobs] == [Booking.objects.get(pk=job.pk).starts_at for job in jobs]


def test_without_a_window_nothing_is_suggested(sam: Tradie) -> None:
    assert suggestions(sam, there_and_back(make_service(sam, duration_minutes=30)), SEVEN) == []


def test_what_has_begun_is_where_the_way_begins(windowed: Service, sam: Tradie) -> None:
    """The day is at the other end: what is near there comes first."""
    first = make_booking(windowed, SEVEN, address_postcode="2750", on_my_way_at=SEVEN)
    jobs = [first, *there_and_back(windowed)]
    (suggestion,) = suggestions(sam, jobs, SEVEN + timedelta(minutes=10))
    assert first not in suggestion.jobs
    assert suggestion.jobs[0].address_postcode in ("2747", "2750")


def test_an_exact_time_stays_where_it_is(windowed: Service, sam: Tradie) -> None:
    exact = make_service(sam, name="Exact", duration_minutes=30, position=1)
    first = make_booking(exact, SEVEN + timedelta(minutes=30), address_postcode="2230")
    (suggestion,) = suggestions(sam, [first, *there_and_back(windowed)], SEVEN)
    assert suggestion.jobs[0] == first
    assert suggestion.keeps_all


def test_where_a_business_is(db: None) -> None:
    assert postcode_of("newtown", "NSW") == "2042"
    assert postcode_of("Nowhere at all", "NSW") == ""

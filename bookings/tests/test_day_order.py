"""The suggested order of a day: what was promised first, then the shortest way; a suggestion only."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import permutations

import pytest

from accounts.localities import kilometres, postcode_of
from accounts.models import Service, Tradie
from bookings.day_order import Cost, Route, Stop, best_order, cost_of, suggestions
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
    start = Route("2042", SEVEN, Cost(0.0, 0.0))
    order = best_order(start, stops, kilometres)
    assert sorted(order) == list(range(len(stops)))
    best = min(cost_of(start, each, kilometres) for each in permutations(stops))
    assert cost_of(start, [stops[place] for place in order], kilometres) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(4))
def test_of_many_jobs_it_is_never_worse_than_as_booked(seed: int) -> None:
    stops, start = a_day(seed, 20), Route("2042", SEVEN, Cost(0.0, 0.0))
    order = best_order(start, stops, kilometres)
    assert sorted(order) == list(range(20))
    assert cost_of(start, [stops[place] for place in order], kilometres) <= cost_of(start, stops, kilometres)


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

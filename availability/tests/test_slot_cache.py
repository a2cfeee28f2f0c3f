"""The cache of answers: never older than the last change, never in the way when Redis is."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis

from accounts.models import Service, Tradie
from availability import slot_cache, slot_redis
from availability.catalogue import change_service
from availability.crew import add_calendar, start_calendar, stop_calendar
from availability.hours import replace_date, replace_week
from availability.listing import Asked, day_listing
from availability.models import TimeOff
from availability.slot_cache import Answer
from availability.time_off import save_time_off
from bookings.actors import By
from bookings.details import Attempt, Details
from bookings.lifecycle import release_booking
from bookings.models import Actor, Booking, Status
from bookings.moving import move_booking
from bookings.open_slots import list_times
from bookings.scheduling import request_booking
from bookings.slot_inputs import load, parameters
from bookings.terms import terms_of
from local.testing.cast import add_hours, soon
from peepopay.local_time import in_zone
from web.api.availability_query import query_in
from web.tests.api.http import Response, get
from web.wsgi import application

committing = pytest.mark.django_db(transaction=True)
IN_AN_HOUR = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.RATE_LIMITS = False


def offered(tradie: Tradie, day: Any) -> list[str]:
    return [slot["start"] for slot in ask(tradie, day).json()["slots"]]


def ask(tradie: Tradie, day: Any) -> Response:
    answer = get(application, f"/api/availability/{tradie.slug}?date={day}")
    assert answer.status == 200
    return answer


def key_of(day: date) -> str:
    return query_in(f"date={day}").key


def book(service: Service, start: datetime, jo: Details) -> Booking:
    return request_booking(
        tradie=service.tradie,
        service=service,
        starts_at=start,
        details=jo,
        attempt=Attempt(),
        now=timezone.now(),
    )


@committing
def test_bookings_and_releases_and_moves_show_in_the_very_next_answer(
    sam: Tradie, quote: Service, jo: Details
) -> None:
    start, later = soon(sam, days=3, hour=9), soon(sam, days=3, hour=11)
    day = start.date()
    assert start.isoformat() in offered(sam, day)
    booking = book(quote, start, jo)
    assert start.isoformat() not in offered(sam, day)
    moved = move_booking(booking, later, by=By(Actor.TRADIE), now=timezone.now())
    assert start.isoformat() in offered(sam, day)
    assert later.isoformat() not in offered(sam, day)
    release_booking(moved, Status.CANCELLED, by=By(Actor.TRADIE), now=timezone.now())
    assert later.isoformat() in offered(sam, day)


@committing
def test_changes_of_hours_time_off_and_services_show_in_the_very_next_answer(
    sam: Tradie, quote: Service
) -> None:
    day = in_zone(timezone.now(), sam.timezone).date() + timedelta(days=3)

    def replace_hours() -> None:
        replace_week(sam.calendars.get(), {weekday: [(480, 900)] for weekday in range(7)})

    def take_time_off() -> None:
        block = TimeOff(starts_at=soon(sam, days=3, hour=8), ends_at=soon(sam, days=3, hour=9))
        save_time_off(sam.calendars.get(), block)

    def change_length() -> None:
        quote.duration_minutes = 60
        change_service(sam, quote)

    def close_the_day() -> None:
        replace_date(sam.calendars.get(), day, [])

    seen = [offered(sam, day)]
    for change in (replace_hours, take_time_off, change_length, close_the_day):
        change()
        seen.append(offered(sam, day))
    assert [len(times) for times in seen] == [18, 14, 12, 11, 0]


@committing
def test_an_answer_computed_before_a_booking_is_not_kept_after_it(
    sam: Tradie, quote: Service, jo: Details
) -> None:
    start = soon(sam, days=3, hour=9)
    asked = key_of(start.date())
    sam.refresh_from_db()
    version_at_the_miss = sam.calendar_version
    book(quote, start, jo)
    slot_cache.store(sam.slug, asked, version_at_the_miss, Answer.of(b"stale"), IN_AN_HOUR)
    assert slot_cache.read(sam.slug, asked) is None
    sam.refresh_from_db()
    slot_cache.store(sam.slug, asked, sam.calendar_version, Answer.of(b"fresh"), IN_AN_HOUR)
    assert slot_cache.read(sam.slug, asked) == Answer.of(b"fresh")


@pytest.mark.slow
@committing
def test_of_300_bookings_that_meet_a_miss_none_is_offered_again(
    sam: Tradie, quote: Service, jo: Details
) -> None:
    """The miss begins before the booking and is stored before, during or after it."""
    today = in_zone(timezone.now(), sam.timezone).date()
    starts = [start for n in range(2, 22) for start in offered(sam, today + timedelta(days=n))]
    stale = 0
    with ThreadPoolExecutor(1) as other_customer:
        for start in map(datetime.fromisoformat, starts[:300]):
            missed = threading.Event()
            miss = other_customer.submit(a_slow_miss, sam, start.date(), missed)
            missed.wait()
            book(quote, start, jo)
            miss.result()
            stale += start.isoformat() in offered(sam, start.date())
        other_customer.submit(lambda: connection.close()).result()
    assert stale == 0


@pytest.mark.slow
@committing
def test_the_last_of_several_to_be_booked_takes_the_time_from_the_list(
    sam: Tradie, quote: Service, jo: Details
) -> None:
    """Whoever of them is booked; a miss that saw one of them free is stored before, during or after it."""
    for name in ("Kim", "Lee"):
        add_hours(add_calendar(sam, name))
    today = in_zone(timezone.now(), sam.timezone).date()
    starts = [start for n in range(2, 8) for start in offered(sam, today + timedelta(days=n))]
    with ThreadPoolExecutor(1) as other_customer:
        for start in map(datetime.fromisoformat, starts[:60]):
            for left in (2, 1, 0):
                missed = threading.Event()
                miss = other_customer.submit(a_slow_miss, sam, start.date(), missed)
                missed.wait()
                book(quote, start, jo)
                miss.result()
                assert (start.isoformat() in offered(sam, start.date())) == (left > 0)
        other_customer.submit(lambda: connection.close()).result()


@committing
def test_who_starts_and_stops_shows_in_the_very_next_answer(sam: Tradie, quote: Service) -> None:
    day = soon(sam, days=3).date()
    lee = add_calendar(sam, "Lee")
    replace_week(lee, {weekday: [(16 * 60, 17 * 60)] for weekday in range(7)})
    seen = [offered(sam, day)]
    for change in (stop_calendar, start_calendar):
        change(lee)
        seen.append(offered(sam, day))
    change_service(sam, quote, [lee])
    assert [len(times) for times in [*seen, offered(sam, day)]] == [20, 18, 20, 2]


def a_slow_miss(tradie: Tradie, day: date, missed: threading.Event) -> None:
    """What the endpoint does on a miss, with a pause between reading the calendar and storing the answer."""
    listing, version = list_times(tradie.slug, None, day, datetime.now(UTC))
    missed.set()
    time.sleep(random.uniform(0, 0.03))
    asked = key_of(day)
    slot_cache.store(tradie.slug, asked, version, Answer.of(listing.body), listing.good_until)


def test_drops_that_arrive_out_of_order_do_no_harm() -> None:
    slot_cache.drop("sam", 5)
    slot_cache.store("sam", "2027-01 ", 5, Answer.of(b"of five"), IN_AN_HOUR)
    slot_cache.drop("sam", 4)
    assert slot_cache.read("sam", "2027-01 ") == Answer.of(b"of five")
    slot_cache.drop("sam", 6)
    assert slot_cache.read("sam", "2027-01 ") is None


def test_an_answer_is_not_given_beyond_its_time() -> None:
    slot_cache.store(
        "sam", "2027-01 ", 1, Answer.of(b"for now"), datetime.now(UTC) + timedelta(milliseconds=80)
    )
    assert slot_cache.read("sam", "2027-01 ") == Answer.of(b"for now")
    time.sleep(0.1)
    assert slot_cache.read("sam", "2027-01 ") is None


def test_redis_keeps_nothing_longer_than_five_minutes(settings: Any) -> None:
    slot_cache.store("sam", "2027-01 ", 1, Answer.of(b"x"), IN_AN_HOUR)
    assert 0 < Redis.from_url(settings.REDIS_URL).ttl("slots:sam") <= 300


def test_redis_keeps_so_many_answers_of_a_tradie_and_no_more(settings: Any) -> None:
    for postcode in range(slot_cache.MOST_ANSWERS + 10):
        slot_cache.store("sam", f"2027-01  {postcode}", 1, Answer.of(b"x"), IN_AN_HOUR)
    assert Redis.from_url(settings.REDIS_URL).hlen("slots:sam") == 10
    assert slot_cache.read("sam", f"2027-01  {postcode}") == Answer.of(b"x")


def test_a_time_that_comes_too_close_leaves_the_answer(sam: Tradie, drain: Service) -> None:
    """Nothing changes in the calendar; the notice alone takes it away."""
    now = soon(sam, days=3, hour=6, minute=58).astimezone(UTC)
    day = in_zone(now, sam.timezone).date()
    inputs = load(parameters(sam.slug, None, day, day, now))
    assert inputs
    asked = Asked(inputs.diaries, terms_of(drain).job, sam.timezone, sam.horizon_days, None)
    # Two hours' notice: the 9:00 leaves at 7:00. Far from any slot it is the five minutes, or midnight.
    assert day_listing(asked, day, now).good_until == soon(sam, days=3, hour=7)
    evening = soon(sam, days=3, hour=20)
    assert day_listing(asked, day, evening).good_until == evening + timedelta(minutes=5)
    assert day_listing(asked, day, soon(sam, days=3, hour=23, minute=58)).good_until == soon(
        sam, days=4, hour=0
    )


class TestRedisAway:
    @pytest.fixture(autouse=True)
    def own_breaker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(slot_redis, "breaker", slot_redis.Breaker())

    @pytest.fixture
    def away(self, settings: Any) -> Iterator[Callable[[], None]]:
        """Redis is away; call it for Redis to come back."""
        url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1"

        def come_back() -> None:
            settings.REDIS_URL = url

        yield come_back
        come_back()

    @committing
    def test_answers_come_from_the_database(self, sam: Tradie, drain: Service, away: Any) -> None:
        day = in_zone(timezone.now(), sam.timezone).date() + timedelta(days=3)
        assert [len(offered(sam, day)) for _ in range(3)] == [17, 17, 17]
        assert slot_redis.breaker.errors == 1  # the others did not wait for it

    @committing
    def test_a_booking_is_made_and_seen(self, sam: Tradie, quote: Service, jo: Details, away: Any) -> None:
        start = soon(sam, days=3, hour=9)
        book(quote, start, jo)
        assert start.isoformat() not in offered(sam, start.date())

    @committing
    def test_a_drop_it_missed_reaches_it_when_it_is_back(
        self, sam: Tradie, quote: Service, jo: Details, settings: Any, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(slot_cache, "RETRY_DROPS_EVERY_SECONDS", 0.02)
        monkeypatch.setattr(slot_redis, "REST_AFTER_ERROR_SECONDS", 0.02)
        start = soon(sam, days=3, hour=9)
        asked = key_of(start.date())
        assert start.isoformat() in offered(sam, start.date())
        url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1"
        book(quote, start, jo)
        settings.REDIS_URL = url
        # Redis still has the old answer, but this process knows that it does.
        assert slot_cache.read(sam.slug, asked) is None
        wait_until(lambda: Redis.from_url(url).hget(f"slots:{sam.slug}", asked) is None)
        assert start.isoformat() not in offered(sam, start.date())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)

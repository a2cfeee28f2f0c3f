"""Answers on loan: another process may give them without asking Redis, and nobody ever sees an old one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from availability import slot_cache, slot_redis
from availability.slot_cache import DROP, Answer
from availability.slot_loans import LOAN_SECONDS, PAYS_FROM, Loans

SLUG, KEY = "sam", "2027-01  "
CALENDAR = f"slots:{SLUG}:calendar"
OtherProcess = Callable[[], str]


@pytest.fixture
def redis(settings: Any) -> Redis:
    return Redis.from_url(settings.REDIS_URL)


@pytest.fixture
def other_process(settings: Any) -> Iterator[OtherProcess]:
    """Asks a process with a crowd before it what it answers now."""
    crowded = subprocess.Popen(
        [sys.executable, "-m", "availability.tests.flooded_reader", SLUG, KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crowded.stdin
    assert crowded.stdout
    question, answer = crowded.stdin, crowded.stdout

    def ask() -> str:
        print(file=question, flush=True)
        return answer.readline().strip()

    yield ask
    question.close()
    crowded.wait(10)
    answer.close()


def keep(text: str, version: int) -> None:
    slot_cache.store(SLUG, KEY, version, Answer.of(text.encode()), datetime.now(UTC) + timedelta(hours=1))


def wait_until_lent(redis: Redis) -> None:
    """Until somebody has borrowed an answer just now."""
    deadline = time.monotonic() + 30
    while float(redis.hget(CALENDAR, "lent_until") or 0) < time.time() * 1000 + LOAN_SECONDS * 800:  # type: ignore[arg-type]
        assert time.monotonic() < deadline, "nobody borrowed it"


@pytest.mark.slow
def test_once_the_answers_are_dropped_no_process_gives_an_older_one(
    other_process: OtherProcess, redis: Redis
) -> None:
    seen = []
    for version in range(1, 61):
        keep(f"version {version}", version)
        wait_until_lent(redis)
        slot_cache.drop(SLUG, version + 1)
        seen.append(other_process())
    assert set(seen) == {"nothing"}


def test_without_the_wait_it_would(other_process: OtherProcess, redis: Redis) -> None:
    """That the test above can fail: the same drop, but nobody waits for the loans to run out."""
    deadline = time.monotonic() + 30
    version, seen = 1, "nothing"
    while seen == "nothing" and time.monotonic() < deadline:
        keep(f"version {version}", version)
        wait_until_lent(redis)
        slot_redis.run(DROP, slot_cache._keys(SLUG), version + 1)
        seen = other_process()
        version += 1
    assert seen.startswith("version")


def test_a_drop_waits_only_where_something_was_lent(redis: Redis) -> None:
    keep("now and then", 1)
    time.sleep(LOAN_SECONDS)  # what Redis did not know of before might have been lent
    for _ in range(PAYS_FROM // 2):
        assert slot_cache.read(SLUG, KEY)
    assert float(redis.hget(CALENDAR, "lent_until") or 0) <= time.time() * 1000  # type: ignore[arg-type]
    slot_cache.drop(SLUG, 2)
    assert slot_cache.read(SLUG, KEY) is None


def test_a_redis_that_was_emptied_may_have_lent_anything(redis: Redis) -> None:
    keep("lent", 1)
    for _ in range(PAYS_FROM + 1):
        slot_cache.read(SLUG, KEY)
    redis.flushdb()
    emptied = time.monotonic()
    slot_cache.drop(SLUG, 2)
    assert time.monotonic() - emptied >= LOAN_SECONDS * 0.9
    redis.flushdb()
    emptied = time.monotonic()
    keep("stored by somebody who had computed it before", 3)
    slot_cache.drop(SLUG, 4)
    assert time.monotonic() - emptied >= LOAN_SECONDS * 0.9


def test_what_is_lent_is_given_without_redis_until_the_loan_runs_out(redis: Redis) -> None:
    keep("lent", 1)
    while not slot_cache._loans.get((SLUG, KEY)):
        assert slot_cache.read(SLUG, KEY)
    redis.delete(f"slots:{SLUG}")
    deadline = time.monotonic() + 1
    while slot_cache.read(SLUG, KEY):
        assert time.monotonic() < deadline


def test_only_what_is_asked_often_is_borrowed() -> None:
    loans: Loans[str] = Loans()
    assert not any(loans.pays(name) for name in range(1000))
    assert any(loans.pays("the same") for _ in range(3 * PAYS_FROM))


def test_a_loan_is_counted_from_before_it_was_asked_for() -> None:
    loans: Loans[str] = Loans()
    loans.keep("a", "fresh", time.monotonic())
    loans.keep("b", "slow to come", time.monotonic() - LOAN_SECONDS)
    assert (loans.get("a"), loans.get("b")) == ("fresh", None)

"""GET /status: what works, in words for people. While parts are really away: `web/tests/faults/test_status_page.py`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Tradie
from local.testing.cast import owner_of
from web import status
from web.status import Found, lines_of

ALL = {"db", "stripe", "rabbitmq", "relay", "worker", "beat"}
ALL |= {f"queue {name}" for name in ("webhooks", "messages", "outgoing", "sweeps")}
QUEUES = {name for name in ALL if name.startswith("queue")}
LATE, DOWN = "delayed", "down"


def states(*away: str) -> dict[str, str]:
    found = lines_of({name: name not in away for name in ALL})
    return {line.what.split()[0]: line.state for line in found if line.state != "working"}


@pytest.mark.parametrize(
    ("away", "told"),
    [
        (set(), {}),
        ({"beat", *QUEUES}, {}),
        ({"queue outgoing", "queue sweeps"}, {}),
        ({"stripe"}, {"Paying": DOWN, "Refunds": LATE}),
        ({"rabbitmq"}, {"Emails": LATE, "Refunds": LATE}),
        ({"relay"}, {"Emails": LATE, "Refunds": LATE}),
        ({"worker"}, {"Emails": LATE, "Refunds": LATE}),
        ({"queue messages"}, {"Emails": LATE}),
        ({"queue webhooks"}, {"Refunds": LATE}),
        (
            {"db"},
            {
                "Booking": DOWN,
                "Paying": DOWN,
                "Changing": DOWN,
                "Emails": LATE,
                "Refunds": LATE,
                "Dashboard": DOWN,
            },
        ),
    ],
)
def test_what_people_can_do_follows_from_what_is_away(away: set[str], told: dict[str, str]) -> None:
    assert states(*away) == told
    for line in lines_of({name: name not in away for name in ALL}):
        assert bool(line.advice) == (line.state != "working")


def test_nothing_that_is_known_is_well() -> None:
    assert {line.state for line in lines_of({})} == {LATE, DOWN}


def headline(*away: str) -> str:
    return Found(
        lines_of({name: name not in away for name in ALL}), datetime(2026, 11, 26, 4, 5, tzinfo=UTC)
    ).headline


def test_the_headline_says_the_worst() -> None:
    assert headline() == "Everything is working"
    assert headline("relay") == "Working, with delays"
    assert headline("relay", "stripe") == "Some things aren't working"


def test_the_time_is_said_with_its_zone() -> None:
    assert Found([], datetime(2026, 11, 26, 4, 5, tzinfo=UTC)).checked == "3:05 pm (AEDT, Sydney time)"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "kept", status.Kept())


def test_a_stranger_reads_it_without_a_cookie_and_it_may_be_kept_for_ten_seconds(
    client: Client, db: None, fresh: None
) -> None:
    answer = client.get("/status")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Booking a time" in page
    assert "be paid right now" in page  # nothing listens where the tests' Stripe would be
    assert (answer["Cache-Control"], dict(answer.cookies)) == ("public, max-age=10", {})
    assert "Cookie" not in answer.get("Vary", "")
    for secret in ("127.0.0.1", "localhost", "rabbitmq", "postgres", "Error", "stripe"):
        assert secret not in page


def test_it_asks_nothing_about_who_comes(
    client: Client, sam: Tradie, fresh: None, django_assert_num_queries: Any
) -> None:
    client.force_login(owner_of(sam))
    with django_assert_num_queries(0):
        assert client.get("/status").status_code == 200


def test_a_crowd_costs_one_look(
    client: Client, db: None, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = status.kept.latest()
    assert all(status.kept.latest() is first for _ in range(20))
    monkeypatch.setattr(status.kept, "_due_at", 0.0)
    assert status.kept.latest() is not first

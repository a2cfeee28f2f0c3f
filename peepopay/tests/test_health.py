"""GET /health and its parts. What programs that fall silent look like: `web/tests/faults/test_heartbeats.py`."""

import threading
import time

import pytest
from django.db import connection

from peepopay import health, heartbeats

QUEUES = [f"queue {name}" for name in ("webhooks", "messages", "outgoing", "sweeps")]
SILENT_FOR = {"relay": 61, "worker": 61, "beat": 121, "queue webhooks": 121}


@pytest.fixture(autouse=True)
def _fresh_looks():
    health.looks.forget()


def test_health_is_about_this_process_alone(client, settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1"
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "healthy",
        "checks": {"process": {"status": "healthy", "latency_ms": 0.0}},
    }


@pytest.mark.parametrize("part", ["db", "redis"])
def test_a_healthy_part_answers_200_with_its_latency(client, part):
    response = client.get(f"/health/{part}")
    assert (response.status_code, response.json()["status"]) == (200, "healthy")
    assert set(response.json()["checks"]) == {part}


def test_a_dead_redis_answers_503_in_the_same_shape_and_names_no_host(client, settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1"
    response = client.get("/health/redis")
    assert response.status_code == 503
    assert response.json()["checks"]["redis"]["status"] == "unhealthy"
    assert "127.0.0.1" not in response.content.decode()
    assert "secret" not in response.content.decode()


def test_many_who_ask_at_once_cause_one_look():
    asked, go_on = [], threading.Event()
    slow = health.Looks(db=lambda: asked.append(1) or (go_on.wait(5) and {}))
    first = slow.at("db")
    assert [slow.at("db") for _ in range(20)] == [first] * 20
    go_on.set()
    first.result(timeout=5)
    assert slow.at("db") is first
    assert asked == [1]


def test_a_part_that_hangs_is_unhealthy_and_the_answer_comes_within_three_seconds(client, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(health, "looks", health.Looks(db=lambda: go_on.wait(10) and {}))
    started = time.monotonic()
    response = client.get("/health/db")
    assert time.monotonic() - started < 3
    assert (response.status_code, response.json()["checks"]["db"]["status"]) == (503, "unhealthy")
    go_on.set()


@pytest.fixture
def signs(transactional_db):
    """Signs of life of everybody, just now. They are written beside the test's own connection."""
    for name in heartbeats.patience():
        heartbeats.note(name)


def grow_older(name, seconds):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE peepopay_heartbeat SET at = at - make_interval(secs => %s) WHERE name = %s",
            [seconds, name],
        )


def test_everybody_alive_is_healthy_with_the_age_of_the_last_sign(client, signs):
    grow_older("beat", 30)
    response = client.get("/health/workers")
    assert response.status_code == 200
    checks = response.json()["checks"]
    assert list(checks) == ["relay", "worker", "beat", *QUEUES]
    assert {frozenset(check) for check in checks.values()} == {
        frozenset({"status", "latency_ms", "age_seconds"})
    }
    assert 30 <= checks["beat"]["age_seconds"] < 45
    assert checks["relay"]["age_seconds"] < 15


@pytest.mark.parametrize(("name", "seconds"), SILENT_FOR.items())
def test_who_was_silent_for_four_beats_or_pulses_is_unhealthy(client, signs, name, seconds):
    grow_older(name, seconds)
    response = client.get("/health/workers")
    assert (response.status_code, response.json()["status"]) == (503, "unhealthy")
    checks = response.json()["checks"]
    assert [other for other, check in checks.items() if check["status"] == "unhealthy"] == [name]


def test_who_never_gave_a_sign_is_unhealthy_without_an_age(client, transactional_db):
    checks = client.get("/health/workers").json()["checks"]
    assert {(check["status"], check["age_seconds"]) for check in checks.values()} == {("unhealthy", None)}


def test_a_heartbeat_keeps_the_figures_of_the_last_run(transactional_db):
    heartbeats.note("check_invariants", broken=2, waiting=1)
    heartbeats.note("check_invariants", broken=0, waiting=1)
    assert heartbeats.signs()["check_invariants"].facts == {"broken": 0, "waiting": 1}


def test_a_heart_beats_once_in_its_time_however_often_its_loop_comes_by(transactional_db, settings):
    heart = heartbeats.Heart("relay")
    heart.beat()
    first = heartbeats.signs()["relay"].seconds
    for _ in range(3):
        heart.beat()
    assert heartbeats.signs()["relay"].seconds > first

"""GET /health/workers while relay, beat and worker are frozen or dead: who is silent is named, and web stays in."""

from __future__ import annotations

import pytest

from local.ports import wait_until

from .conftest import Town

pytestmark = pytest.mark.slow

QUEUES = {"queue webhooks", "queue messages", "queue outgoing", "queue sweeps"}
MISSED_SECONDS = 20  # four beats of a second, or four pulses of two


def silent(town: Town) -> set[str]:
    checks = town.health("/workers").body["checks"]
    assert set(checks) == {"relay", "beat", "worker", *QUEUES}
    return {name for name, check in checks.items() if check["status"] == "unhealthy"}


def test_a_frozen_relay_or_worker_and_a_dead_beat_are_missed_by_name_until_they_are_back(town: Town) -> None:
    processes = town.stack.processes
    processes["relay"].freeze()
    processes["beat"].kill()
    try:
        assert wait_until(lambda: silent(town) == {"relay", "beat", *QUEUES}, seconds=MISSED_SECONDS)
        answer = town.health("/workers")
        assert (answer.status, answer.body["status"]) == (503, "unhealthy")
        ages = {name: check["age_seconds"] for name, check in answer.body["checks"].items()}
        assert ages["worker"] < 4 < min(ages["relay"], ages["beat"])
        assert [town.health(part).status for part in ("", "/db", "/redis", "/rabbitmq")] == [200] * 4
    finally:
        processes["relay"].thaw()
        processes["beat"].start()
    assert wait_until(lambda: silent(town) == set(), seconds=MISSED_SECONDS)

    processes["worker"].freeze()
    try:
        assert wait_until(lambda: "worker" in silent(town), seconds=MISSED_SECONDS)
        assert "relay" not in silent(town)
    finally:
        processes["worker"].thaw()
    assert wait_until(lambda: silent(town) == set(), seconds=MISSED_SECONDS)

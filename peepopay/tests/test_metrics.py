"""Figures of several processes added up, the memory of a container, and where they are shown."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from prometheus_client import REGISTRY

from local.ports import free_port
from peepopay import checks, metrics, programs
from peepopay.observed_requests import seconds_of

# Two processes count and hold something; one of them ends.
SEVERAL = """
import os, sys
import django; django.setup()
from prometheus_client import Counter, Gauge
from peepopay import metrics

counted = Counter("counted", "x")
held = Gauge("held", "x", multiprocess_mode="livesum")

def child():
    counted.inc(2)
    held.set(5)
    os._exit(0)

pid = os.fork()
if pid == 0:
    child()
os.waitpid(pid, 0)
counted.inc(1)
held.set(7)
found = metrics.registry()
print(found.get_sample_value("counted_total"), found.get_sample_value("held"))
"""


def test_what_the_dead_have_counted_stays_and_what_they_held_does_not(tmp_path: Path) -> None:
    program = programs.worker({"METRICS_ADDRESS": "127.0.0.1:9100"}, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        env=os.environ | program.environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["3.0", "7.0"]


def test_a_program_that_shows_nothing_keeps_no_files(tmp_path: Path) -> None:
    assert "PROMETHEUS_MULTIPROC_DIR" not in programs.web({}, tmp_path).environment
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("limit", "told"), [("209715200\n", 209_715_200.0), ("max\n", None)])
def test_a_containers_memory_is_what_the_kernel_holds_against_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: float | None
) -> None:
    """Without a limit it has the machine's."""
    (tmp_path / "memory.current").write_text("104857600\n")
    (tmp_path / "memory.stat").write_text("anon 90000000\ninactive_file 4857600\nactive_file 1000\n")
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(metrics, "CGROUP", tmp_path)
    found = metrics.registry()
    assert found.get_sample_value("peepopay_memory_bytes") == 100_000_000
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert found.get_sample_value("peepopay_memory_limit_bytes") == (told or machine)


def test_processes_that_share_a_port_all_listen_and_nobody_else_may(settings: Any) -> None:
    port = free_port()
    settings.METRICS_ADDRESS = f"127.0.0.1:{port}"
    metrics.serve(shared=True)
    metrics.serve(shared=True)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"peepopay_memory_bytes" in answer.read()
    with pytest.raises(OSError, match="in use"):
        metrics.serve()


@pytest.mark.parametrize(
    ("address", "faults"),
    [
        ("", 0),
        ("0.0.0.0:9100", 0),
        ("9100", 1),
        ("0.0.0.0", 1),
        (":9100", 1),
        ("0.0.0.0:x", 1),
        ("0.0.0.0:0", 1),
    ],
)
def test_an_address_that_nobody_could_listen_at_is_named(settings: Any, address: str, faults: int) -> None:
    settings.METRICS_ADDRESS = address
    found = list(checks.metrics_have_an_address())
    assert [message.id for message in found] == ["peepopay.E014"] * faults


def requests(**labels: str) -> float:
    return REGISTRY.get_sample_value("peepopay_http_request_seconds_count", labels) or 0.0


@pytest.mark.parametrize(
    ("method", "address", "labels"),
    [
        ("GET", "/health", {"route": "health", "method": "GET", "status": "2xx"}),
        ("POST", "/health", {"route": "health", "method": "POST", "status": "4xx"}),
        ("GET", "/api/nothing/of/this/kind", {"route": "unmatched", "method": "GET", "status": "4xx"}),
        ("BREW", "/health", {"route": "health", "method": "other", "status": "4xx"}),
    ],
)
def test_a_request_is_counted_by_the_name_of_its_route(
    client: Any, method: str, address: str, labels: dict[str, str]
) -> None:
    before = requests(**labels)
    client.generic(method, address)
    assert requests(**labels) == before + 1


def test_a_method_that_somebody_made_up_makes_no_figure_of_its_own() -> None:
    assert seconds_of("health", "A" * 60, 405) is seconds_of("health", "B", 499)

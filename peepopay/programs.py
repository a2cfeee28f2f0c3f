"""How each program of the product is started, by the image (`python -m peepopay web`), `make run` and the tests."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import alive

# Celery would build and tear down a connection pool around each task, and import every page to check it.
WITHOUT_POOL = {"DATABASE_POOL_MAX": "0", "CELERY_SKIP_CHECKS": "true"}


@dataclass(frozen=True)
class Program:
    """`words` are for Python, in the project's folder; `environment` goes on top of what the program was given."""

    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def argv(self) -> list[str]:
        return [sys.executable, *self.words]


def named(name: str, scratch: Path) -> dict[str, str]:
    """For a program that is known to live by the file that it touches."""
    return {"PEEPOPAY_PROGRAM": name, alive.FILE: str(alive.file_of(name, scratch))}


def counting_together(given: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """For a program of several processes: a folder of its own in which they add up what they count (metrics.py)."""
    if not given.get("METRICS_ADDRESS"):
        return {}
    return {"PROMETHEUS_MULTIPROC_DIR": tempfile.mkdtemp(prefix="metrics-", dir=scratch)}


def web(given: Mapping[str, str], scratch: Path) -> Program:
    return Program(("deploy/serve.py",), {"PEEPOPAY_PROGRAM": "web", **counting_together(given, scratch)})


def worker(given: Mapping[str, str], scratch: Path) -> Program:
    queues = given.get("WORKER_QUEUES")
    return Program(
        (
            *("-m", "celery", "--app", "peepopay.celery_app", "worker", "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle"),
            *("--concurrency", given.get("WORKER_CONCURRENCY") or "2"),
            *(("--queues", queues) if queues else ()),
        ),
        named("worker", scratch) | WITHOUT_POOL | counting_together(given, scratch),
    )


def beat(given: Mapping[str, str], scratch: Path) -> Program:
    """Keeps in `scratch` when each sweep last ran; without the file it begins anew."""
    return Program(("-m", "peepopay.beat_app", str(scratch / "beat-schedule")), named("beat", scratch))


def relay(given: Mapping[str, str], scratch: Path) -> Program:
    return Program(("manage.py", "relay"), named("relay", scratch) | WITHOUT_POOL)


def migrate(given: Mapping[str, str], scratch: Path) -> Program:
    """Tables, the limits of the role's sessions, and the table of the cache that holds counted guesses."""
    return Program(("manage.py", "migrate", "--noinput"), {"PEEPOPAY_PROGRAM": "migrate"})


def check(given: Mapping[str, str], scratch: Path) -> Program:
    """What can be known before new code takes over: all of Django's checks, and whether the servers answer."""
    return Program(("manage.py", "preflight"), {"PEEPOPAY_PROGRAM": "check"})


PROGRAMS = {program.__name__: program for program in (web, worker, beat, relay, migrate, check)}

"""Beat and the relay do little, and load little: each is a container of its own on a small machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from peepopay import celery_config, outbox

BIG = {"web", "rest_framework", "allauth", "drf_spectacular", "stripe", "redis", "requests"}
APPS = {"accounts", "notifications", "availability", "bookings", "ledger", "payments", "invoicing"}


def loaded_by(code: str, program: str, **environment: str) -> tuple[set[str], str]:
    """The modules that a fresh Python holds after `code`, and what that printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        env=os.environ | {"PEEPOPAY_PROGRAM": program, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    *printed, modules = done.stdout.splitlines()
    return set(modules.split()), "\n".join(printed)


@pytest.fixture(scope="module")
def relay() -> tuple[set[str], str]:
    return loaded_by(
        "import django; django.setup()\n"
        "from peepopay.management.commands import relay; from peepopay import celery_config, outbox\n"
        "print(*(f'{kind._meta.label} {kind.queue}' for kind in outbox.kinds()), sep='\\n')",
        "relay",
    )


def test_the_relay_knows_every_kind_of_row_that_there_is(relay: tuple[set[str], str]) -> None:
    assert relay[1].splitlines() == [f"{kind._meta.label} {kind.queue}" for kind in outbox.kinds()]


def test_the_relay_loads_no_page_no_task_and_no_client_of_somebody_elses(
    relay: tuple[set[str], str],
) -> None:
    assert relay[0] & (BIG | {f"{app}.tasks" for app in APPS}) == set()


BEAT = """
from celery.beat import Scheduler
from peepopay.beat_app import app
app.loader.init_worker(); app.finalize()
clock = Scheduler(app, lazy=False)
for entry in clock.schedule.values():
    clock.apply_async(entry, advance=False)
for entry in clock.schedule.values():
    queue = app.connection().SimpleQueue(app.amqp.queues[entry.options.get("queue", "sweeps")])
    print(queue.get(timeout=1).headers["task"])
"""


def test_beat_publishes_every_sweep_without_an_app_or_a_database() -> None:
    loaded, printed = loaded_by(BEAT, "beat", CELERY_BROKER_URL="memory://")
    assert loaded & (BIG | APPS | {"psycopg"}) == set()
    assert sorted(printed.split()) == sorted(entry["task"] for entry in celery_config.beat_schedule.values())


def test_every_name_that_beat_publishes_is_a_task_of_the_workers() -> None:
    from peepopay.celery_app import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in celery_config.beat_schedule.values()} <= set(app.tasks)

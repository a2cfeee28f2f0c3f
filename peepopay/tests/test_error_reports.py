"""What goes to Sentry, from real processes. Of a running product: `web/tests/faults/test_canaries.py`."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from local.ports import LOOPBACK, free_port
from local.testing.sentry import Sentry
from peepopay import error_reports, request_ids

SET_UP = "import django; django.setup(); import sys; print('sentry_sdk' in sys.modules)"


def run(*words: str, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env=os.environ | {"PEEPOPAY_PROGRAM": program, "SENTRY_DSN": "", **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=30,
    )


@contextmanager
def taken_port() -> Iterator[str]:
    """An address at which nobody else can listen."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield f"{LOOPBACK}:{server.getsockname()[1]}"


@pytest.mark.parametrize(("program", "dsn"), [("web", ""), ("", "http://key@127.0.0.1:1/2")])
def test_without_a_dsn_or_at_a_prompt_the_sdk_is_not_loaded(program: str, dsn: str) -> None:
    assert run("-c", SET_UP, program=program, SENTRY_DSN=dsn).stdout == "False\n"


@pytest.mark.parametrize(
    ("program", "words"),
    [("relay", ["manage.py", "relay"]), ("beat", ["-m", "peepopay.beat_app", "schedule"])],
)
def test_a_relay_or_beat_that_ends_is_reported(
    program: str, words: list[str], sentry: Sentry, tmp_path: Path
) -> None:
    words = [*words[:-1], str(tmp_path / words[-1])] if program == "beat" else words
    with taken_port() as address:
        done = run(
            *words,
            program=program,
            SENTRY_DSN=sentry.dsn,
            SENTRY_RELEASE="a release",
            METRICS_ADDRESS=address,
        )
    assert done.returncode == 1
    (event,) = sentry.of(lambda event: (event["transaction"], event["level"]) == (program, "fatal"))
    assert (event["message"], event["release"]) == ("the program ends", "a release")
    assert event["exception"]["values"][-1]["value"] == "OSError"
    assert event["environment"] == "production"


def test_a_sentry_that_is_away_keeps_no_program_from_ending() -> None:
    with taken_port() as address:
        dsn = f"http://key@{LOOPBACK}:{free_port()}/2"
        done = run("manage.py", "relay", program="relay", SENTRY_DSN=dsn, METRICS_ADDRESS=address)
    assert (done.returncode, "Address already in use" in done.stderr) == (1, True)


def record(name: str = "peepopay", level: int = logging.ERROR, **more: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": name, "levelno": level, "msg": "it", "pathname": "a.py", **more})


def test_errors_and_answers_of_5xx_are_failures_and_nothing_else_is() -> None:
    assert error_reports.is_failure(record())
    assert error_reports.is_failure(record(level=logging.WARNING, fields={"status": 503}))
    assert not error_reports.is_failure(record(level=logging.WARNING))
    assert not error_reports.is_failure(record(level=logging.INFO, fields={"status": 404}))
    assert not error_reports.is_failure(record("sentry_sdk.errors"))
    with request_ids.under("", lambda: "health/db"):
        assert not error_reports.is_failure(record(level=logging.WARNING, fields={"status": 503}))


def test_a_task_that_is_over_is_named_by_what_celery_says_of_it() -> None:
    failed = record(
        "celery.app.trace", data={"id": "1", "name": "payments.tasks.expire_holds", "args": "[secret]"}
    )
    event = error_reports.event_of(failed, "worker")
    assert event["transaction"] == "payments.tasks.expire_holds"
    assert "secret" not in str(event)

"""What went wrong, to Sentry: every error in the log and every answer of 5xx. Loaded only where SENTRY_DSN is set.

A report is made of what a line in the log is made of (`logs.py`) and of nothing else, so nothing personal can be in
it. The SDK's integrations are off: they collect what lies around (variables, headers, bodies, addresses, statements,
earlier lines). It sends from a thread of its own; at most 100 reports wait, and what comes on top is dropped.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.types import Event

from . import request_ids
from .logs import FRAMES, causes_of, name_of, problem_in, text_of

CHECKOUT = Path(__file__).resolve().parent.parent
WAIT_AT_END_SECONDS = 2.0
SAME_AGAIN_SECONDS = 10.0  # an outage of an hour would use up a month's quota
MOST_REMEMBERED = 1_000
THEIR_OWN = ("sentry_sdk", "urllib3")  # a report about a report would never end

logger = logging.getLogger(__name__)


class Reports(logging.Handler):
    """`settings.LOGGING` names it. A report that can't be made or sent is lost: its line in the log is not."""

    def __init__(self, *, program: str, **options: str) -> None:
        super().__init__(logging.WARNING)
        self.program, self.options = program, options
        self.last_in_thread = threading.local()
        self.said: dict[tuple[str, ...], float] = {}
        self.start()
        # What is connected in the parent is the parent's: a child that used it too would garble both.
        os.register_at_fork(after_in_child=self.start)
        report_crashes()

    def start(self) -> None:
        sentry_sdk.init(
            **self.options,  # type: ignore[arg-type]
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[AtexitIntegration(callback=lambda *_: None)],
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            shutdown_timeout=WAIT_AT_END_SECONDS,
            debug=False,
            spotlight=False,
        )

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):  # an error about an error helps nobody
            if is_failure(record) and not self.knows(record):
                sentry_sdk.capture_event(event_of(record, self.program))

    def knows(self, record: logging.LogRecord) -> bool:
        """An answer of 5xx whose error was reported, or the same as a moment ago."""
        request_id = getattr(record, "request_id", "")
        if status_of(record) and getattr(self.last_in_thread, "request_id", "") == request_id:
            return True
        self.last_in_thread.request_id = request_id
        if len(self.said) > MOST_REMEMBERED:
            self.said.clear()
        now, what = time.monotonic(), sameness(record)
        before = self.said.get(what, float("-inf"))
        if now - before < SAME_AGAIN_SECONDS:
            return True
        self.said[what] = now
        return False


def is_failure(record: logging.LogRecord) -> bool:
    """Of what has an answer, `observed_requests.py` tells, with its route. What `/health` says is for alerts."""
    if record.name.startswith(THEIR_OWN) or request_ids.doing().startswith("health"):
        return False
    if record.name == "django.request" and problem_in(record) is None:
        return False
    return record.levelno >= logging.ERROR or status_of(record) >= 500


def status_of(record: logging.LogRecord) -> int:
    """0 unless it tells of an answer."""
    return int(getattr(record, "fields", {}).get("status", 0))


def sameness(record: logging.LogRecord) -> tuple[str, ...]:
    """Where it was said, about what, and where the error came from."""
    problem = problem_in(record)
    causes = [f"{name_of(cause)} {last_line(cause)}" for cause in causes_of(problem)] if problem else []
    return (record.name, f"{Path(record.pathname).name}:{record.lineno}", transaction_of(record, ""), *causes)


def last_line(problem: BaseException) -> str:
    frames = traceback.extract_tb(problem.__traceback__, limit=-1)
    return f"{frames[0].filename}:{frames[0].lineno}" if frames else ""


def event_of(record: logging.LogRecord, program: str) -> Event:
    """https://develop.sentry.dev/sdk/data-model/event-payloads/"""
    event: dict[str, Any] = {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "transaction": transaction_of(record, program),
        "message": text_of(record),
        "tags": tags_of(record, program),
    }
    problem = problem_in(record)
    if problem is None:
        event["fingerprint"] = list(sameness(record))
    else:
        values = [value_of(cause) for cause in causes_of(problem)]
        event["exception"] = {"values": values[::-1]}  # Sentry has the first cause first
    return event  # type: ignore[return-value]  # of the form above, built in steps


def transaction_of(record: logging.LogRecord, program: str) -> str:
    """The route of the request, the name of the task, or the program. Celery reports a failed task when it is over."""
    task = getattr(record, "data", None)
    named = task.get("name") if isinstance(task, dict) else None
    return request_ids.doing() or str(named or program)


def tags_of(record: logging.LogRecord, program: str) -> dict[str, str]:
    fields = getattr(record, "fields", {})
    found = {name: fields.get(name) for name in ("method", "status")}
    found |= {"program": program, "request_id": getattr(record, "request_id", "")}
    return {name: str(value) for name, value in found.items() if value}


def value_of(problem: BaseException) -> dict[str, Any]:
    """Its type and its way here, never what it says: `logs.name_of`."""
    kind = type(problem)
    value: dict[str, Any] = {"type": kind.__name__, "module": kind.__module__, "value": name_of(problem)}
    frames = traceback.extract_tb(problem.__traceback__)[-FRAMES:]
    if frames:
        value["stacktrace"] = {"frames": [frame_of(frame) for frame in frames]}
    return value


def frame_of(frame: traceback.FrameSummary) -> dict[str, Any]:
    path = Path(frame.filename)
    ours = path.is_relative_to(CHECKOUT) and "site-packages" not in path.parts
    return {
        "filename": str(path.relative_to(CHECKOUT)) if ours else "/".join(path.parts[-3:]),
        "function": frame.name,
        "lineno": frame.lineno,
        "context_line": frame.line,
        "in_app": ours,
    }


def report_crashes() -> None:
    """What nobody catches ends a program, or a thread of it: said in the log, and so to Sentry."""
    of_program, of_thread = sys.excepthook, threading.excepthook

    def program_ends(kind: Any, problem: BaseException, trace: Any) -> None:
        if not isinstance(problem, KeyboardInterrupt):
            logger.critical("the program ends", exc_info=(kind, problem, trace))
        of_program(kind, problem, trace)

    def thread_ends(what: Any) -> None:
        if what.exc_value is not None and not isinstance(what.exc_value, SystemExit):
            logger.critical("a thread ends", exc_info=(what.exc_type, what.exc_value, what.exc_traceback))
        of_thread(what)

    sys.excepthook, threading.excepthook = program_ends, thread_ends

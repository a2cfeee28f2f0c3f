"""What is in a log, and what must never be: names, phones, e-mail addresses, tokens, and whatever may quote them.

An address may hold a token, so a request is named by its route. An exception may quote what it choked on, and one of
PostgreSQL's the whole row, so it is named by its type and the lines that led to it. Standard library only: gunicorn's
parent, which loads nothing of the product, formats its lines by it too (`deploy/gunicorn.conf.py`).
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TOKEN = re.compile(r"(/(?:manage|join|reset/key|confirm-email)/)[^/\s?\"'<]+")
# These speak of code and of tables, and never of what somebody typed in.
SPEAK_OF_CODE = (AttributeError, ImportError, NameError)
SPEAK_OF_TABLES = {"42P01", "42703", "42501"}  # SQLSTATEs: no such table, no such column, may not
FRAMES = 40
CAUSES = 5


def way_to(problem: BaseException) -> str:
    """The lines that led to it. Not what it says: an error of PostgreSQL, say, quotes the whole row."""
    frames = traceback.extract_tb(problem.__traceback__)[-FRAMES:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def name_of(problem: BaseException) -> str:
    """Its type, and what of it speaks of code or tables: `UniqueViolation 23505 booking_one_per_client_key`."""
    sqlstate, details = getattr(problem, "sqlstate", None), getattr(problem, "diag", None)
    said = [type(problem).__name__, sqlstate, getattr(details, "constraint_name", None)]
    if isinstance(problem, SPEAK_OF_CODE):
        said.append(f"({problem})")
    if sqlstate in SPEAK_OF_TABLES:
        said.append(f"({getattr(details, 'message_primary', '')})")
    return " ".join(str(part) for part in said if part)


def causes_of(problem: BaseException) -> Iterator[BaseException]:
    """The problem, and what it was raised from, outermost first."""
    found: BaseException | None = problem
    for _ in range(CAUSES):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def problem_in(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def text_of(record: logging.LogRecord) -> str:
    """The record's message without a token, an address or the words of its exception."""
    text = record.getMessage()
    request: Any = getattr(record, "request", None)
    path = getattr(request, "path", "")
    if len(path) > 1:  # Django names the requests that fail by their address
        match = request.resolver_match
        text = text.replace(path, f"/{match.route}" if match else "(an address that is none of ours)")
    problem = problem_in(record)
    for cause in causes_of(problem) if problem else ():
        for words in (repr(cause), str(cause)):
            text = text.replace(words, name_of(cause)) if words else text
    return _TOKEN.sub(r"\1...", text)


class RequestId(logging.Filter):
    """Notes whose work a line belongs to, while the thread that writes it still knows."""

    def filter(self, record: logging.LogRecord) -> bool:
        from .request_ids import current  # Celery reports a failed task when its id is over

        task: Any = getattr(record, "data", None)
        known = current() or (task.get("id") if isinstance(task, dict) else None) or ""
        record.request_id = str(known).replace("-", "")
        return True


class Line(logging.Formatter):
    """For people: `2026-11-26 01:30:12 WARNING peepopay.outbox [5f0c...] what happened`."""

    def __init__(self, program: str) -> None:
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        request_id = getattr(record, "request_id", "")
        whose = f" [{request_id}]" if request_id else ""
        line = f"{self.formatTime(record)} {record.levelname} {record.name}{whose} {text_of(record)}"
        problem = problem_in(record)
        if problem is None:
            return line
        return line + "".join(f"\n    {name_of(cause)} at {way_to(cause)}" for cause in causes_of(problem))


class Json(logging.Formatter):
    """For programs: an object a line, with `time` (UTC), `level`, `program`, `logger`, `message`, `request_id` and
    `pid`; of an exception also `problem`, of a request `method`, `route`, `status` and `ms`."""

    def __init__(self, program: str) -> None:
        super().__init__()
        self.program = program

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "program": self.program,
            "logger": record.name,
            "message": text_of(record),
            "request_id": getattr(record, "request_id", ""),
            "pid": record.process,
            **getattr(record, "fields", {}),
        }
        problem = problem_in(record)
        if problem is not None:
            line["problem"] = [{"type": name_of(cause), "at": way_to(cause)} for cause in causes_of(problem)]
        return json.dumps(line, ensure_ascii=False)


FORMATS: dict[str, Callable[[str], logging.Formatter]] = {"line": Line, "json": Json}


def formatter(form: str, program: str) -> logging.Formatter:
    """Raises ValueError where LOG_FORMAT names none."""
    if form not in FORMATS:
        raise ValueError(f"LOG_FORMAT must be {' or '.join(FORMATS)}. Example: json")
    return FORMATS[form](program)


def configuration(
    form: str, *, level: str, program: str, sentry: dict[str, str] | None = None
) -> dict[str, Any]:
    """Django's LOGGING: every line to stderr. `form` is LOG_FORMAT; `sentry` is where errors are reported, if anywhere:
    its `dsn`, `release` and `environment`. Raises ValueError."""
    chosen = formatter(form, program)
    reports = {"()": "peepopay.error_reports.Reports", "filters": ["request_id"], "program": program}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": lambda: chosen}},
        "filters": {"request_id": {"()": RequestId}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["request_id"]},
            **({"sentry": reports | sentry} if sentry else {}),
        },
        "root": {"handlers": ["stderr", *(["sentry"] if sentry else [])], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.db.backends": {"level": "INFO"},  # below, it writes down every statement with its values
            "stripe": {"level": "WARNING"},
            # They tell of each letter of a document, and whose name has one that no font knows.
            "fontTools": {"level": "ERROR"},
            "fpdf": {"level": "CRITICAL"},
            # Two lines for each task, and neither knows whose it is; `outbox.run` says what was done.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "gunicorn.error": {"handlers": [], "propagate": True},
        },
    }

"""What is in a log, and what must never be."""

from __future__ import annotations

import logging
import re
import traceback
from pathlib import Path
from typing import Any

_TOKEN = re.compile(r"(/(?:manage|join)/)[^/\s?\"']+")


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: one line each to stderr, nothing personal."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "filters": {"no_tokens": {"()": "peepopay.logs.HideTokens"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_tokens"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "stripe": {"level": "WARNING"},
            "django.server": {"level": "WARNING"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


class HideTokens(logging.Filter):
    """The addresses of a manage page and of an invitation hold a secret; Django logs addresses that fail."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if _TOKEN.search(text):
            record.msg, record.args = _TOKEN.sub(r"\1...", text), ()
        return True


def way_to(problem: BaseException) -> str:
    """The lines that led to it. Not what it says: an error of PostgreSQL, say, quotes the whole row."""
    frames = traceback.extract_tb(problem.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)

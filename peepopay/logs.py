"""What is in a log, and what must never be."""

from __future__ import annotations

import logging
import re
import traceback
from pathlib import Path

_TOKEN = re.compile(r"(/(?:manage|join)/)[^/\s?\"']+")


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

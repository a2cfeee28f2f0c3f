"""What is in a log, and what must never be."""

from __future__ import annotations

import logging
import re
import traceback
from pathlib import Path

_TOKEN = re.compile(r"(/manage/)[^/\s?\"']+")


class HideTokens(logging.Filter):
    """The address of a manage page holds the customer's secret; Django logs addresses that fail."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "/manage/" in text:
            record.msg, record.args = _TOKEN.sub(r"\1...", text), ()
        return True


def way_to(problem: BaseException) -> str:
    """The lines that led to it. Not what it says: an error of PostgreSQL, say, quotes the whole row."""
    frames = traceback.extract_tb(problem.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)

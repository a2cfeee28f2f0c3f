"""What must never be in a log."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"(/manage/)[^/\s?\"']+")


class HideTokens(logging.Filter):
    """The address of a manage page holds the customer's secret; Django logs addresses that fail."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "/manage/" in text:
            record.msg, record.args = _TOKEN.sub(r"\1...", text), ()
        return True

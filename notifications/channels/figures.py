"""What became of each try to hand something over: what fails for all is seen before rows are given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

from .errors import ChannelError

TRIES = Counter(
    "peepopay_messages", "Tries to hand over a message, by what came of them.", ["channel", "outcome"]
)
for _channel in ("mail", "sms", "push"):
    for _result in ("sent", "failed", "denied", "refused"):
        TRIES.labels(_channel, _result)  # from 0 on, or the first of each would not be seen as one more


@contextmanager
def counted(channel: str) -> Iterator[None]:
    """Of one try."""
    try:
        yield
    except ChannelError as problem:
        TRIES.labels(channel, _outcome(problem)).inc()
        raise
    TRIES.labels(channel, "sent").inc()


def _outcome(problem: ChannelError) -> str:
    if problem.is_denied:
        return "denied"
    return "failed" if problem.retry_helps else "refused"

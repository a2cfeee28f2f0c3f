"""A web server that is told to stop says so at /health for some seconds, while it answers as before; then it stops.

Else a proxy sends the next request on a connection that it kept, while we close it: a change can't be sent again, and
its customer reads an error. Processes that the server forks share what is known here.
"""

import mmap
import signal
from collections.abc import Callable
from types import FrameType

_said = mmap.mmap(-1, 1)
Handler = Callable[[int, FrameType | None], None]


def is_leaving() -> bool:
    return _said[0] == 1


def leave_before(stop: Handler, *, seconds: int) -> None:
    """From now on SIGTERM makes this server say that it leaves, and calls `stop` after `seconds`. Whoever sends another
    one, or any other signal, is not kept waiting."""

    def leave(number: int, frame: FrameType | None) -> None:
        if is_leaving():
            stop(number, frame)
        else:
            _said[0] = 1
            signal.alarm(seconds)

    signal.signal(signal.SIGALRM, lambda _number, frame: stop(signal.SIGTERM, frame))
    signal.signal(signal.SIGTERM, leave)

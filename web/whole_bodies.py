"""Bodies that no view read, to their end.

Whoever is answered before their photo was looked at (signed out, a link that is over) has sent it all the same.
gunicorn closes a connection on which more than 64 kB were left, and the proxy, which is still sending, knows nothing of
our answer then: they would read that we are away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

LEFT_TO_THE_SERVER = 64 * 1024
MOST = 16 * 1024 * 1024  # more than the proxy lets through
AT_ONCE = 256 * 1024

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class WholeBodies:
    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        if int(environ.get("CONTENT_LENGTH") or 0) > LEFT_TO_THE_SERVER:
            read, body = 0, environ["wsgi.input"]
            with suppress(OSError):  # they are gone
                while read < MOST and (part := body.read(AT_ONCE)):
                    read += len(part)
        return answer

"""The least a WSGI server can do: what the cached availability is compared with."""

from collections.abc import Callable, Iterable
from typing import Any

HELLO = b"Hello, world!"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(HELLO)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", HEADERS)
    return [HELLO]

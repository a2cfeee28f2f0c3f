"""Asks the whole WSGI application, as gunicorn does, where Django's test client would go past the wrapper."""

from __future__ import annotations

from typing import Any, NamedTuple
from wsgiref.util import setup_testing_defaults

import orjson

from web.api.fast_path import Application


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


def get(application: Application, address: str, **environ: str) -> Response:
    """GET `address` with these additions to the WSGI environment."""
    path, _, query = address.partition("?")
    asked: dict[str, Any] = {
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "203.0.113.7",
        **environ,
        "PATH_INFO": path,
        "QUERY_STRING": query,
    }
    setup_testing_defaults(asked)
    started: list[Any] = []
    parts = application(asked, lambda status, headers, *_: started.extend((status, headers)))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return Response(int(started[0][:3]), {name.lower(): value for name, value in started[1]}, body)

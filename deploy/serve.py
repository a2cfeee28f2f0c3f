"""Starts the web server that WEB_SERVER names, gunicorn or granian: `python deploy/serve.py [HOST:PORT]`.

Either serves the same application, with as many processes and threads. gunicorn is the one that everything was
measured and tested with first. granian reads requests in Rust: a stored answer costs it less, and clients that send
half a head never reach a thread of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

EVERYWHERE = f"0.0.0.0:{os.environ.get('PORT', '8000')}"


def gunicorn(bind: str, application: str) -> list[str]:
    """Its settings are in gunicorn.conf.py beside this."""
    settings = Path(__file__).with_name("gunicorn.conf.py")
    return ["gunicorn", "--config", str(settings), "--bind", bind, application]


def granian(bind: str, application: str) -> list[str]:
    """A proxy before it must close idle connections before the 60 s after which granian does, and drop the headers
    that it would take for the proxy's own: it makes the same variable of X_Forwarded_For and X-Forwarded-For."""
    if os.environ.get("ALLAUTH_TRUSTED_PROXY_COUNT", "0") != "0" and not os.environ.get(
        "PROXY_DROPS_UNDERSCORES"
    ):
        sys.exit(
            "granian can't tell X_Forwarded_For, which anybody may send, from X-Forwarded-For. Let the proxy drop "
            "header names with underscores, then set PROXY_DROPS_UNDERSCORES=true."
        )
    host, _, port = bind.rpartition(":")
    return [
        *("granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", port),
        *("--workers", os.environ.get("WEB_CONCURRENCY") or str(os.cpu_count() or 1)),
        *("--blocking-threads", os.environ.get("WEB_THREADS", "4")),
        *("--http1-header-read-timeout", "60000", "--http1-buffer-size", "65536"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "30"),
        *("--log-level", os.environ.get("WEB_LOG_LEVEL", "info")),
        application,
    ]


SERVERS: dict[str, Callable[[str, str], list[str]]] = {"gunicorn": gunicorn, "granian": granian}


def main(bind: str = EVERYWHERE, application: str = "web.warm_wsgi:application") -> None:
    name = os.environ.get("WEB_SERVER") or "gunicorn"
    if name not in SERVERS:
        sys.exit(f"WEB_SERVER={name}: there are {' and '.join(SERVERS)}.")
    os.execv(sys.executable, [sys.executable, "-m", *SERVERS[name](bind, application)])  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])

"""gunicorn, as measured: threads for waiting, a process per core for computing, each on a core of its own."""

import os
from typing import Any

from gunicorn.glogging import Logger

from peepopay import (
    leaving,
    logs,
)  # small modules of a package that loads nothing by itself: this process only forks

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

workers = int(os.environ.get("WEB_CONCURRENCY") or "0") or len(CORES) or os.cpu_count() or 1
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or "16")  # most of them wait: for Stripe, as settings.py allows
reuse_port = True
http_parser = "fast"  # the C parser; refuses to start without it rather than being slow unnoticed
control_socket_disable = True  # else it opens one in the home folder, which a read-only container lacks

timeout = 30
graceful_timeout = 30
keepalive = 95  # longer than Traefik keeps idle connections (90 s), so that it never meets a closed one
# None (1 MB, in fact): far shorter ones are refused by ourselves, in the one shape (peepopay/middleware.py).
limit_request_line = 0
limit_request_fields = 60
limit_request_field_size = 8190  # bodies are capped at 64 kB by Django

# No access log: addresses of booking pages carry the customer's token.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL") or "info"


class SameLogger(Logger):
    """The parent's lines look like the workers', which have theirs from Django."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter(os.environ.get("LOG_FORMAT") or "json", "web"))


logger_class = SameLogger


def when_ready(server: Any) -> None:
    """Before the proxy looks elsewhere, closing a connection that it keeps would lose a request."""
    if seconds := int(os.environ.get("LEAVE_SECONDS") or "0"):
        leaving.leave_before(server.signal, seconds=seconds)


def pre_fork(server: Any, worker: Any) -> None:
    """Gives the worker the core that fewest living workers have."""
    taken = [other.core for other in server.WORKERS.values() if hasattr(other, "core")]
    worker.core = min(CORES, key=taken.count) if CORES else None


def post_fork(server: Any, worker: Any) -> None:
    """Pinned, its threads hand each other the GIL without crossing cores: 20 to 50 % more requests."""
    if len(CORES) > 1 and workers >= len(CORES):
        os.sched_setaffinity(0, {worker.core})

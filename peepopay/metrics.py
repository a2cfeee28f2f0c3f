"""Figures for Prometheus, at /metrics of a port of their own (METRICS_ADDRESS) to which no proxy leads.

A figure stands beside the code that it counts, as a metric of `prometheus_client`; docs/observability.md lists them.
Web and workers are several processes: each writes its own into files of one folder, and whoever is asked adds all up
(PROMETHEUS_MULTIPROC_DIR, set by programs.py). Every process of web listens, on the same port, so that it does not
matter which server has forked them; of a worker it is the parent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    REGISTRY,
    CollectorRegistry,
    disable_created_metrics,
    make_wsgi_app,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SLOWEST_READER_SECONDS = 5
CGROUP = Path("/sys/fs/cgroup")  # inside a container its own, by version 2

disable_created_metrics()  # when each began to be counted: as many figures again, which nobody reads
# A process of several would tell these of itself alone.
for _collector in (GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR):
    REGISTRY.unregister(_collector)


class Collector(Protocol):
    def collect(self) -> Iterator[Metric]: ...


def serve(*more: Collector, shared: bool = False) -> None:
    """Answer from a thread, for as long as this process lives; not at all without METRICS_ADDRESS. Raises OSError if
    somebody else listens there, unless both are `shared`."""
    if not settings.METRICS_ADDRESS:
        return
    host, _, port = settings.METRICS_ADDRESS.rpartition(":")
    server = (SharedServer if shared else Server)((host, int(port)), Handler)
    server.set_app(make_wsgi_app(registry(*more)))
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def each_second(*acts: Callable[[], None]) -> None:
    """From a thread, for as long as this process lives: for what is counted elsewhere, or too often to be counted here
    one by one. Not at all without METRICS_ADDRESS."""

    def go_on() -> None:
        while True:
            for act in acts:
                act()
            time.sleep(1)

    if settings.METRICS_ADDRESS:
        Thread(target=go_on, name="figures", daemon=True).start()


def registry(*more: Any) -> CollectorRegistry:
    """What all processes of this program have counted, its memory, and `more`."""
    found = CollectorRegistry()
    folder = os.environ.get(FOLDER)
    everything: Any = AllProcesses(folder) if folder else REGISTRY
    for collector in (everything, Memory(), *more):
        found.register(collector)
    return found


class AllProcesses:
    """What the dead have counted stays; what they held (connections, say) does not."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.files = MultiProcessCollector(None, folder)

    def collect(self) -> Iterator[Metric]:
        for path in self.folder.glob("gauge_live*.db"):
            pid = int(path.stem.rpartition("_")[2])
            if not is_alive(pid):
                mark_process_dead(pid, str(self.folder))
        yield from self.files.collect()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Memory:
    """Of this container, as the kernel holds it against the limit. Elsewhere of this process, against the machine's."""

    def collect(self) -> Iterator[Metric]:
        page = os.sysconf("SC_PAGE_SIZE")
        machine = page * os.sysconf("SC_PHYS_PAGES")
        used, limit = in_container() or (page * resident_pages(), machine)
        yield GaugeMetricFamily(
            "peepopay_memory_bytes", "Memory that can't be taken back, in bytes.", float(used)
        )
        yield GaugeMetricFamily(
            "peepopay_memory_limit_bytes", "How much it may have, in bytes.", float(min(limit, machine))
        )


def in_container() -> tuple[float, float] | None:
    """What is used and what may be, in bytes. Pages of files that nobody reads are given back, and so not counted."""
    with suppress(OSError, ValueError):
        used = int((CGROUP / "memory.current").read_text())
        unread = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
        limit = (CGROUP / "memory.max").read_text().strip()
        return used - int(unread.get("inactive_file", 0)), float("inf" if limit == "max" else limit)
    return None


def resident_pages() -> int:
    with suppress(OSError):  # no Linux
        return int(Path("/proc/self/statm").read_text().split()[1])
    return 0


class Handler(WSGIRequestHandler):
    timeout = SLOWEST_READER_SECONDS

    def log_message(self, *_: Any) -> None:
        """Nobody asks but Prometheus."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without a look at the DNS for our own name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class SharedServer(Server):
    """Several processes listen at one port, and the kernel gives each some of the questions."""

    allow_reuse_port = True

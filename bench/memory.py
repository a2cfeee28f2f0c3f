"""What each process of the product holds in memory while customers book and pay, with RabbitMQ.

PSS: its own pages, and its part of those that it shares, so that the sum is what the machine lacks. In a container of
its own a program shares with nobody, hence RSS as well; the limits in `deploy/stack.yml` come from that.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench import flow
from bench.cpu import family
from bench.report import Report
from local.testing.crowd import Shop

CUSTOMERS = 16  # at a time: as many as one web process has threads
ROUNDS = 20
SAMPLE_SECONDS = 0.2


def measure(report: Report) -> None:
    stack = flow.start(broker="rabbitmq", WEB_CONCURRENCY="1")
    shop = Shop(stack.site_url)
    service = shop.service(flow.SERVICE)
    starts = shop.free_starts(service, at_least=ROUNDS * CUSTOMERS)
    orders = [shop.order(service, start, number) for number, start in enumerate(starts)]
    assert stack.rabbitmq is not None
    pids = {name: process.pid for name, process in stack.processes.items()}
    failed = 0
    with Sampling(pids | {"rabbitmq": stack.rabbitmq.node.pid}) as seen:
        for _ in range(ROUNDS):
            failed += len(flow.crowd(stack, [orders.pop() for _ in range(CUSTOMERS)]).problems)
        flow.wait_settled(stack)
    report.figure("customers", ROUNDS * CUSTOMERS - failed, "served")
    for name in ("web", "worker", "relay", "beat", "rabbitmq"):
        tell(report, name, seen.most[name], len(seen.processes[name]))
    stack.stop()


def tell(report: Report, name: str, most: Mapping[str, float], processes: int) -> None:
    together = f"{name}, {processes} processes" if processes > 1 else name
    report.figure(f"{together}: PSS", most["Pss"], "MiB")
    report.figure(f"{together}: RSS", most["Rss"], "MiB")


@dataclass
class Sampling:
    """The most that each program, with all below it, held at any look while this was open."""

    pids: Mapping[str, int]
    most: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    processes: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __enter__(self) -> "Sampling":
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            for name, pid in self.pids.items():
                held = [(each, mebibytes(each)) for each in family(pid)]
                self.processes[name] |= {each for each, _ in held}
                for kind in ("Pss", "Rss"):
                    together = sum(memory.get(kind, 0) for _, memory in held)
                    self.most[name][kind] = max(self.most[name][kind], together)


def mebibytes(pid: int) -> dict[str, float]:
    """By kind: Pss, Rss. Empty for a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {kind: int(kibibytes) / 1024 for kind, kibibytes in re.findall(r"(\w+): +(\d+) kB", text)}

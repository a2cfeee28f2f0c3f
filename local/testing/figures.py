"""For tests: the figures that the programs of a running product show, and those that alerts and boards name."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from local.paths import CHECKOUT
from local.ports import LOOPBACK
from local.stack import Stack

FILES = ("prometheus/alerts.yml", "grafana/*.json")
PATIENCE_SECONDS = 10  # Prometheus' own: deploy/prometheus/prometheus.yml


def named(prefix: str) -> set[str]:
    """Names that begin with `prefix`; a histogram's without `_bucket`, `_sum` or `_count`."""
    texts = [path.read_text() for pattern in FILES for path in (CHECKOUT / "deploy").glob(pattern)]
    found = {name for text in texts for name in re.findall(rf"\b{prefix}_\w+", text)}
    return {re.sub("_(bucket|sum|count)$", "", name) for name in found}


def shown_by(stack: Stack, program: str) -> Iterator[Any]:
    """Families of `prometheus_client`."""
    address = f"http://{LOOPBACK}:{stack.metrics_ports[program]}/metrics"
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        return text_string_to_metric_families(answer.read().decode())


def value(stack: Stack, program: str, figure: str, /, **labels: str) -> float | None:
    """None if it is not shown."""
    for family in shown_by(stack, program):
        for sample in family.samples:
            if (sample.name, sample.labels) == (figure, labels):
                return float(sample.value)
    return None

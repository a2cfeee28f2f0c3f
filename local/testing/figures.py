"""For tests: the figures that alerts and boards of deploy/ name."""

from __future__ import annotations

import re

from local.paths import CHECKOUT

FILES = ("prometheus/alerts.yml", "grafana/*.json")


def named(prefix: str) -> set[str]:
    """Names that begin with `prefix`; a histogram's without `_bucket`, `_sum` or `_count`."""
    texts = [path.read_text() for pattern in FILES for path in (CHECKOUT / "deploy").glob(pattern)]
    found = {name for text in texts for name in re.findall(rf"\b{prefix}_\w+", text)}
    return {re.sub("_(bucket|sum|count)$", "", name) for name in found}

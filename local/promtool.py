"""promtool of Debian's package `prometheus`: what Prometheus makes of a configuration, and of rules on given series."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

PROGRAM = Path("/usr/bin/promtool")
Series = dict[str, str]  # name with labels -> values, in promtool's notation


def why_missing() -> str | None:
    """None if it is here, else a sentence."""
    return None if PROGRAM.exists() else "promtool is not installed: apt-get install prometheus"


def promtool(*words: str | Path) -> str:
    """What it printed. Raises ValueError with that if it found fault."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stdout + done.stderr)
    return done.stdout


def evaluated(rules: Path, cases: dict[str, tuple[Series, set[str]]], folder: Path, *, minutes: int) -> None:
    """Whether after so many minutes of the series, a value every 30 s, just these alerts fire. Raises ValueError."""
    tests: list[dict[str, Any]] = [
        {
            "name": name,
            "interval": "30s",
            "input_series": [{"series": of, "values": values} for of, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0',
                    "eval_time": f"{minutes}m",
                    "exp_samples": [
                        {"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(alerts)
                    ],
                }
            ],
        }
        for name, (series, alerts) in cases.items()
    ]
    file = folder / "cases.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": "30s", "tests": tests})
    )
    promtool("test", "rules", file)

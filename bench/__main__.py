"""`make bench`: measures everything, fails if a promise is not kept. `python -m bench slots month`: only those.

`--write docs` (`make bench-docs`) writes what came out to `docs/benchmarks.md`, with its charts and its data.
"""

import argparse
import importlib
import sys
import traceback
from pathlib import Path

from bench import machine, page
from bench.report import Report
from bench.servers import start_servers

MEASURES = (
    *("slots", "month", "availability", "bookings", "flow", "customers", "opening", "memory", "series"),
    *("growth", "backup"),
)
ONLY_BY_NAME = ("soak",)  # half an hour


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    start_servers()
    facts = machine.facts()
    report = Report()
    for name in asked.names or MEASURES:
        print(f"\n{name}")
        _measure(name, report)
        if asked.write:  # each time, so that an hour is not lost with the last of them
            page.write(asked.write, page.Run(facts, report.figures, report.broken))
    return report.conclude()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="measure", help=", ".join(MEASURES + ONLY_BY_NAME))
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="such as docs")
    return parser


def _measure(name: str, report: Report) -> None:
    """One that breaks is told as missed, and keeps nobody from the others."""
    if name not in MEASURES + ONLY_BY_NAME:
        raise SystemExit(f"Unknown: {name}. There are: {', '.join(MEASURES + ONLY_BY_NAME)}.")
    report.measure = name
    try:
        importlib.import_module(f"bench.{name}").measure(report)
    except Exception as problem:
        traceback.print_exc()
        report.broken[name] = f"{type(problem).__name__}: {problem}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make bench`: measures everything, fails if a promise is not kept. `python -m bench slots month`: only those."""

import importlib
import sys

from bench.report import Report
from bench.servers import start_servers

MEASURES = ("slots", "month", "availability", "bookings", "flow", "memory", "growth", "backup")
ONLY_BY_NAME = ("soak",)  # half an hour


def main(names: list[str]) -> int:
    unknown = set(names) - {*MEASURES, *ONLY_BY_NAME}
    if unknown:
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(MEASURES + ONLY_BY_NAME)}.")
        return 2
    start_servers()
    report = Report()
    for name in names or MEASURES:
        print(f"\n{name}")
        importlib.import_module(f"bench.{name}").measure(report)
    return report.conclude()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

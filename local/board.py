"""`make board MINUTES=20`: customers book while Prometheus watches, and then the board of deploy/grafana is drawn with
what its own queries find: docs/images/board.svg. Grafana itself is not needed."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from local.board_drawing import Panel, Point, draw
from local.chaos.customers import Crowd, bookable_for_a_year
from local.fixtures import OWN
from local.paths import CHECKOUT
from local.ports import LOOPBACK, answers, free_port, free_ports_in_a_row
from local.processes import Process, temporary_folder
from local.stack import Stack
from local.testing.stripe_control import StripeControl

PROGRAM = Path("/usr/bin/prometheus")
BOARD = CHECKOUT / "deploy" / "grafana" / "peepopay.json"
PICTURE = CHECKOUT / "docs" / "images" / "board.svg"
CUSTOMERS = 3  # at once; one machine has to serve them and Prometheus
POINTS = 120  # of a line


def main(minutes: float) -> int:
    if not PROGRAM.exists():
        print("Prometheus is not installed: apt-get install prometheus", file=sys.stderr)
        return 2
    stack = start()
    prometheus, url = watch(stack)
    try:
        crowd = Crowd(stack.site_url, StripeControl(stack.stripe_url), seed=1, size=CUSTOMERS, cancels=0.9)
        began = time.time()
        crowd.start()
        print(f"Customers book for {minutes:g} minutes", flush=True)
        time.sleep(minutes * 60)
        stack.manage("shell", "-c", "from payments.tasks import check_invariants as go; go()")
        crowd.stop()
        time.sleep(30)  # Prometheus asks twice more
        PICTURE.write_text(draw(list(panels(url, began, time.time()))))
    finally:
        prometheus.stop()
        stack.stop()
    print(f"Drawn: {PICTURE.relative_to(CHECKOUT)}")
    return 0


def start() -> Stack:
    """On RabbitMQ, as in production, each program with its figures."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    stack = Stack(
        folder=temporary_folder("board"),
        given=inherited | {"RATE_LIMITS": "off", "HOLD_MINUTES": "1"},
        web_port=free_ports_in_a_row(3),
        disposable=True,
        broker="rabbitmq",
        metrics=True,
    ).start()
    bookable_for_a_year(stack)
    return stack


def watch(stack: Stack) -> tuple[Process, str]:
    """A Prometheus with the rules of deploy/prometheus that asks each of the stack's programs, and its address."""
    folder, port = stack.folder / "prometheus", free_port()
    folder.mkdir()
    jobs = [
        {"job_name": name, "static_configs": [{"targets": [f"{LOOPBACK}:{own}"]}]}
        for name, own in stack.metrics_ports.items()
    ]
    config = {
        "global": {"scrape_interval": "10s", "evaluation_interval": "10s"},
        "rule_files": [str(CHECKOUT / "deploy" / "prometheus" / "alerts.yml")],
        "scrape_configs": jobs,
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    process = Process(
        name="prometheus",
        argv=[
            str(PROGRAM),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
        ],
        log=stack.logs / "prometheus.log",
        ready=lambda: answers(port),
    )
    return process.start(), f"http://{LOOPBACK}:{port}"


def panels(url: str, since: float, until: float) -> Iterator[Panel]:
    """Every panel of the board with what its queries find, as Grafana would ask them."""
    for panel in json.loads(BOARD.read_text())["panels"]:
        lines: dict[str, list[Point]] = {}
        for target in panel.get("targets", []):
            for series in found(url, target["expr"], since, until):
                name = labelled(target.get("legendFormat", ""), series["metric"])
                lines[name] = [(at, float(value)) for at, value in series["values"]]
        place = panel["gridPos"]
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "short")
        yield Panel(
            panel["type"], panel["title"], unit, place["x"], place["y"], place["w"], place["h"], lines
        )


def found(url: str, query: str, since: float, until: float) -> list[dict[str, Any]]:
    step = max((until - since) / POINTS, 1)
    asked = urlencode({"query": query, "start": since, "end": until, "step": step})
    with urlopen(f"{url}/api/v1/query_range?{asked}", timeout=30) as answer:  # noqa: S310 (our own)
        result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return result


def labelled(form: str, labels: dict[str, str]) -> str:
    """`{{status}} {{route}}` with the labels of a series."""
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return form


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))

"""`make rollout TIMES=10`: new versions, each with a migration, replace old ones while customers book by the proxy.

A version is a copy of this checkout with one more migration: a column, and an index made without stopping anybody. It
goes out as `deploy/deploy.sh` does it: migrate first, while old code runs; then web, one server after the other; then
worker, relay and beat. Nobody may notice: no request fails, and the reckoning is as after `make chaos`.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import yaml

from local import proxy
from local.fixtures import OWN
from local.paths import CHECKOUT
from local.ports import LOOPBACK, free_ports_in_a_row, wait_until
from local.processes import temporary_folder
from local.stack import Stack
from local.testing.crowd import Connect, ask_on
from local.testing.stripe_control import StripeControl

from . import reckoning
from .__main__ import drain
from .customers import Crowd, bookable_for_a_year

CUSTOMERS = 6
# As Swarm waits: Traefik checks a server once for each service that leads to it, and shows one figure for all.
STACK = yaml.safe_load((CHECKOUT / "deploy" / "stack.yml").read_text())
WEB = STACK["services"]["web"]
DELAY_SECONDS = int(STACK["x-roll"]["delay"].removesuffix("s"))
NOT_CODE = shutil.ignore_patterns(
    ".git", ".venv", ".data", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)
MIGRATION = """from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bookings", "{before}")]
    operations = [
        migrations.RunSQL("ALTER TABLE bookings_booking ADD COLUMN rollout_{number} text", migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY rollout_{number} ON bookings_booking (rollout_{number})", migrations.RunSQL.noop
        ),
    ]
"""


def main(times: int) -> int:
    if missing := proxy.why_missing():
        print(missing, file=sys.stderr)
        return 2
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {line}", flush=True)

    tell("Starting the product: two web servers behind Traefik")
    stack = start()
    stripe = StripeControl(stack.stripe_url)
    connect = trusting(stack)
    crowd = Crowd(stack.site_url, stripe, seed=1, size=CUSTOMERS, connect=connect)
    readers = Readers(stack.site_url, connect)
    try:
        crowd.start()
        readers.start()
        for number in range(1, times + 1):
            roll_out(stack, version(number))
            tell(f"Version {number} of {times} runs")
        readers.stop()
        crowd.stop()
        waiting = drain(stack, stripe, tell)
        return conclude(stack, stripe, crowd, readers, waiting)
    finally:
        stack.stop()


def start() -> Stack:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    given = inherited | {
        "RATE_LIMITS": "off",
        "HOLD_MINUTES": "1",
        "EXPIRY_GRACE_SECONDS": "5",
        "LEAVE_SECONDS": WEB["environment"]["LEAVE_SECONDS"],
    }
    stack = Stack(
        folder=temporary_folder("rollout"),
        given=given,
        web_port=free_ports_in_a_row(3),
        disposable=True,
        proxied=True,
    )
    stack.start()
    bookable_for_a_year(stack)
    return stack


def trusting(stack: Stack) -> Connect:
    """Connections that know the authority of the stack's certificate."""
    assert stack.proxy
    context = ssl.create_default_context(cafile=str(stack.proxy.certificate.authority))

    def connect(site: str) -> HTTPSConnection:
        address = urlsplit(site)
        return HTTPSConnection(str(address.hostname), address.port, timeout=60, context=context)

    return connect


def version(number: int) -> Path:
    """This checkout with `number` more migrations."""
    folder = temporary_folder(f"version-{number}") / "checkout"
    shutil.copytree(CHECKOUT, folder, symlinks=True, ignore=NOT_CODE)
    migrations = folder / "bookings" / "migrations"
    before = max(path.stem for path in migrations.glob("0*.py"))
    for each in range(1, number + 1):
        name = f"9{each:03}_rollout"
        (migrations / f"{name}.py").write_text(MIGRATION.format(before=before, number=each))
        before = name
    return folder


def roll_out(stack: Stack, folder: Path) -> None:
    environment = stack.env | {"PEEPOPAY_PROGRAM": "migrate"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=folder, env=environment, check=True
    )
    for name in ("web", "web 2", "worker", "relay", "beat"):
        old = stack.processes[name]
        old.stop_seconds = 40  # as long as an orchestrator waits for what is in hand
        new = replace(old, cwd=folder, child=None)
        old.stop()
        if name.startswith("web"):  # or what is said of the old one is taken for the new one's
            wait_seen(stack, name, well=False)
        stack.processes[name] = new.start()
        if name.startswith("web"):
            wait_seen(stack, name, well=True)
            time.sleep(DELAY_SECONDS)


def wait_seen(stack: Stack, name: str, *, well: bool) -> None:
    """Until Traefik's health check has missed the old server, or met the new one, as Swarm waits for a new task before
    it ends an old one."""
    assert stack.proxy
    urls = dict(zip(("web", "web 2"), stack.proxy.servers(stack.web_port), strict=True))
    line = re.compile(rf'^traefik_service_server_up{{.*url="{urls[name]}"}} (\d)', re.MULTILINE)
    metrics = f"http://{LOOPBACK}:{stack.proxy.traefik.private_port}/metrics"

    def seen() -> bool:
        with urlopen(metrics, timeout=5) as answer:
            return set(line.findall(answer.read().decode())) == {
                str(int(well))
            }  # each service looks by itself

    if not wait_until(seen, seconds=120):
        raise RuntimeError(f"{name} of the new version is not seen {'well' if well else 'ending'}")


class Readers:
    """Somebody looks at the free times, and somebody at the booking page, five times a second."""

    def __init__(self, site: str, connect: Connect) -> None:
        self.site, self.connect = site, connect
        self.answers: Counter[str] = Counter()
        self._over = threading.Event()

    def start(self) -> None:
        month = time.strftime("%Y-%m")
        paths = (
            f"/api/availability/joe-plumber?month={month}",
            "/accounts/login/",
            "/api/tradies/joe-plumber",
        )
        self._threads = [threading.Thread(target=self._read, args=[path]) for path in paths]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, path: str) -> None:
        while not self._over.wait(0.2):
            step = f"GET {path.partition('?')[0]}"
            try:
                self.answers[f"{step} {ask_on(self.connect(self.site), 'GET', path).status}"] += 1
            except (OSError, HTTPException):
                self.answers[f"{step} no answer"] += 1


def conclude(
    stack: Stack, stripe: StripeControl, crowd: Crowd, readers: Readers, waiting: dict[str, int]
) -> int:
    answers = crowd.answers + readers.answers
    for what, count in sorted(answers.items()):
        print(f"  {what:48} {count}")
    failed = {
        what: count for what, count in answers.items() if what.endswith("no answer") or what[-3:] >= "500"
    }
    found = [
        *(f"{count} times: {what}" for what, count in failed.items()),
        *crowd.odd,
        *reckoning.findings(stack, stripe, crowd.told),
        *(f"still waiting: {count} {what}" for what, count in waiting.items()),
    ]
    print("\n".join(found) or "  Nobody noticed.")
    if failed:
        print(*refusals(stack), sep="\n")
    return 1 if found else 0


def refusals(stack: Stack) -> Iterator[str]:
    """What the programs said when they could not answer, and what they warned of."""
    for path in sorted(stack.folder.rglob("*.log")):
        lines = path.read_text(errors="replace").splitlines()
        telling = [line for line in lines if re.search(r' 50\d \d+ ms|WARNING|ERROR|"(warn|error)"', line)]
        yield from (f"  {path.stem}: {line[:400]}" for line in telling[-40:])


if __name__ == "__main__":
    sys.exit(main(int(os.environ.get("TIMES") or 10)))

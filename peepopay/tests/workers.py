"""A relay and a Celery worker of their own, for tests that kill them."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from local.ports import wait_until
from local.processes import Process
from local.testing.cast import make_booking
from local.testing.fake_smtp import FakeSmtp
from notifications.models import Message
from peepopay import programs
from peepopay.programs import Program

DRAINED_SECONDS = 30  # alone on two cores it takes a few


class Workers:
    """A relay and a Celery worker on the test's own database."""

    def __init__(self, folder: Path, broker_url: str, smtp: FakeSmtp, **environment: str) -> None:
        database = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        self.folder = folder
        self.env = os.environ | {
            "DATABASE_URL": urlunsplit(database._replace(path=f"/{name}")),
            "DATABASE_DIRECT_URL": "",
            "CELERY_BROKER_URL": broker_url,
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_URL": smtp.url,
            "SENT_MESSAGES_DIR": str(folder / "sent"),
            "DATABASE_POOL_MAX": "0",
            **environment,
        }
        self.relay = self.program("relay", programs.relay({}, folder), ready_text="relay: ready.")
        self.worker = self.program(
            "worker",
            programs.worker({}, folder),
            *("--include", "peepopay.tests.poison", "--hostname", f"{uuid.uuid4().hex}@localhost"),
            ready_text=" ready.",
            stop_seconds=25,
        )

    def program(
        self, name: str, of: Program, *words: str, ready_text: str, stop_seconds: float = 10
    ) -> Process:
        return Process(
            name=name,
            argv=[*of.argv, *words],
            env=self.env | of.environment,
            cwd=settings.BASE_DIR,
            log=self.folder / f"{name}.log",
            ready_text=ready_text,
            stop_seconds=stop_seconds,
        )

    def another_relay(self) -> Process:
        return self.program("relay-2", programs.relay({}, self.folder), ready_text="relay: ready.").start()

    def send_task(self, name: str, argument: str) -> None:
        """As a program of the product would, with its settings and queues."""
        code = f"from peepopay.celery_app import app; app.send_task({name!r}, args=[{argument!r}])"
        subprocess.run([sys.executable, "-c", code], env=self.env, cwd=settings.BASE_DIR, check=True)

    def children(self) -> list[int]:
        """The processes that run the worker's tasks."""
        listed = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def start(self) -> Workers:
        self.worker.launch()
        self.relay.start()
        self.worker.wait_ready()
        return self

    def stop(self) -> None:
        self.relay.stop()
        self.worker.stop()


@contextmanager
def running(folder: Path, broker_url: str, smtp: FakeSmtp, **environment: str) -> Iterator[Workers]:
    workers = Workers(folder, broker_url, smtp, **environment)
    try:
        yield workers.start()
    finally:
        workers.stop()


def tell(service: Service, count: int = 1) -> None:
    """Two mails each: the customer's and the tradie's. Of other customers each time, since one has a daily budget."""
    for _ in range(count):
        booking = make_booking(
            service, customer_email=f"{uuid.uuid4().hex}@example.com", customer_phone="+61295501234"
        )
        messages.tell_confirmed(booking, now=timezone.now())


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for message in Message.objects.all():
        found[message.state] = found.get(message.state, 0) + 1
    return found


def all_sent(count: int, seconds: float = DRAINED_SECONDS) -> bool:
    return wait_until(lambda: states() == {"sent": count}, seconds=seconds)


def ids(smtp: FakeSmtp) -> list[bytes]:
    return [line for mail in smtp.received for line in mail.splitlines() if line.startswith(b"Message-ID:")]


def each_once(smtp: FakeSmtp, count: int) -> bool:
    return len(ids(smtp)) == count == len(set(ids(smtp)))

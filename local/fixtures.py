"""pytest fixtures for tests that need more than a database: the running product, a browser, RabbitMQ."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from local import chromium, pgbouncer, proxy
from local import rabbitmq as rabbitmq_server
from local.ports import LOOPBACK, free_ports_in_a_row
from local.processes import last_lines, temporary_folder
from local.rabbitmq import RabbitMQ
from local.stack import Stack
from local.testing import sentry as sentry_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# What a whole product started by a test must not inherit from the test's own environment.
OWN = (
    "DATABASE_",
    "REDIS_",
    "CELERY_",
    "STRIPE_",
    "SENT_",
    "EMAIL_",
    "SMS_",
    "SITE_",
    "WIDGET_",
    "SECRET_",
    "SENTRY_",
    "DJANGO_",
    "METRICS_",
    "VAPID_",
    "PORT",
    "PEEPOPAY_PROGRAM",
)
StackStarter = Callable[..., Stack]
_running: list[Stack] = []


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """A private node. A queue survives `kill` once it is some 5 s old: Erlang writes its tables that late."""
    need(rabbitmq_server.why_missing())
    node = RabbitMQ(temporary_folder("rabbitmq")).start()
    yield node
    node.close()


@pytest.fixture(scope="session")
def start_stack() -> Iterator[StackStarter]:
    """Call it for a whole product of your own: `start_stack(broker="rabbitmq", RATE_LIMITS="off")`."""

    def start(
        broker: str = "valkey",
        pooler: bool = False,
        proxied: bool = False,
        metrics: bool = False,
        **environment: str,
    ) -> Stack:
        if broker == "rabbitmq":
            need(rabbitmq_server.why_missing())
        if pooler:
            need(pgbouncer.why_missing())
        if proxied:
            need(proxy.why_missing())
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        stack = Stack(
            folder=temporary_folder("stack"),
            given=inherited | environment,
            web_port=free_ports_in_a_row(3),
            disposable=True,
            broker=broker,
            pooler=pooler,
            proxied=proxied,
            metrics=metrics,
        )
        _running.append(stack)
        return stack.start()

    yield start
    while _running:
        _running.pop().stop()


@pytest.fixture(scope="session")
def unlimited_stack(
    start_stack: StackStarter, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Stack:
    """One without limits per address: here one address is every customer. Its tests share it (`local/sharing.py`).
    What it asks of the internet, a `Receiver` of this machine's answers."""
    trusted = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    return start_stack(
        RATE_LIMITS="off",
        metrics=True,
        SSL_CERT_FILE=str(trusted),
        WEBHOOK_PRIVATE_NETWORKS=f"{LOOPBACK}/32",
    )


@pytest.fixture(scope="session")
def sentry() -> Iterator[sentry_server.Sentry]:
    """A stand-in for Sentry, which the breakable stack reports to."""
    with sentry_server.running() as found:
        yield found


@pytest.fixture(scope="session")
def breakable_stack(start_stack: StackStarter, sentry: sentry_server.Sentry) -> Stack:
    """The same on RabbitMQ, for tests that break parts of it and put them together again. Whoever falls silent in it is
    missed after seconds instead of minutes."""
    return start_stack(
        broker="rabbitmq",
        metrics=True,
        RATE_LIMITS="off",
        HEARTBEAT_SECONDS="1",
        TWILIO_AUTH_TOKEN="twilio-secret",  # noqa: S106
        SENTRY_DSN=sentry.dsn,
        SENTRY_RELEASE="20261126",
        SENTRY_ENVIRONMENT="tests",
    )


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; skips without one."""
    need(None if chromium.path() else chromium.MISSING)
    return str(chromium.path())


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> "Iterator[Browser]":
    """Chromium without a window, driven by Playwright. Open a context per test: `browser.new_context()`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = chromium.launch(playwright, chromium_path)
        yield launched
        launched.close()


def need(why_missing: str | None) -> None:
    """Skips the test with the reason; in CI nothing may be skipped for want of a program."""
    if why_missing and os.environ.get("CI") == "true":
        pytest.fail(why_missing)
    if why_missing:
        pytest.skip(why_missing)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """A failure comes with the ends of the logs of every product that is up."""
    report = yield
    if report.failed:
        for stack in _running:
            for log in logs_of(stack.folder):
                report.sections.append((f"end of {log.name}", last_lines(log)))
    return report


def logs_of(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return sorted(folder.glob("**/*.log"))
    return []

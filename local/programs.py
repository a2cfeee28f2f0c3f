"""The product's own programs as processes of a stack."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from local.paths import CHECKOUT
from local.ports import LOOPBACK, answers
from local.processes import Process


class Surroundings(Protocol):
    """What a program needs to know of the stack it is part of."""

    folder: Path
    logs: Path
    env: dict[str, str]
    given: Mapping[str, str]
    web_port: int

    @property
    def site_url(self) -> str: ...


# Celery would build and tear down a connection pool around each task, and import every page to check it.
WITHOUT_POOL = {"DATABASE_POOL_MAX": "0", "CELERY_SKIP_CHECKS": "true"}


def program(stack: Surroundings, name: str, *words: str, **more: object) -> Process:
    return Process(
        name=name,
        argv=[sys.executable, *words],
        env=stack.env if name == "web" else stack.env | WITHOUT_POOL,
        cwd=CHECKOUT,
        log=stack.logs / f"{name.replace(' ', '-')}.log",
        **more,  # type: ignore[arg-type]
    )


def demo_stripe(stack: Surroundings) -> Process:
    port = stack.web_port + 1
    return program(
        stack,
        "demo stripe",
        *("-m", "local.demo_stripe"),
        *("--port", str(port)),
        *("--state", str(stack.folder / "demo-stripe.sqlite3")),
        *("--webhook-url", f"http://{LOOPBACK}:{stack.web_port}/webhooks/stripe"),
        *("--webhook-secret", stack.env["STRIPE_WEBHOOK_SECRETS"]),
        ready=lambda: answers(port),
    )


def web(stack: Surroundings) -> Process:
    return program(
        stack,
        "web",
        *("deploy/serve.py", f"{LOOPBACK}:{stack.web_port}"),
        ready=lambda: answers(stack.web_port),
    )


def worker(stack: Surroundings) -> Process:
    return program(
        stack,
        "worker",
        *("-m", "celery", "--app", "peepopay.celery_app", "worker"),
        *("--hostname", f"worker-{stack.web_port}@localhost", "--concurrency", "2", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
        ready_text=" ready.",
        stop_seconds=25,  # it may finish the task in hand
    )


def beat(stack: Surroundings) -> Process:
    return program(
        stack,
        "beat",
        *("-m", "celery", "--app", "peepopay.celery_app", "beat", "--loglevel", "INFO"),
        *("--schedule", str(stack.folder / "beat-schedule"), "--pidfile", ""),
        ready_text="beat: Starting",
    )


def relay(stack: Surroundings) -> Process:
    return program(stack, "relay", "manage.py", "relay", ready_text="relay: ready.")


def website(stack: Surroundings) -> Process:
    port = stack.web_port + 2
    words = ("-m", "local.website", "--port", str(port), "--site-url", stack.site_url)
    return program(stack, "website", *words, ready=lambda: answers(port))

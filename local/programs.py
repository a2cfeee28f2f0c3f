"""The product's own programs as processes of a stack."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from local.paths import CHECKOUT
from local.ports import LOOPBACK, answers
from local.processes import Process
from payments import event_types
from peepopay import programs
from peepopay.programs import Program

Made = Callable[[Mapping[str, str], Path], Program]


class Surroundings(Protocol):
    """What a program needs to know of the stack it is part of."""

    folder: Path
    logs: Path
    env: dict[str, str]
    given: Mapping[str, str]
    web_port: int

    @property
    def site_url(self) -> str: ...

    def given_to(self, name: str) -> dict[str, str]: ...

    def webhooks(self) -> tuple[str, dict[str, str]]: ...


def program(stack: Surroundings, name: str, *words: str, **more: object) -> Process:
    return process(stack, name, Program(words), **more)


def product(stack: Surroundings, name: str, made: Made, *words: str, **more: object) -> Process:
    """A program of the product, with what it alone is given."""
    own = stack.given_to(name)
    of = made({**stack.given, **own}, stack.folder)
    return process(stack, name, Program(of.words, of.environment | own), *words, **more)


def process(stack: Surroundings, name: str, of: Program, *words: str, **more: object) -> Process:
    return Process(
        name=name,
        argv=[*of.argv, *words],
        env=stack.env | of.environment,
        cwd=CHECKOUT,
        log=stack.logs / f"{name.replace(' ', '-')}.log",
        **more,  # type: ignore[arg-type]
    )


def demo_stripe(stack: Surroundings) -> Process:
    port = stack.web_port + 1
    webhooks, trusted = stack.webhooks()
    words = (
        *("-m", "local.demo_stripe"),
        *("--port", str(port)),
        *("--state", str(stack.folder / "demo-stripe.sqlite3")),
        *("--webhook-url", webhooks),
        *("--webhook-secret", stack.env["STRIPE_WEBHOOK_SECRETS"]),
        *("--webhook-events", ",".join(event_types.EVERY)),
    )
    return process(stack, "demo stripe", Program(words, trusted), ready=lambda: answers(port))


def web(stack: Surroundings, port: int | None = None) -> Process:
    """At the stack's own port, or another one beside it."""
    port, name = (port, f"web {port}") if port else (stack.web_port, "web")
    return product(
        stack,
        name,
        programs.web,
        f"{LOOPBACK}:{port}",
        ready=lambda: answers(port),
    )


def worker(stack: Surroundings) -> Process:
    return product(
        stack,
        "worker",
        programs.worker,
        *("--hostname", f"worker-{stack.web_port}@localhost"),
        ready_text=" ready.",
        stop_seconds=25,  # it may finish the task in hand
    )


def beat(stack: Surroundings) -> Process:
    return product(stack, "beat", programs.beat, ready_text="beat: Starting")


def relay(stack: Surroundings) -> Process:
    return product(stack, "relay", programs.relay, ready_text="relay: ready.")


def website(stack: Surroundings) -> Process:
    port = stack.web_port + 2
    words = ("-m", "local.website", "--port", str(port), "--site-url", stack.site_url)
    return program(stack, "website", *words, ready=lambda: answers(port))

"""What breaks, and is mended again: by the name of its column in docs/operations.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg

from local import faketime
from local.ports import wait_until
from local.testing.crowd import ask

from .conftest import Town

Break = Callable[[Town], AbstractContextManager[None]]
FULL = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON %I EXECUTE FUNCTION disk_is_full()', name);
    END LOOP;
END $$
"""


def killed(name: str) -> Break:
    @contextmanager
    def accident(town: Town) -> Iterator[None]:
        town.stack.processes[name].kill()
        try:
            yield
        finally:
            town.stack.processes[name].start()

    return accident


@contextmanager
def postgres_down(town: Town) -> Iterator[None]:
    """Not killed: for speed the tests' own keeps the last commits in memory for a moment."""
    town.stack.processes["postgres"].stop()
    try:
        yield
    finally:
        town.stack.processes["postgres"].start()


@contextmanager
def redis_frozen(town: Town) -> Iterator[None]:
    town.stack.processes["valkey"].freeze()
    try:
        yield
    finally:
        town.stack.processes["valkey"].thaw()


@contextmanager
def rabbitmq_down(town: Town) -> Iterator[None]:
    assert town.stack.rabbitmq
    town.stack.rabbitmq.kill()
    try:
        yield
    finally:
        town.stack.rabbitmq.start()


@contextmanager
def rabbitmq_frozen(town: Town) -> Iterator[None]:
    assert town.stack.rabbitmq
    town.stack.rabbitmq.freeze()
    try:
        yield
    finally:
        town.stack.rabbitmq.thaw()


@contextmanager
def rabbitmq_disk_full(town: Town) -> Iterator[None]:
    """Its alarm: publishers are blocked, without a word of refusal."""
    node = town.stack.rabbitmq
    assert node
    limit = node.evaluate("rabbit_disk_monitor:get_disk_free_limit().").strip()
    node.evaluate("rabbit_disk_monitor:set_disk_free_limit({mem_relative, 100000.0}).")
    try:
        yield
    finally:
        node.evaluate(f"rabbit_disk_monitor:set_disk_free_limit({limit}).")


@contextmanager
def database_disk_full(town: Town) -> Iterator[None]:
    """PostgreSQL's own error 53100 at each write; reading goes on."""
    with psycopg.connect(town.stack.env["DATABASE_URL"], autocommit=True) as link:
        link.execute(FULL)
        try:
            yield
        finally:
            link.execute("DROP FUNCTION disk_is_full() CASCADE")


def stripe_answers(**what: Any) -> Break:
    @contextmanager
    def accident(town: Town) -> Iterator[None]:
        town.stripe.fault(r"(POST|GET) /v1/", times=0, **what)
        try:
            yield
        finally:
            town.stripe.clear_faults()

    return accident


def nothing_leaves_by(channel: str) -> Break:
    """The backend, which writes files here, fails at each message: its folder is none any more."""

    @contextmanager
    def accident(town: Town) -> Iterator[None]:
        folder = town.stack.sent / channel
        aside = folder.rename(folder.with_name(f"{channel}-aside"))
        folder.touch()
        try:
            yield
        finally:
            folder.unlink()
            aside.rename(folder)

    return accident


def it_was_noticed(town: Town) -> bool:
    """Every web process has met the restart, which costs it a 503: a dozen connections reach them all."""
    return all(ask(town.stack.site_url, "GET", "/api/tradies/nobody").status == 404 for _ in range(12))


def clocks_of_the_others(minutes: int) -> Break:
    """PostgreSQL's, by libfaketime, and Stripe's, which signs its webhooks with the time. (Web's own can't be set so:
    the library breaks Python's `time.sleep`.)"""

    @contextmanager
    def accident(town: Town) -> Iterator[None]:
        postgres, town.stripes_clock = town.stack.processes["postgres"], minutes * 60
        postgres.stop()
        usual = postgres.env
        postgres.env = {**usual, **faketime.environment(minutes)}
        try:
            postgres.start()
            wait_until(lambda: it_was_noticed(town), seconds=10)
            yield
        finally:
            town.stripes_clock, postgres.env = 0, usual
            postgres.restart()

    return accident


BREAKS: dict[str, Break] = {
    "nothing": lambda _town: nullcontext(),
    "Redis down": killed("valkey"),
    "Redis frozen": redis_frozen,
    "RabbitMQ down": rabbitmq_down,
    "RabbitMQ frozen": rabbitmq_frozen,
    "RabbitMQ's disk full": rabbitmq_disk_full,
    "worker down": killed("worker"),
    "relay down": killed("relay"),
    "beat down": killed("beat"),
    "PostgreSQL down": postgres_down,
    "its disk full": database_disk_full,
    "Stripe hangs": stripe_answers(hang=20),
    "Stripe says 500": stripe_answers(status=500),
    "Stripe refuses": killed("stripe"),
    "mail down": nothing_leaves_by("mail"),
    "SMS down": nothing_leaves_by("sms"),
    "clocks +6 min": clocks_of_the_others(6),
    "clocks -6 min": clocks_of_the_others(-6),
}

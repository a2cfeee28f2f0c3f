"""Work that kills the process that runs it is tried a few times, put aside, and holds up nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kombu import Connection

from accounts.models import Service
from local.ports import wait_until
from local.processes import temporary_folder
from local.rabbitmq import RabbitMQ
from local.testing.fake_smtp import FakeSmtp
from notifications.models import Message
from peepopay import dead_letters

from .workers import Workers, running, states, tell

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@dataclass
class Poisoned:
    workers: Workers
    tally: Path

    @property
    def runs(self) -> int:
        return len(self.tally.read_text()) if self.tally.exists() else 0


@pytest.fixture(scope="module")
def poisoned(django_db_setup: None, rabbitmq: RabbitMQ, smtp_server: FakeSmtp) -> Iterator[Poisoned]:
    """Workers whose every mail kills the process that sends it."""
    folder = temporary_folder("workers")
    environment = {
        "EMAIL_BACKEND": "peepopay.tests.poison.EmailBackend",
        "POISON_TALLY": str(folder / "runs"),
    }
    with running(folder, rabbitmq.url, smtp_server, **environment) as workers:
        yield Poisoned(workers, folder / "runs")


def test_a_message_that_kills_its_worker_is_dead_after_five_runs(poisoned: Poisoned, drain: Service) -> None:
    tell(drain)
    assert wait_until(lambda: states() == {"failed": 2}, seconds=60)
    assert poisoned.runs == 10
    assert set(Message.objects.values_list("last_error", flat=True)) == {"The process that ran it died."}


def test_a_task_that_kills_its_worker_ends_among_the_dead_letters(
    poisoned: Poisoned, rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    poisoned.workers.send_task("peepopay.tests.poison.kill_worker", str(tmp_path / "runs"))
    with Connection(rabbitmq.url) as link:
        dead = dead_letters.QUEUE(link.default_channel)
        assert wait_until(lambda: dead.queue_declare(passive=True).message_count == 1, seconds=60)
        dead.purge()
    assert (tmp_path / "runs").read_text() == "x" * 6

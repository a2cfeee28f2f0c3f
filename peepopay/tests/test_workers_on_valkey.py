"""The whole chain with Valkey as broker, as `make run` has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Service
from local.ports import wait_until
from local.processes import temporary_folder
from local.testing.fake_smtp import FakeSmtp
from notifications.models import Message
from peepopay.outbox import LEASE

from .workers import DRAINED_SECONDS, Workers, all_sent, each_once, running, tell

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def on_valkey(django_db_setup: None, smtp_server: FakeSmtp) -> Iterator[Workers]:
    with running(temporary_folder("workers"), settings.CELERY_BROKER_URL, smtp_server) as workers:
        yield workers


def test_valkey_carries_messages_to_the_workers(on_valkey: Workers, drain: Service, smtp: FakeSmtp) -> None:
    tell(drain, 10)
    assert all_sent(20)
    assert each_once(smtp, 20)


def test_each_child_of_a_worker_keeps_its_connection(
    on_valkey: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    tell(drain, 5)
    assert all_sent(10)
    kept = connections_of_workers()
    tell(drain, 5)
    assert all_sent(20)
    assert kept
    assert kept <= connections_of_workers()
    assert len(connections_of_workers()) <= len(on_valkey.children()) == 2


def test_on_valkey_a_killed_worker_loses_nothing(on_valkey: Workers, drain: Service, smtp: FakeSmtp) -> None:
    smtp.go_on.clear()
    tell(drain, 3)
    assert wait_until(lambda: smtp.begun == 2, seconds=DRAINED_SECONDS)
    on_valkey.worker.kill()
    smtp.go_on.set()
    Message.objects.update(due_at=timezone.now())  # the lease is over
    on_valkey.worker.start()
    # Valkey may still have handed a task to the connection of the dead: that one comes anew when its lease is over.
    assert all_sent(6, seconds=LEASE.total_seconds() + DRAINED_SECONDS)
    assert each_once(smtp, 6)


def connections_of_workers() -> set[int]:
    """Their last statement gives the task's lock back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND query LIKE '%pg_advisory_unlock%'"
        )
        return {pid for (pid,) in cursor.fetchall()}

"""The whole chain on RabbitMQ: rows, relay, broker, worker, SMTP. Processes are killed and the broker is stopped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connection
from django.utils import timezone
from kombu import Connection, Exchange, Queue

from accounts.models import Service
from local.ports import wait_until
from local.processes import temporary_folder
from local.rabbitmq import RabbitMQ
from local.testing.fake_smtp import FakeSmtp
from notifications.models import Message
from peepopay import alive, outbox
from peepopay.relay import Relay, Route

from .workers import DRAINED_SECONDS, Workers, all_sent, each_once, running, states, tell

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def on_rabbitmq(django_db_setup: None, rabbitmq: RabbitMQ, smtp_server: FakeSmtp) -> Iterator[Workers]:
    with running(temporary_folder("workers"), rabbitmq.url, smtp_server) as workers:
        yield workers


def shows_that_it_lives(workers: Workers, name: str) -> bool:
    """To whoever would start it anew if it didn't."""
    file = alive.file_of(name, workers.folder)
    file.unlink()
    return wait_until(file.exists, seconds=DRAINED_SECONDS)


def test_rabbitmq_carries_messages_to_the_workers(
    on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    tell(drain, 10)
    assert all_sent(20)
    assert each_once(smtp, 20)


def test_a_worker_killed_in_mid_task_loses_nothing_and_sends_nothing_twice(
    on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    smtp.go_on.clear()
    tell(drain, 3)
    assert wait_until(lambda: smtp.begun == 2, seconds=DRAINED_SECONDS)
    on_rabbitmq.worker.kill()
    smtp.go_on.set()
    on_rabbitmq.worker.start()
    assert all_sent(6)
    assert each_once(smtp, 6)


def test_a_killed_child_is_replaced_and_its_task_done_once(
    on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    smtp.go_on.clear()
    tell(drain, 3)
    assert wait_until(lambda: smtp.begun == 2, seconds=DRAINED_SECONDS)
    for child in on_rabbitmq.children():
        os.kill(child, signal.SIGKILL)
    smtp.go_on.set()
    assert all_sent(6)
    assert each_once(smtp, 6)


def test_a_restarted_broker_loses_nothing_and_sends_nothing_twice(
    on_rabbitmq: Workers, rabbitmq: RabbitMQ, drain: Service, smtp: FakeSmtp
) -> None:
    smtp.go_on.clear()
    tell(drain, 5)
    assert wait_until(lambda: smtp.begun == 2, seconds=DRAINED_SECONDS)
    rabbitmq.restart()
    smtp.go_on.set()
    tell(drain, 5)
    assert all_sent(20)
    assert each_once(smtp, 20)


def test_a_broker_that_is_down_delays_messages_and_nothing_else(
    on_rabbitmq: Workers, rabbitmq: RabbitMQ, drain: Service, smtp: FakeSmtp
) -> None:
    before = failed_tries(on_rabbitmq)
    rabbitmq.kill()
    started = time.monotonic()
    tell(drain, 5)
    assert time.monotonic() - started < 2
    # Once for what it was told of, once more when that was due again.
    assert wait_until(lambda: failed_tries(on_rabbitmq) >= before + 2, seconds=DRAINED_SECONDS)
    assert states() == {"waiting": 10}
    assert on_rabbitmq.relay.alive
    assert shows_that_it_lives(on_rabbitmq, "relay")
    assert shows_that_it_lives(on_rabbitmq, "worker")
    rabbitmq.start()
    assert all_sent(10)
    assert each_once(smtp, 10)
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_a_frozen_broker_delays_messages_and_nothing_else(
    on_rabbitmq: Workers, rabbitmq: RabbitMQ, drain: Service, smtp: FakeSmtp
) -> None:
    before = failed_tries(on_rabbitmq)
    rabbitmq.freeze()
    try:
        tell(drain, 5)
        assert wait_until(lambda: failed_tries(on_rabbitmq) > before, seconds=DRAINED_SECONDS)
    finally:
        rabbitmq.thaw()
    assert all_sent(10, seconds=60)
    assert each_once(smtp, 10)


def test_the_relay_and_the_workers_outlive_their_database_connections(
    on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    drop_other_connections()
    tell(drain, 5)
    assert all_sent(10)
    assert each_once(smtp, 10)


def test_mail_that_is_down_is_retried_and_sent_once(
    on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    smtp.answers = {"MAIL": "451 Later"}
    tell(drain, 2)
    assert wait_until(lambda: states() == {"retrying": 4}, seconds=DRAINED_SECONDS)
    assert wait_until(
        lambda: (
            set(Message.objects.values_list("last_error", flat=True))
            == {"The mail server did not take it (SMTPSenderRefused)."}
        ),
        seconds=DRAINED_SECONDS,
    )
    smtp.answers = {}
    Message.objects.update(due_at=timezone.now())  # half a minute later
    assert all_sent(4)
    assert each_once(smtp, 4)


def test_a_database_that_drops_everyone_in_mid_task_makes_nobody_send_twice(
    on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp
) -> None:
    smtp.go_on.clear()
    tell(drain, 3)
    assert wait_until(lambda: smtp.begun == 2, seconds=DRAINED_SECONDS)
    drop_other_connections()
    smtp.go_on.set()
    assert all_sent(6)
    assert each_once(smtp, 6)


def test_two_relays_send_everything_once(on_rabbitmq: Workers, drain: Service, smtp: FakeSmtp) -> None:
    second = on_rabbitmq.another_relay()
    try:
        tell(drain, 20)
        assert all_sent(40)
    finally:
        second.stop()
    assert each_once(smtp, 40)
    assert second.exit_code is None or second.exit_code == 0


def test_every_queue_is_replicated_and_has_a_way_to_the_dead_letters(
    on_rabbitmq: Workers, rabbitmq: RabbitMQ
) -> None:
    """RabbitMQ refuses to declare a queue again with other arguments."""
    on_disk = {"durable": True, "auto_delete": False}
    with Connection(rabbitmq.url) as link:
        channel = link.default_channel
        for name in ("webhooks", "messages", "sweeps"):
            channel.queue_declare(
                name,
                **on_disk,
                arguments={
                    "x-queue-type": "quorum",
                    "x-delivery-limit": 5,
                    "x-dead-letter-exchange": "peepopay.dead",
                },
            )
        channel.queue_declare("dead", **on_disk, arguments={"x-queue-type": "quorum", "x-max-length": 10_000})


def test_while_no_worker_runs_the_queue_does_not_grow(
    on_rabbitmq: Workers, rabbitmq: RabbitMQ, drain: Service, smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row is published again when its lease is over; by then its last task is gone, and not to the dead letters."""
    on_rabbitmq.stop()
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=2))
    app = Celery("test", set_as_current=False)
    app.conf.broker_write_url = rabbitmq.url
    app.conf.task_queues = [
        Queue("messages", Exchange("peepopay", type="topic"), "messages", no_declare=True)
    ]
    relay = Relay(app, [Route(Message, outbox.task_name(Message), "messages")])
    relay.broker.connect()
    most_waiting = 0
    tell(drain, 2)
    with Connection(rabbitmq.url) as link:

        def waiting(queue: str) -> int:
            return int(link.default_channel.queue_declare(queue, passive=True).message_count)

        for lap in range(1, 6):
            assert wait_until(lambda: relay.relay_due_rows() == 4, seconds=10)  # its lease is over
            assert wait_until(lambda: waiting("messages") >= 2, seconds=1)  # a task for each booking
            most_waiting = max(most_waiting, waiting("messages"))
            assert set(Message.objects.values_list("lease", flat=True)) == {lap}
        assert wait_until(lambda: waiting("messages") == 0, seconds=10)
        assert waiting("dead") == 0
    assert most_waiting <= 4
    relay.broker.close()

    on_rabbitmq.start()
    assert all_sent(4)
    assert each_once(smtp, 4)
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_no_queue_is_made_for_delayed_delivery(on_rabbitmq: Workers, rabbitmq: RabbitMQ) -> None:
    with Connection(rabbitmq.url) as link, pytest.raises(link.channel_errors, match="404"):
        link.default_channel.queue_declare("celery_delayed_0", passive=True)


def test_the_relay_ends_cleanly_when_asked_to(on_rabbitmq: Workers) -> None:
    relay = on_rabbitmq.another_relay()
    relay.ask_to_stop()
    assert wait_until(lambda: not relay.alive, seconds=10)
    assert relay.exit_code == 0


def failed_tries(workers: Workers) -> int:
    """How often the relay found the broker away and gave its rows back."""
    return workers.relay.output().count("relay: broker:")


def drop_other_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    # The idle connections of our own pool went too; finding that out one by one is not what is tested here.
    connection.close()
    connection.close_pool()

"""From rows to tasks: what is published, and what becomes of rows that no broker takes."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.contrib import admin
from django.db import connections
from django.utils import timezone
from kombu import Queue

from accounts.models import Service, Tradie
from bookings import messages
from local.ports import free_port, wait_until
from local.testing.cast import make_booking, soon
from notifications.models import Message
from payments.models import StripeEvent
from peepopay import outbox
from peepopay.celery_app import app as celery
from peepopay.models import OutboxRow
from peepopay.relay import BrokerUnavailable, Relay, Route


def app_with(broker_url: str, queue: str) -> Celery:
    app = Celery("test", set_as_current=False)
    app.conf.update(
        broker_write_url=broker_url,
        task_queues=[Queue(queue, routing_key=queue)],
        broker_connection_timeout=1,
        broker_transport_options={"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0},
    )
    return app


@pytest.fixture
def queue() -> str:
    """A queue of this test's own on the shared Valkey."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def relay(queue: str) -> Iterator[Relay]:
    relay = Relay(app_with(settings.CELERY_BROKER_URL, queue), [Route(Message, "deliver", queue)])
    yield relay
    relay.broker.close()


def add_messages(service: Service) -> set[str]:
    """Due for as long as they may wait."""
    messages.tell_confirmed(make_booking(service), now=timezone.now() - Message.no_hurry)
    return {str(pk) for pk in Message.objects.values_list("pk", flat=True)}


def published(relay: Relay, queue: str) -> list[tuple[dict[str, Any], list[Any]]]:
    """The tasks on the queue: (headers, arguments)."""
    with relay.broker.app.connection() as link:
        waiting = link.SimpleQueue(Queue(queue, routing_key=queue))
        found = []
        with suppress(waiting.Empty):
            while True:
                message = waiting.get_nowait()
                message.ack()
                found.append((message.headers, message.payload[0]))
        return found


def rows_of(tasks: list[tuple[dict[str, Any], list[Any]]]) -> list[list[list[Any]]]:
    """What each task is about: its keys with their leases."""
    return sorted(sorted(rows) for _, (rows,) in tasks)


def test_due_rows_about_one_thing_become_one_task_with_their_keys_and_leases(
    relay: Relay, queue: str, drain: Service
) -> None:
    keys = add_messages(drain)
    assert relay.relay_due_rows() == 3
    assert relay.relay_due_rows() == 0
    tasks = published(relay, queue)
    assert [headers["task"] for headers, _ in tasks] == ["deliver"]
    assert rows_of(tasks) == [sorted([key, 1] for key in keys)]


def test_rows_about_two_things_and_one_that_failed_before_go_alone(
    relay: Relay, queue: str, drain: Service
) -> None:
    add_messages(drain)
    another = make_booking(drain, soon(drain.tradie) + timedelta(days=1))
    messages.tell_confirmed(another, now=timezone.now() - Message.no_hurry)
    failed = Message.objects.filter(channel="sms").first()
    assert failed
    Message.objects.filter(pk=failed.pk).update(attempts=1)
    relay.relay_due_rows()
    tasks = rows_of(published(relay, queue))
    assert sorted(len(rows) for rows in tasks) == [1, 2, 3]
    assert [[str(failed.pk), 1]] in tasks
    for rows in tasks:
        assert len(set(Message.objects.filter(pk__in=[key for key, _ in rows]).values_list("about"))) == 1


def test_no_task_is_about_more_than_ten_rows(relay: Relay, queue: str, drain: Service) -> None:
    add_messages(drain)
    message = Message.objects.filter(channel="email").first()
    assert message
    for number in range(9):
        Message.objects.create(
            tradie=drain.tradie,
            about=message.about,
            kind="refund_sent",
            audience="customer",
            channel="email",
            recipient="jo@example.com",
            dedupe_key=str(number),
            due_at=message.due_at,
        )
    assert relay.relay_due_rows() == 12
    assert sorted(len(rows) for rows in rows_of(published(relay, queue))) == [2, 10]


def test_messages_let_those_who_wait_for_an_answer_go_first(queue: str, drain: Service) -> None:
    both = [Route(Message, "deliver", queue), Route(StripeEvent, "act", queue)]
    relay = Relay(app_with(settings.CELERY_BROKER_URL, queue), both)
    now = timezone.now()
    outbox.put([StripeEvent(id="evt_1", type="payout.paid", created_at=now, due_at=now)])
    messages.tell_confirmed(make_booking(drain), now=now)
    assert relay.relay_due_rows() == 1
    assert [headers["task"] for headers, _ in published(relay, queue)] == ["act"]
    Message.objects.update(due_at=now - Message.no_hurry)
    assert relay.relay_due_rows() == 3
    relay.broker.close()


def test_to_look_in_vain_for_any_kind_of_work_costs_one_statement(
    queue: str, drain: Service, django_assert_num_queries: Any
) -> None:
    relay = Relay(
        app_with(settings.CELERY_BROKER_URL, queue), [Route(kind, "do", queue) for kind in outbox.kinds()]
    )
    with django_assert_num_queries(1):
        assert relay.relay_due_rows() == 0
    add_messages(drain)
    with django_assert_num_queries(2):
        assert relay.relay_due_rows() == 3
    relay.broker.close()


def test_a_task_expires_with_its_lease(relay: Relay, queue: str, drain: Service) -> None:
    """So that an outage of the workers doesn't fill the queue: the row is published anew."""
    add_messages(drain)
    relay.relay_due_rows()
    leased_until = set(Message.objects.values_list("due_at", flat=True))
    expire = {datetime.fromisoformat(headers["expires"]) for headers, _ in published(relay, queue)}
    assert expire == leased_until


def test_more_than_a_batch_is_relayed_batch_by_batch(
    relay: Relay, sam: Tradie, monkeypatch: pytest.MonkeyPatch, drain: Service
) -> None:
    monkeypatch.setattr("peepopay.relay.BATCH", 2)
    add_messages(drain)
    assert [relay.relay_due_rows() for _ in range(3)] == [2, 1, 0]


def test_rows_that_no_broker_takes_are_due_again_in_seconds(queue: str, drain: Service) -> None:
    away = Relay(app_with(f"redis://127.0.0.1:{free_port()}/0", queue), [Route(Message, "deliver", queue)])
    add_messages(drain)
    before = timezone.now()
    with pytest.raises(BrokerUnavailable):
        away.relay_due_rows()
    for message in Message.objects.all():
        assert (message.attempts, message.state) == (0, "waiting")
        assert 2 < (message.due_at - before).total_seconds() < 15


@pytest.mark.django_db(transaction=True)
def test_it_wakes_on_an_announcement_and_stops_when_told(relay: Relay, queue: str, drain: Service) -> None:
    def run() -> None:
        relay.run()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert wait_until(lambda: relay.broker.producer is not None, seconds=10)
        time.sleep(0.2)
        keys = add_messages(drain)
        assert wait_until(lambda: not Message.objects.filter(due_at__lte=timezone.now()).exists(), seconds=10)
    finally:
        relay.stop()
        thread.join(10)
    assert not thread.is_alive()
    assert rows_of(published(relay, queue)) == [sorted([key, 1] for key in keys)]


@pytest.mark.parametrize("model", outbox.kinds(), ids=lambda model: model._meta.label)
def test_every_kind_of_row_has_a_rule_a_queue_a_page_for_the_operator_and_a_line_in_the_docs(
    model: type[OutboxRow],
) -> None:
    celery.loader.import_default_modules()
    assert outbox.task_name(model) in celery.tasks
    assert model.queue in celery.amqp.queues
    assert "retry" in [action.__name__ for action in admin.site._registry[model].actions if callable(action)]
    documented = (settings.BASE_DIR / "docs" / "workers.md").read_text()
    assert f"| `{model._meta.label}` | `{outbox.task_name(model)}` | `{model.queue}` |" in documented


def test_these_kinds_of_row_are_known() -> None:
    assert [model._meta.label for model in outbox.kinds()] == [
        "availability.OutsideCalendar",
        "bookings.Photo",
        "bookings.Posting",
        "invoicing.DepositReceipt",
        "invoicing.Export",
        "invoicing.InvoicePdf",
        "notifications.AccountMail",
        "notifications.Message",
        "notifications.WebhookDelivery",
        "payments.CardHold",
        "payments.DisputeEvidence",
        "payments.FeeCharge",
        "payments.Refund",
        "payments.StripeEvent",
    ]

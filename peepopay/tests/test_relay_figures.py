"""What the relay tells of rows, queues and signs of life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.conf import settings as django_settings
from django.utils import timezone
from prometheus_client import CollectorRegistry

from local.ports import LOOPBACK, free_port
from payments.models import StripeEvent
from peepopay import heartbeats, outbox
from peepopay.celery_app import app
from peepopay.relay_figures import RelayFigures

pytestmark = pytest.mark.django_db(transaction=True)  # the relay looks from a connection of its own
KIND = {"kind": "payments.stripeevent", "queue": "webhooks"}


def shown(figure: str, by: Celery = app, /, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(RelayFigures(by))
    return registry.get_sample_value(figure, labels)


def event(number: int, **fields: Any) -> StripeEvent:
    return StripeEvent.objects.create(
        id=f"evt_{number}", type="charge.refunded", created_at=timezone.now(), **fields
    )


def test_rows_that_wait_are_told_apart_from_those_put_off_done_and_dead() -> None:
    now = timezone.now()
    event(1, due_at=now - timedelta(seconds=100))  # nobody has claimed it
    event(2, due_at=now + outbox.LEASE, waiting_since=now - timedelta(seconds=300))  # claimed, and not taken
    event(3, due_at=now + timedelta(seconds=60))  # put off
    event(4, due_at=now - timedelta(hours=2), done_at=now)
    event(5, due_at=now - timedelta(hours=2), dead_at=now)
    event(6, due_at=now - timedelta(hours=2), dead_at=now, done_at=now)  # closed by a person
    assert shown("peepopay_outbox_waiting_rows", **KIND) == 2
    assert shown("peepopay_outbox_dead_rows", **KIND) == 1
    assert shown("peepopay_outbox_oldest_seconds", **KIND) == pytest.approx(300, abs=5)
    assert shown("peepopay_outbox_unpublished_seconds", **KIND) == pytest.approx(100, abs=5)


def test_every_kind_of_row_is_told_of_also_when_there_is_none() -> None:
    for kind in outbox.kinds():
        labels = {"kind": kind._meta.label_lower, "queue": kind.queue}
        assert shown("peepopay_outbox_waiting_rows", **labels) == 0
        assert shown("peepopay_outbox_oldest_seconds", **labels) == 0


def test_a_sign_of_life_has_its_age_and_one_that_never_came_is_endless() -> None:
    heartbeats.note("relay")
    assert 0 <= (shown("peepopay_heartbeat_age_seconds", name="relay") or 0) < 5
    assert shown("peepopay_heartbeat_age_seconds", name="beat") == float("inf")
    for name, seconds in heartbeats.patience().items():
        assert shown("peepopay_heartbeat_patience_seconds", name=name) == seconds


def test_findings_are_those_of_the_last_self_check() -> None:
    assert shown("peepopay_invariant_findings", kind="broken") is None
    heartbeats.note(heartbeats.SELF_CHECK, broken=2, waiting=1)
    assert shown("peepopay_invariant_findings", kind="broken") == 2
    assert shown("peepopay_invariant_findings", kind="waiting") == 1
    assert 0 <= (shown("peepopay_invariants_age_seconds") or 0) < 5


def test_a_broker_that_is_away_hides_nothing_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CELERY_BROKER_URL")  # Celery prefers it to what it is told
    away = Celery("away", broker=f"redis://{LOOPBACK}:{free_port()}/0")
    away.conf.broker_transport_options = {"socket_connect_timeout": 1, "max_retries": 1}
    assert shown("peepopay_broker_up", away) == 0
    assert shown("peepopay_queue_messages", away, queue="webhooks") is None
    assert shown("peepopay_database_up", away) == 1
    assert shown("peepopay_outbox_waiting_rows", away, **KIND) == 0


def test_a_database_that_is_away_hides_nothing_of_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(django_settings.DATABASES["default"], "PORT", str(free_port()))
    assert shown("peepopay_database_up") == 0
    assert shown("peepopay_outbox_waiting_rows", **KIND) is None
    assert shown("peepopay_broker_up") == 1
    assert shown("peepopay_queue_messages", queue="webhooks") is not None


def test_whoever_asks_again_within_seconds_gets_the_same_look() -> None:
    figures = RelayFigures(app)
    first = list(figures.collect())
    event(1, due_at=timezone.now() - timedelta(seconds=100))
    assert list(figures.collect()) == first

"""One id for everything that follows from a request. Over a real broker: `web/tests/faults/test_canaries.py`."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import messages
from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import BookingEvent, EventKind
from local.testing.cast import make_booking
from notifications.models import Message
from peepopay import outbox, request_ids
from peepopay.celery_app import app

ID = "5f0c1d8e9ab24c56a7b8c9d0e1f20304"


@pytest.mark.parametrize("given", [ID, str(uuid.UUID(ID))])
def test_a_uuid_that_a_client_brings_is_its_request_id(client: Client, given: str) -> None:
    assert client.get("/health", headers={"X-Request-ID": given})["X-Request-ID"] == ID


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "0412345678",
        "jo@example.com",
        ID.upper(),
        ID + "0",
        ID[:-1],
        f"{ID}\n{ID}",
        "é" * 32,
        "x" * 5000,
    ],
)
def test_anything_else_gets_a_new_one(client: Client, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    first, second = (client.get("/health", headers=headers)["X-Request-ID"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second
    assert first != ID


def test_refusals_and_errors_have_one_too(client: Client, db: None) -> None:
    for path in ("/api/nothing", "/nothing", "/api/me", "/health/redis", f"/?{'x' * 5000}"):
        assert len(client.get(path)["X-Request-ID"]) == 32, path


def test_any_site_s_script_may_read_it(client: Client, db: None) -> None:
    answer = client.get("/api/tradies/nobody", headers={"origin": "https://joe.example"})
    assert "X-Request-ID" in answer["Access-Control-Expose-Headers"]


def test_what_a_request_writes_carries_its_id(drain: Any, db: None) -> None:
    booking = make_booking(drain)
    with request_ids.under(ID):
        record(booking, EventKind.CONFIRMED, by=CUSTOMER, now=timezone.now())
        messages.tell_confirmed(booking, now=timezone.now())
    assert BookingEvent.objects.get(kind=EventKind.CONFIRMED).request_id == ID
    assert set(Message.objects.values_list("request_id", flat=True)) == {ID}


def test_a_worker_goes_on_under_the_id_of_the_row(drain: Any, db: None) -> None:
    with request_ids.under(ID):
        messages.tell_confirmed(make_booking(drain), now=timezone.now())
    seen = []
    message = Message.objects.all()[0]
    with request_ids.under("f" * 32):
        outbox.run(
            Message, message.pk, lambda row: seen.append(request_ids.current()) or {}, now=timezone.now()
        )
        assert request_ids.current() == "f" * 32
    assert seen == [ID]


@pytest.mark.django_db
def test_a_task_that_nobody_asked_for_runs_under_its_own_id() -> None:
    @app.task(name="tests.current_id")
    def current_id() -> str:
        return request_ids.current()

    task_id = str(uuid.uuid4())
    assert current_id.apply(task_id=task_id).get() == task_id.replace("-", "")
    assert request_ids.current() == ""

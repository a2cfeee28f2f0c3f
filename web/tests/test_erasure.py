"""Customers' details go some time after the job, wherever they are kept; what the books need stays."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings import erasure, messages
from bookings.actors import CUSTOMER
from bookings.lifecycle import record
from bookings.models import Booking, EventKind, Status
from bookings.tokens import find_by_token, token_of
from bookings.whose_columns import ERASED
from local.testing.cast import make_booking, owner_of
from notifications.models import Message, WebhookEvent
from notifications.webhooks.endpoints import add_endpoint
from payments import invariants

DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "privacy.md").read_text()
TEXT = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    ArrayField,
)
TEXT += (models.GenericIPAddressField,)
CANARY = "Zyx9canary"
A_DAY = timedelta(days=1)


def text_columns(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.local_concrete_fields if isinstance(field, TEXT)}


def make_canary(drain: Service, ends_at: datetime, **fields: Any) -> Booking:
    """A booking all of whose personal details can be found again."""
    return make_booking(
        drain,
        ends_at - timedelta(hours=1),
        created_at=ends_at - 2 * A_DAY,
        customer_name=CANARY,
        customer_email=f"{CANARY}@example.com".lower(),
        address_line1=CANARY,
        address_suburb=CANARY,
        notes=CANARY,
        site_name=CANARY,
        access_notes=CANARY,
        answers={"where": CANARY},
        tradie_notes=CANARY,
        cancel_reason=CANARY,
        client_address_hash=CANARY,
        request_hash=CANARY,
        **fields,
    )


@pytest.fixture
def old(drain: Service) -> Booking:
    """Over for as long as details are kept, with messages and events about it."""
    now = timezone.now()
    add_endpoint(drain.tradie, url="https://hooks.example.com/", event_types=["booking.cancelled"], now=now)
    booking = make_canary(drain, now - settings.PERSONAL_DATA_MONTHS * erasure.A_MONTH - A_DAY)
    messages.tell_confirmed(booking, now=now)
    Message.objects.update(subject=CANARY)
    record(booking, EventKind.CANCELLED, by=CUSTOMER, now=now, detail=CANARY)
    return booking


def places_of(text: str) -> list[str]:
    """Every column of every table of ours that holds it, in whatever form."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.local_concrete_fields:
                cursor.execute(  # of names that are our own
                    f'SELECT 1 FROM "{model._meta.db_table}" WHERE "{field.column}"::text ILIKE %s LIMIT 1',  # noqa: S608
                    [f"%{text}%"],
                )
                if cursor.fetchone():
                    found.append(f"{model._meta.label}.{field.name}")
    return found


def test_nothing_of_a_person_is_left_anywhere_and_all_of_the_books(old: Booking) -> None:
    token = token_of(old)
    before = places_of(CANARY)
    assert len(before) >= 12
    assert "notifications.WebhookEvent.data" in before
    assert erasure.erase_due(now=timezone.now()) == 1
    assert places_of(CANARY) == places_of(old.customer_phone) == []
    left = Booking.objects.get()
    for name in (
        "reference",
        "status",
        "starts_at",
        "ends_at",
        "service_name",
        "price_cents",
        "deposit_cents",
    ):
        assert getattr(left, name) == getattr(old, name), name
    assert left.events.count() == 2
    assert not Message.objects.exists()
    assert not WebhookEvent.objects.exists()
    assert find_by_token(token) is None


def test_the_self_check_misses_nothing_of_it(drain: Service) -> None:
    """A booking that was confirmed, paid for nothing and never marked done; its messages are gone with the rest."""
    now = timezone.now()
    booking = make_canary(drain, now - 1_000 * A_DAY, deposit_cents=0)
    record(booking, EventKind.CONFIRMED, by=CUSTOMER, now=booking.created_at)
    messages.tell_confirmed(booking, now=booking.created_at)
    Message.objects.update(done_at=now)
    assert invariants.findings(now=now) == []
    assert erasure.erase_due(now=now) == 1
    assert invariants.findings(now=now) == []


def test_its_page_still_opens(old: Booking, client: Client) -> None:
    erasure.erase_due(now=timezone.now())
    client.force_login(owner_of(old.tradie))
    page = client.get(f"/dashboard/bookings/{old.pk}")
    assert page.status_code == 200
    assert ERASED in page.content.decode()


def test_running_it_again_finds_nothing(old: Booking) -> None:
    now = timezone.now()
    assert (erasure.erase_due(now=now), erasure.erase_due(now=now)) == (1, 0)


def test_young_and_coming_jobs_keep_their_details(drain: Service) -> None:
    now = timezone.now()
    make_canary(drain, now - settings.PERSONAL_DATA_MONTHS * erasure.A_MONTH + A_DAY)
    make_canary(drain, now + 30 * A_DAY)
    assert erasure.erase_due(now=now) == 0


@pytest.mark.parametrize("status", erasure.CAME_TO_NOTHING)
def test_where_nothing_came_of_it_they_go_sooner(drain: Service, status: Status) -> None:
    now = timezone.now()
    kept = erasure.KEPT_WHERE_NOTHING_CAME_OF_IT
    make_canary(drain, now - kept, status=status)
    make_canary(drain, now - kept + 5 * A_DAY, status=status)
    make_canary(drain, now - kept)
    assert erasure.erase_due(now=now) == 1
    assert Booking.objects.get(erased_at__isnull=False).status == status


def test_it_goes_in_batches_and_has_an_end(drain: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    now = timezone.now()
    for day in range(5):
        make_canary(drain, now - 1_000 * A_DAY - day * A_DAY)
    assert erasure.erase_due(now=now, at_most=3) == 3
    assert erasure.erase_due(now=now) == 2


def test_the_command_counts_before_it_erases(old: Booking) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command("erase_personal_data", *words, stdout=out)
        return out.getvalue().strip()

    assert [run("--dry-run"), run(), run("--dry-run")] == [
        "1 would be erased",
        "1 erased",
        "0 would be erased",
    ]


def test_every_column_that_could_hold_text_is_in_the_document() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", DOCUMENT, re.MULTILINE)
    documented = {label: set(re.findall(r"\w+", columns)) for label, columns in rows}
    assert documented == {
        model._meta.label: columns for model in apps.get_models() if (columns := text_columns(model))
    }


def test_what_the_document_says_is_erased_of_a_booking_is_what_is_erased() -> None:
    (row,) = re.findall(r"^\| `bookings.Booking` \| ([^|]*) \|", DOCUMENT, re.MULTILINE)
    assert set(row.split(", ")) == set(erasure.BLANK) - {"client_key"}

"""What was pressed in the van without reception: done once when it comes, and told in words where it can't be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking, EventKind, Status
from local.testing.cast import make_booking, make_service, owner_of

URL = "/dashboard/you/in-the-van/presses"


@pytest.fixture
def phone(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def on_now(service: Service, **changes: Any) -> Booking:
    return make_booking(service, timezone.now() - timedelta(minutes=5), **changes)


def press(phone: Client, booking: Booking, what: str, *, key: Any = None, **said: Any) -> str:
    """-> what the next page says."""
    sent = {
        "form_key": key or uuid4(),
        "booking": booking.pk,
        "what": what,
        "waited": 60,
        "tradie_notes": "",
        "was": "",
        **said,
    }
    answer = phone.post(URL, sent, headers={"Accept": "application/json"})
    assert answer.status_code == 204
    notices = re.findall(
        r'<p class="notice notice--\w+">([^<]+)', phone.get("/dashboard/more").content.decode()
    )
    return " ".join(notices).replace("&#x27;", "'")


def events(booking: Booking) -> list[str]:
    return list(booking.events.exclude(kind=EventKind.HELD).values_list("kind", flat=True))


def test_a_press_sent_twice_is_done_once(phone: Client, drain: Service) -> None:
    booking, key = on_now(drain), uuid4()
    assert press(phone, booking, "done", key=key) == "Marked done: Jo Citizen."
    assert press(phone, booking, "done", key=key) == ""
    assert events(booking) == [EventKind.COMPLETED]


def test_done_of_what_was_cancelled_meanwhile_is_told(phone: Client, drain: Service) -> None:
    booking = on_now(drain, status=Status.CANCELLED)
    said = press(phone, booking, "done")
    assert said == "The job of Jo Citizen wasn't marked done: it is cancelled by now."
    assert events(booking) == []


def test_on_my_way_is_told_while_it_is_true(phone: Client, drain: Service) -> None:
    booking = make_booking(drain, timezone.now() + timedelta(minutes=30))
    late = press(phone, booking, "on-my-way", waited=16 * 60)
    assert re.fullmatch(
        r"You set out to Jo Citizen at \d+:\d\d [ap]m, without reception\. That is too long ago to tell them now\.",
        late,
    )
    assert events(booking) == []
    assert press(phone, booking, "on-my-way") == "We're telling Jo Citizen that you're on your way."
    assert press(phone, booking, "on-my-way") == "Jo Citizen knows that you're on your way."
    assert events(booking) == [EventKind.ON_MY_WAY]


@pytest.mark.parametrize(
    ("there", "was", "kept"),
    [
        ("", "", "Key under mat"),
        ("Dog", "Dog", "Key under mat"),
        ("Dog\r\nCat", "Dog\nCat", "Key under mat"),
        ("Ring twice", "Dog", "Ring twice\nKey under mat"),
        ("Key under mat", "Dog", "Key under mat"),
        ("x" * 3_995, "Dog", "x" * 3_995),
    ],
)
def test_notes_take_nobodys_words_away(
    there: str, was: str, kept: str, phone: Client, drain: Service
) -> None:
    booking = on_now(drain, tradie_notes=there)
    press(phone, booking, "notes", tradie_notes="Key under mat", was=was)
    booking.refresh_from_db()
    assert booking.tradie_notes.replace("\r\n", "\n") == kept.replace("\r\n", "\n")


def test_notes_that_waited_for_long_are_kept_all_the_same(phone: Client, drain: Service) -> None:
    for waited in (8 * 24 * 60 * 60, 10**15):
        booking = on_now(drain, tradie_notes="")
        assert press(phone, booking, "notes", tradie_notes="Key under mat", waited=waited).endswith(
            "Only people of your business can read them."
        )
        booking.refresh_from_db()
        assert booking.tradie_notes == "Key under mat"
        booking.delete()


@pytest.mark.parametrize("wrong", [{"tradie_notes": "x" * 4_001}, {"what": "paint"}, {"waited": "-1"}])
def test_what_cant_be_read_is_refused_and_so_stays_on_the_phone(
    phone: Client, drain: Service, wrong: dict[str, str]
) -> None:
    booking = on_now(drain)
    sent = {"form_key": uuid4(), "booking": booking.pk, "what": "notes", "waited": 60, "was": "", **wrong}
    answer = phone.post(URL, {"tradie_notes": "", **sent}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert events(booking) == []


def test_a_job_of_somebody_elses_is_not_touched(phone: Client, alex: Tradie) -> None:
    booking = on_now(make_service(alex))
    assert "isn't yours any more" in press(phone, booking, "done")
    assert events(booking) == []


def test_notes_on_a_job_that_went_to_somebody_else_stay_on_the_phone(phone: Client, alex: Tradie) -> None:
    booking = on_now(make_service(alex))
    sent = {"form_key": uuid4(), "booking": booking.pk, "what": "notes", "waited": 60, "was": ""}
    for _ in range(2):
        answer = phone.post(
            URL, {**sent, "tradie_notes": "Key under mat"}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 404
    booking.refresh_from_db()
    assert booking.tradie_notes != "Key under mat"


def test_who_is_signed_out_keeps_the_press(client: Client, sam: Tradie, drain: Service) -> None:
    answer = client.post(URL, {"form_key": uuid4()}, headers={"Accept": "application/json"})
    assert answer.status_code == 302

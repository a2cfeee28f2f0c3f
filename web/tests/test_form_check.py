"""What takes a form of strangers for filled in by a program, and how a person gets through all the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.challenge import SECRET, SITE_KEY, SOLVED, Challenge
from local.testing.cast import booking_request, soon
from peepopay.checks import a_challenge_is_whole

pytestmark = pytest.mark.django_db(transaction=True)
HELD_UP = (422, "PRESS_AGAIN")
ASKED = (422, "CHALLENGE_ASKED")


@pytest.fixture
def send(client: Client, sam: Tradie, quote: Service) -> Any:
    """`send("9000;0;")`: the booking form, filled in like that; always the same, under the same key."""
    body, key = booking_request(quote, soon(sam)), str(uuid.uuid4())

    def sent(check: str | None) -> tuple[int, str | None]:
        headers = {"Idempotency-Key": key} | ({"Form-Check": check} if check is not None else {})
        answer = client.post("/api/bookings", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json().get("code")

    return sent


@pytest.fixture
def challenge(settings: Any) -> Iterator[Challenge]:
    caches["redis"].clear()
    with Challenge() as challenge:
        settings.CHALLENGE_SITE_KEY, settings.CHALLENGE_SECRET = SITE_KEY, SECRET
        settings.CHALLENGE_SCRIPT_URL, settings.CHALLENGE_VERIFY_URL = (
            challenge.script_url,
            challenge.verify_url,
        )
        yield challenge


@pytest.mark.parametrize(
    "check", [None, "", "2000;0;", "1700000000000;0;", "-1000;0;", "1000;2;", "junk", "1000;0;\x7f"]
)
def test_people_and_programs_written_to_the_api_get_through(send: Any, check: str | None) -> None:
    assert send(check) == (201, None)


@pytest.mark.parametrize("check", ["1999;0;", "0;0;", "60000;1;"])
def test_a_form_that_gives_a_program_away_is_held_up_and_pressing_again_is_enough(
    send: Any, check: str
) -> None:
    assert send(check) == HELD_UP
    assert not Booking.objects.exists()
    assert send("3000;0;") == (201, None)


def test_where_limits_are_off_no_pace_is_too_quick(send: Any, settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert send("60000;1;") == HELD_UP
    assert send("0;0;") == (201, None)


def test_whom_a_form_suspects_is_asked_until_they_have_answered(
    client: Client, sam: Tradie, quote: Service, send: Any, challenge: Challenge
) -> None:
    assert send("0;0;") == ASKED
    assert send("9000;0;") == ASKED  # waiting is no answer
    assert send("9000;0;guessed") == ASKED
    body, headers = booking_request(quote, soon(sam)), {"Form-Check": "9000;0;"}
    told = client.post("/api/bookings", body, content_type="application/json", headers=headers).json()
    assert told["challenge"] == {"script_url": challenge.script_url, "site_key": SITE_KEY}
    assert send(f"9000;0;{SOLVED}1") == (201, None)
    assert send(f"9000;0;{SOLVED}1") == (201, None)  # sent again, as after a lost answer
    assert challenge.asked == ["guessed", f"{SOLVED}1"]
    assert send("9000;0;") == (201, None)


def test_nobody_else_is_asked_and_nobody_asks_the_provider(send: Any, challenge: Challenge) -> None:
    assert send(None) == send("9000;0;") == (201, None)
    assert challenge.asked == []


@pytest.mark.parametrize("trouble", ["out of order", "gone", "does not know us"])
def test_a_provider_that_is_away_keeps_nobody_out(
    send: Any, challenge: Challenge, settings: Any, trouble: str
) -> None:
    challenge.down = trouble == "out of order"
    if trouble == "gone":
        settings.CHALLENGE_VERIFY_URL = "http://127.0.0.1:9/siteverify"
    if trouble == "does not know us":
        settings.CHALLENGE_SECRET = "another"
    assert send("0;0;any") == (201, None)


def test_the_page_may_load_the_challenge_where_there_is_one_and_only_there(
    client: Client, challenge: Challenge, settings: Any, sam: Tradie
) -> None:
    def policies() -> dict[str, str]:
        pages = (f"/book/{sam.slug}", f"/book/{sam.slug}?call", "/accounts/login/")
        return {page: Client().get(page)["Content-Security-Policy"] for page in pages}

    allowed = [directive.split()[0] for directive in policies()[f"/book/{sam.slug}"].split("; ")]
    assert allowed
    with_it = [
        directive.split()[0]
        for directive in policies()[f"/book/{sam.slug}"].split("; ")
        if challenge.url in directive
    ]
    assert sorted(with_it) == ["connect-src", "frame-src", "script-src", "style-src"]
    assert challenge.url not in policies()["/accounts/login/"]
    settings.CHALLENGE_SITE_KEY = ""
    assert [policy for policy in policies().values() if challenge.url in policy] == []


def test_half_a_challenge_is_none(settings: Any) -> None:
    assert list(a_challenge_is_whole()) == []
    settings.CHALLENGE_SITE_KEY = SITE_KEY
    (problem,) = a_challenge_is_whole()
    assert problem.msg == "The challenge lacks CHALLENGE_SECRET, CHALLENGE_SCRIPT_URL, CHALLENGE_VERIFY_URL."

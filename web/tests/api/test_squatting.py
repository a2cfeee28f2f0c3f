"""How much time people may take that nobody has paid for, however they call themselves."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings.models import Booking
from local.testing.cast import booking_request, make_booking, make_service, make_tradie, soon
from notifications.models import Channel

from .strangers import JO, PHONE, press, somebody, verdict

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_free_bookings_from_one_address_three_are_made(book: Any) -> None:
    answers = [verdict(book(somebody(number))) for number in range(19)]
    assert answers == [201] * 3 + ["CALL_INSTEAD"] * 16
    assert "or call (02) 9550 1234." in book(somebody(99)).json()["message"]
    assert Booking.objects.count() == 3


@pytest.mark.parametrize("same", [{"email": JO}, {"phone": PHONE}])
def test_one_email_or_phone_has_three_wherever_it_comes_from(book: Any, same: dict[str, str]) -> None:
    answers = [verdict(book(somebody(n, **same), address=f"203.0.113.{n}")) for n in range(5)]
    assert answers == [201] * 3 + ["CALL_INSTEAD"] * 2


def test_free_bookings_and_holds_count_together(book: Any, sam: Any, drain: Service, stripe_app: Any) -> None:
    visit = make_service(sam, name="Visit", deposit_kind="none", requires_approval=True)
    answers = [book(somebody(n), service=service) for n, service in enumerate((drain, visit, drain))]
    assert [verdict(answer) for answer in answers] == [201] * 3
    refused = book(somebody(4))
    assert (verdict(refused), refused["Retry-After"]) == ("RATE_LIMITED", "60")
    assert "wait a few minutes" in refused.json()["message"]


def test_across_all_tradies(book: Any) -> None:
    shops = [make_service(make_tradie(), deposit_kind="none") for _ in range(5)]
    answers = [
        verdict(book(somebody(n, email=JO), service=shop, address=f"203.0.113.{n}"))
        for n, shop in enumerate(shops)
    ]
    assert answers == [201] * 3 + ["CALL_INSTEAD"] * 2


def test_of_fifty_at_once_at_fifty_tradies_three_are_made(sam: Any) -> None:
    shops = [make_service(make_tradie(), deposit_kind="none") for _ in range(12)]
    starts = [soon(shop.tradie) for shop in shops]

    def one(number: int) -> int | str:
        try:
            shop = shops[number % len(shops)]
            sent = booking_request(shop, starts[number % len(shops)] + timedelta(hours=number // len(shops)))
            answer = Client(REMOTE_ADDR=f"203.0.113.{number}").post(
                "/api/bookings",
                sent | {"customer": somebody(number, email=JO)},
                content_type="application/json",
            )
            return verdict(answer)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(one, range(48)))
    assert answers == {201: 3, "CALL_INSTEAD": 45}


def test_paid_bookings_are_no_squatting(book: Any, drain: Service, stripe_app: Any) -> None:
    for hour in (8, 10, 12, 14):
        make_booking(drain, soon(drain.tradie, days=30, hour=hour))
    assert verdict(book(somebody(email=JO, phone=PHONE), service=drain)) == 201


def test_what_is_over_does_not_count(book: Any, quote: Service) -> None:
    for days in (1, 2, 3):
        make_booking(quote, soon(quote.tradie) - timedelta(days=10 + days))
    assert verdict(book(somebody(email=JO, phone=PHONE))) == 201


def test_the_customers_of_yesterday_behind_an_address_do_not_count(book: Any) -> None:
    for number in range(3):
        book(somebody(number))
    assert verdict(book(somebody(3))) == "CALL_INSTEAD"
    Booking.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert verdict(book(somebody(3))) == 201


def test_who_says_a_booking_is_theirs_may_have_more_but_not_without_end(book: Any, client: Client) -> None:
    made = []
    for number in range(10):
        answer = book(
            somebody(number, email=JO, phone=f"04{13_000_000 + number}"), address=f"203.0.113.{number}"
        )
        made.append(verdict(answer))
        press(client, Booking.objects.latest("created_at"), Channel.EMAIL)
    assert made == [201] * 10
    assert verdict(book(somebody(99, email=JO), address="203.0.113.99")) == "CALL_INSTEAD"


def test_limits_can_be_switched_off_for_load_tests(book: Any, settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert {verdict(book(somebody(email=JO))) for _ in range(12)} == {201}

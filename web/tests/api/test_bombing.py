"""How many messages strangers can make us send to somebody, by booking, moving and cancelling through the API."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings.actors import By
from bookings.models import Actor, Booking, Status
from bookings.moving import move_booking
from local.testing.cast import Api, make_booking, soon
from notifications import budgets
from notifications.models import Channel, Message, Recipient
from peepopay.errors import CallInstead

from .strangers import JO, PHONE, change, somebody, verdict, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_free_bookings_for_one_phone_send_two_sms(book: Any) -> None:
    """One is kept for news; the third booking is told by mail alone."""
    answers = [verdict(book(somebody(n, phone=PHONE), address=f"203.0.113.{n}")) for n in range(20)]
    assert answers == [201] * 3 + ["CALL_INSTEAD"] * 17
    assert (waiting()["sms"], waiting()["email"]) == (2, 3)


def test_bookings_that_are_cancelled_again_make_no_room(book: Any, client: Client) -> None:
    """Squatting limits look at what is live; the budget of messages does not forget."""
    for number in range(10):
        address = f"203.0.113.{number}"
        answer = book(somebody(number, email=JO, phone=PHONE), address=address)
        if answer.status_code == 201:
            assert change(client, answer.json(), {"status": "cancelled"}, address).status_code == 200
    assert Booking.objects.exclude(status=Status.CANCELLED).count() == 0
    sent = Counter(
        Message.objects.filter(audience="customer", skipped_because="").values_list("channel", flat=True)
    )
    assert sent["email"] <= 5
    assert sent["sms"] <= 3


def test_sixty_moves_are_three_and_the_last_one_is_told(book: Any, client: Client, quote: Service) -> None:
    made = book(somebody(email=JO, phone="02 9550 9999")).json()
    starts = [soon(quote.tradie, days=40, hour=8 + n % 8, minute=30 * (n // 8 % 2)) for n in range(12)]
    answers = [change(client, made, {"start": start.isoformat()}) for start in starts]
    assert [verdict(answer) for answer in answers] == [200] * 3 + ["CALL_INSTEAD"] * 9
    assert "please call" in answers[-1].json()["message"]
    moved = Message.objects.filter(kind="booking_moved", audience="customer")
    assert (moved.count(), moved.filter(done_at=None).count()) == (3, 1)
    assert moved.get(done_at=None).facts["sequence"] == 3
    assert Booking.objects.get().starts_at == starts[2]


def test_a_refused_change_leaves_nothing_behind(book: Any, client: Client) -> None:
    made = book(somebody(email=JO, phone=PHONE)).json()
    for _ in range(2):
        Message.objects.all().delete()
        book(somebody(email=JO, phone=PHONE), address="203.0.113.8")
    budgets.take_one(Channel.EMAIL, JO, now=timezone.now())
    kept = Booking.objects.count(), Message.objects.count(), list(Recipient.objects.values().order_by("key"))
    refused = change(client, made, {"start": soon(Booking.objects.first().tradie, days=50).isoformat()})
    assert verdict(refused) == "CALL_INSTEAD"
    assert verdict(book(somebody(7, phone=PHONE), address="203.0.113.9")) == "CALL_INSTEAD"
    assert kept == (
        Booking.objects.count(),
        Message.objects.count(),
        list(Recipient.objects.values().order_by("key")),
    )
    assert Booking.objects.get(pk=made["booking"]["id"]).sequence == 0


def test_cancelling_is_always_possible(book: Any, client: Client) -> None:
    made = [book(somebody(email=JO, phone=PHONE)).json() for _ in range(3)]
    answers = [change(client, booking, {"status": "cancelled"}) for booking in made * 2]
    assert [verdict(answer) for answer in answers] == [200] * 6
    assert Message.objects.filter(kind="booking_cancelled").count() == 3
    assert waiting()["email"] == 5  # three bookings, two cancellations


def test_who_pays_is_told_whatever_strangers_did(
    api: Api, drain: Service, stripe_app: Any, book: Any
) -> None:
    for number in range(3):
        book(somebody(number, email=JO, phone=PHONE), address=f"203.0.113.{number}")
    Booking.objects.update(status=Status.CANCELLED)
    made = api.book(drain, soon(drain.tradie, days=20)).json()
    stripe_app.pay(made["payment"]["client_secret"])
    url = f"/api/bookings/{made['booking']['id']}"
    assert api.patch(url, {"status": "confirmed"}, made["token"]).json()["status"] == "confirmed"
    told = Message.objects.filter(about=made["booking"]["id"], skipped_because="")
    assert set(told.values_list("audience", "channel")) == {
        ("customer", "email"),
        ("customer", "sms"),
        ("tradie", "email"),
    }


def test_paying_and_cancelling_over_and_over_ends_before_anybody_is_bombed(
    api: Api, drain: Service, stripe_app: Any
) -> None:
    """It costs nothing: all of it comes back. Refused before anything is paid that nobody would be told of; that money
    goes back is always told."""
    answers = []
    for number in range(8):
        made = api.book(drain, soon(drain.tradie, days=20 + number))
        answers.append(verdict(made))
        if made.status_code == 201:
            stripe_app.pay(made.json()["payment"]["client_secret"])
            url, token = f"/api/bookings/{made.json()['booking']['id']}", made.json()["token"]
            assert api.patch(url, {"status": "confirmed"}, token).json()["status"] == "confirmed"
            assert api.patch(url, {"status": "cancelled"}, token).json()["status"] == "cancelled"
    assert answers == [201] * 3 + ["CALL_INSTEAD"] * 5
    assert waiting() == {"email": 6, "sms": 3}


def test_holds_count_as_mails_to_come(book: Any, drain: Service, stripe_app: Any) -> None:
    for _ in range(3):
        budgets.take_one(Channel.EMAIL, JO, now=timezone.now())
    answers = [
        verdict(book(somebody(n, email=JO), service=drain, address=f"203.0.113.{n}")) for n in range(3)
    ]
    assert answers == [201] * 2 + ["CALL_INSTEAD"]


def test_a_tradie_may_move_a_job_more_often_but_not_without_end(sam: Any, quote: Service) -> None:
    booking = make_booking(quote, soon(sam), confirmed_at=timezone.now() - timedelta(days=1))
    for number in range(10):
        booking = move_booking(booking, soon(sam, days=5 + number), by=By(Actor.TRADIE), now=timezone.now())
    with pytest.raises(CallInstead):
        move_booking(booking, soon(sam, days=30), by=By(Actor.TRADIE), now=timezone.now())
    assert waiting()["sms"] == 1
    assert waiting("tradie")["email"] == 1

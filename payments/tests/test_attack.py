"""Everything that bookings can be made to send, at random, against one person who never confirmed anything."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings.actors import CUSTOMER, By
from bookings.details import Attempt, Details
from bookings.lifecycle import approve_request, decline_request
from bookings.models import Actor, Booking
from bookings.moving import move_booking
from bookings.scheduling import request_booking
from local.testing.cast import make_service, make_tradie, soon
from local.testing.sent import Sent, deliver_all
from notifications.models import Message
from payments.cancellations import cancel_booking
from peepopay.errors import AppError

pytestmark = pytest.mark.django_db(transaction=True)
JO, PHONE, A_DAY = "jo@example.com", "+61412345678", timedelta(days=1)

TRADIE = By(Actor.TRADIE)


class Attack:
    """Strangers with a thousand addresses and several businesses against one person, hour after hour."""

    def __init__(self, seed: int) -> None:
        self.random, self.bookings = random.Random(seed), list[Booking]()
        self.shops = [
            make_service(
                make_tradie(), deposit_kind="none", duration_minutes=5, requires_approval=bool(n % 2)
            )
            for n in range(4)
        ]

    def step(self, now: datetime) -> None:
        act = self.random.choice((self.book, self.book, self.move, self.cancel, self.answer))
        with suppress(AppError):  # refused, as it should be, or a time that is taken
            act(now)

    def book(self, now: datetime) -> None:
        shop, number = self.random.choice(self.shops), self.random.randrange(10**6)
        email = self.random.choice((JO, f"jo+{number}@example.com", f"x{number}@example.com"))
        phone = self.random.choice((PHONE, f"+614{number:08}"))
        details = Details(f"N{number}", email, phone, "1 High St", "Newtown", "NSW", "2042", "", {})
        attempt = Attempt(client_address_hash=str(number))
        self.bookings.append(
            request_booking(
                tradie=shop.tradie,
                service=shop,
                starts_at=self.some_time(shop),
                details=details,
                attempt=attempt,
                now=now,
            )
        )

    def some_time(self, shop: Service) -> datetime:
        minute = self.random.choice((0, 30))
        days, hour = self.random.randrange(10, 40), self.random.randrange(8, 15)
        return soon(shop.tradie, days=days, hour=hour, minute=minute)

    def move(self, now: datetime) -> None:
        if self.bookings:
            booking = self.fresh()
            move_booking(booking, self.some_time(booking.service), by=CUSTOMER, now=now)

    def cancel(self, now: datetime) -> None:
        if self.bookings:
            cancel_booking(self.fresh(), by=self.random.choice((CUSTOMER, TRADIE)), now=now)

    def answer(self, now: datetime) -> None:
        if self.bookings:
            self.random.choice((approve_request, decline_request))(self.fresh(), by=TRADIE, now=now)

    def fresh(self) -> Booking:
        return Booking.objects.select_related("tradie", "service").get(
            pk=self.random.choice(self.bookings).pk
        )


@pytest.mark.parametrize("seed", range(2))
def test_whatever_a_thousand_addresses_do_one_person_gets_five_mails_and_three_sms_a_day(
    seed: int, sent: Sent
) -> None:
    attack, first = Attack(seed), timezone.now()
    for number in range(120):
        now = first + timedelta(minutes=20 * number)  # for 40 hours
        attack.step(now)
        deliver_all(now=now)
    to_jo = Message.objects.filter(sent_at__isnull=False, audience="customer").order_by("sent_at")
    mails = [row.sent_at for row in to_jo.filter(channel="email") if row.recipient.startswith(("jo@", "jo+"))]
    texts = [row.sent_at for row in to_jo.filter(channel="sms", recipient=PHONE)]
    assert len([text for text in sent.sms if text["to"] == PHONE]) == len(texts)
    assert (len(mails) > 5, len(texts) > 3) == (True, True)  # the attack does get somewhere
    assert closest(mails, 5) >= A_DAY
    assert closest(texts, 3) >= A_DAY


def closest(times: list[datetime], most: int) -> timedelta:
    """The shortest time in which there are more than `most`."""
    return min(later - first for first, later in zip(times, times[most:], strict=False))

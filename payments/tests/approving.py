"""What tests of requests have in common: Jo, whose card holds the deposit, and what became of it."""

from __future__ import annotations

from datetime import timedelta

from bookings.actors import By
from bookings.models import Actor, Booking
from local.testing.working import work_on
from notifications.models import Message
from payments.models import CardHold, Payment

LATER = timedelta(minutes=12)  # past the hold and its grace
SAM = By(Actor.TRADIE)


def the_booking() -> Booking:
    return Booking.objects.select_related("tradie").get()


def pay(stripe_app, held, card="4242424242424242"):
    return stripe_app.pay(held["payment"]["client_secret"], card=card)


def state() -> tuple[str, str]:
    return the_booking().status, Payment.objects.get().status


def ends_as(stripe_app) -> list[str]:
    return [intent["status"] for intent in stripe_app.intents()]


def told() -> set[tuple[str, str]]:
    return set(Message.objects.values_list("kind", "audience"))


def history() -> list[tuple[str, str]]:
    return list(the_booking().events.values_list("kind", "actor"))


def end_hold() -> CardHold:
    hold = CardHold.objects.get()
    work_on(hold)
    hold.refresh_from_db()
    return hold

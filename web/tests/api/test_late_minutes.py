"""`late_minutes`: how late the business said it will be, told alike to its customer and its own systems.

What saying so does is in web/tests/dashboard/test_running_late.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Service, Tradie
from bookings import running_late
from bookings.actors import By
from bookings.models import Actor, Booking, Status
from bookings.tokens import token_of
from local.testing.cast import Api, at, make_booking, owner_of
from web.tests.api.tradie_client import TradieClient

pytestmark = pytest.mark.django_db(transaction=True)
NINE = at("2027-01-14 09:00 +11:00")
NOW = NINE - timedelta(minutes=40)


@pytest.fixture
def job(drain: Service) -> Booking:
    return make_booking(drain, NINE)


@pytest.fixture
def told(api: Api, job: Booking) -> Callable[[], list[Any]]:
    """(start, how late) as each of the three doors tells it; None: it says nothing of that."""
    sams = TradieClient(owner_of(job.tradie))

    def answers() -> list[Any]:
        path = f"/api/bookings/{job.pk}"
        listed = sams.get("/api/bookings?from=2027-01-14&to=2027-01-14").json()["bookings"]
        found = [api.get(path, token_of(job)).json(), sams.get(path).json(), *listed]
        assert {answer["start"] for answer in found} == {"2027-01-14T09:00:00+11:00"}
        return [answer.get("late_minutes") for answer in found]

    return answers


def say(tradie: Tradie, minutes: int) -> None:
    assert running_late.say_late(tradie.calendars.get(), minutes, by=By(Actor.TRADIE), now=NOW) == 1


def test_it_is_there_while_the_business_is_late(sam: Tradie, told: Callable[[], list[Any]]) -> None:
    assert told() == [None] * 3
    for minutes, said in ((30, 30), (45, 45), (0, None)):
        say(sam, minutes)
        assert told() == [said] * 3


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW])
def test_a_job_that_is_over_is_not_late(
    sam: Tradie, job: Booking, told: Callable[[], list[Any]], status: Status
) -> None:
    say(sam, 30)
    Booking.objects.filter(pk=job.pk).update(
        status=status, no_show_at=NINE if status == Status.NO_SHOW else None
    )
    assert told() == [None] * 3

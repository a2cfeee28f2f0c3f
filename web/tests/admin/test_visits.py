"""An operator in a business's dashboard: as its office, for half an hour, on record and on screen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Service, Tradie
from bookings.models import BookingEvent
from local.testing.cast import make_booking, make_operator, owner_of, sign_in_operator
from web.visits import VISIT

WHY = "Kim rang: a refund is stuck"


@pytest.fixture
def operator(client: Client, sam: Tradie) -> Client:
    return sign_in_operator(client, make_operator())


def visit(client: Client, tradie: Tradie, reason: str = WHY) -> int:
    url = reverse("admin:accounts_tradie_visit", args=[tradie.pk])
    return client.post(url, {"reason": reason}).status_code


def test_it_says_why_to_the_business_and_where_one_is_on_every_page(operator: Client, sam: Tradie) -> None:
    assert visit(operator, sam, reason="") == 200
    assert operator.get("/dashboard/")["Location"] == "/admin/"
    assert visit(operator, sam) == 302
    for page in ("", "bookings", "services", "hours"):
        assert "Support visit." in operator.get(f"/dashboard/{page}").content.decode()
    (entry,) = AuditEntry.objects.filter(tradie=sam, kind="operator_came")
    assert (entry.detail, entry.user.is_staff) == (WHY, True)
    operator.post("/dashboard/visit/end")
    assert operator.get("/dashboard/")["Location"] == "/admin/"


def test_what_is_done_there_is_done_by_the_operator(operator: Client, sam: Tradie, drain: Service) -> None:
    booking = make_booking(drain)
    visit(operator, sam)
    operator.post(f"/dashboard/bookings/{booking.pk}/cancel", {"reason": "As asked"})
    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert BookingEvent.objects.filter(booking=booking).latest("id").user.is_staff


@pytest.mark.parametrize(
    "page",
    ["money", "people", "connections", "business", "you", "you/messages", "you/in-the-van", "calendar/feed"],
)
def test_money_people_and_ones_own_pages_stay_closed(page: str, operator: Client, sam: Tradie) -> None:
    visit(operator, sam)
    assert operator.get(f"/dashboard/{page}").status_code == 403


def test_it_is_over_after_half_an_hour(operator: Client, sam: Tradie) -> None:
    visit(operator, sam)
    session = operator.session
    until = datetime.fromisoformat(session[VISIT]["until"])
    assert timezone.now() < until <= timezone.now() + timedelta(minutes=30)
    session[VISIT] |= {"until": timezone.now().isoformat()}
    session.save()
    assert operator.get("/dashboard/")["Location"] == "/admin/"


def test_nobody_else_can(client: Client, sam: Tradie, alex: Tradie) -> None:
    client.force_login(owner_of(alex))
    assert visit(client, sam) in (302, 403)
    assert "Support visit." not in client.get("/dashboard/").content.decode()
    assert AuditEntry.objects.filter(kind="operator_came").count() == 0

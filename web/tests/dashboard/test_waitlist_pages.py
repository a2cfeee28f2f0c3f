"""Who waits, from the business's side: the switch, the list, "free Friday: offer it to whom?"."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Tradie
from bookings.customers import assign_missing, erase_customer
from bookings.models import Booking, Status, Waiter
from local.testing.cast import owner_of
from local.testing.waiting import cancel, day_of, waits
from notifications.models import Message
from peepopay.local_time import iso
from web.tests.page_forms import forms_of

PAGE = "/dashboard/waitlist"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def text_of(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_it_is_off_until_somebody_switches_it_on(dashboard: Client, sam: Tradie) -> None:
    page = dashboard.get(PAGE)
    assert "It’s off." in text_of(page)
    button = next(form for form in forms_of(page) if form.action.endswith("/switch"))
    dashboard.post(button.action, button.presses()[0])
    sam.refresh_from_db()
    assert sam.has_waitlist
    assert "Nobody waits." in text_of(dashboard.get(PAGE))
    assert AuditEntry.objects.latest("id").detail == "waitlist from no to yes"


def test_the_calendar_says_who_waits_where_the_list_is_on(
    dashboard: Client,
    fully_booked: Booking,
) -> None:
    waits(fully_booked.service)
    assert "1 waits for a time" in text_of(dashboard.get("/dashboard/calendar"))
    day = day_of(fully_booked.tradie).isoformat()
    shown = dashboard.get(f"/dashboard/calendar?date={day}&show=day").content.decode()
    assert f"{PAGE}?day={day}" in shown
    Tradie.objects.update(has_waitlist=False)
    assert "for a time" not in text_of(dashboard.get("/dashboard/calendar"))


def test_they_stand_in_the_order_in_which_they_are_offered_a_time(
    dashboard: Client, fully_booked: Booking
) -> None:
    sam = fully_booked.tradie
    longest, second, other_day = (
        waits(fully_booked.service, number, day=day_of(sam, days=days))
        for number, days in ((1, 3), (2, 3), (3, 8))
    )
    Waiter.objects.filter(pk=longest.pk).update(offered=[fully_booked.starts_at])
    page = text_of(dashboard.get(f"{PAGE}?day={day_of(sam, days=3)}"))
    places = [page.index(one.name) for one in (second, longest, other_day)]
    assert places == sorted(places)
    assert page.count("Waits for another day") == 1
    assert page.index("Waits for another day") > places[2]


def test_a_free_day_is_offered_to_one_who_was_chosen(dashboard: Client, fully_booked: Booking) -> None:
    sam, zone = fully_booked.tradie, fully_booked.tradie.timezone
    others, chosen = (
        waits(fully_booked.service, 1, day=day_of(sam, days=8)),
        waits(fully_booked.service, 2, day=day_of(sam)),
    )
    cancel(fully_booked)
    Message.objects.all().delete()
    page = text_of(dashboard.get(f"{PAGE}?day={day_of(sam)}"))
    assert page.index(chosen.name) < page.index(others.name)
    asked = dashboard.get(f"{PAGE}/{others.pk}?day={day_of(sam)}")
    start = iso(fully_booked.starts_at, zone)
    assert "9:00 am" in text_of(asked)
    (form,) = [
        one
        for one in forms_of(dashboard.get(f"{PAGE}/{others.pk}", {"start": start}))
        if "start" in one.fields
    ]
    done = dashboard.post(form.action, form.fields, follow=True)
    assert f"is kept for {others.name} until" in text_of(done)
    held = Waiter.objects.get(pk=others.pk).offer
    assert held
    assert (held.status, held.starts_at) == (Status.PENDING, fully_booked.starts_at)
    assert Message.objects.filter(kind="waitlist_offer", about=held.pk).exists()
    assert AuditEntry.objects.latest("id").kind == "waitlist_changed"
    assert "Thinking about it" in text_of(dashboard.get(PAGE))
    refused = dashboard.post(form.action, form.fields)
    assert refused.status_code == 409
    assert "thinking about it until" in text_of(refused)
    other = dashboard.post(f"{PAGE}/{chosen.pk}", form.fields)
    assert other.status_code == 409
    assert "just been taken" in text_of(other)


def test_whoever_is_removed_waits_no_longer_and_their_time_is_free(
    dashboard: Client, fully_booked: Booking
) -> None:
    waiter = waits(fully_booked.service, day=day_of(fully_booked.tradie))
    cancel(fully_booked)
    dashboard.post(
        f"{PAGE}/{waiter.pk}", {"start": iso(fully_booked.starts_at, fully_booked.tradie.timezone)}
    )
    held = Waiter.objects.get().offer
    assert held
    dashboard.post(f"{PAGE}/{waiter.pk}/remove")
    assert not Waiter.objects.exists()
    assert Booking.objects.get(pk=held.pk).status == Status.EXPIRED
    assert dashboard.get(f"{PAGE}/{waiter.pk}").status_code == 404


@pytest.mark.parametrize("by", ["phone", "email"])
def test_nothing_of_who_waits_stays_when_a_customer_is_erased(
    by: str, dashboard: Client, fully_booked: Booking
) -> None:
    waiter = waits(fully_booked.service)
    known = {"customer_phone": waiter.phone}
    if by == "email":
        Waiter.objects.update(email="Wanda@Example.com")
        known = {"customer_email": "wanda@example.com"}
    Booking.objects.update(**known)
    cancel(fully_booked)
    assign_missing(now=timezone.now())
    erase_customer(fully_booked.tradie.customers.get(), now=timezone.now())
    assert not Waiter.objects.exists()

"""Two open one page and both save: the second is shown what the first saved, and puts nothing back unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from accounts.roles import Role
from bookings.customers import assign_missing
from invoicing.quotes import save_draft
from local.testing.cast import gave_password_again, make_booking, make_member, make_service, owner_of, soon
from local.testing.quoting import writing
from notifications.webhooks.endpoints import add_endpoint
from web.dashboard.versions import CHANGED_ELSEWHERE
from web.tests.page_forms import PageForm, forms_of

# What the first changes, what is said of it to the second, and what the second changes.
PAGES: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "business": ({"suburb": "Newtown"}, "Saved elsewhere: “Newtown”", {"business_name": "Sam & Co"}),
    "services/{service}": ({"price_cents": "130"}, "Saved elsewhere: “130”", {"name": "Drains"}),
    "services/usual-terms": (
        {"late_fee_kind": "percent", "late_fee_percent": "50", "late_fee_cents": "0"},
        "Saved elsewhere: A part of the deposit",
        {"free_cancellation_hours": "36"},
    ),
    "services/deposit-rules": ({"first_percent": "20"}, "Saved elsewhere: “20”", {"soon_percent": "10"}),
    "hours": (
        {"day0-0-opens": "08:15"},
        "Monday: saved elsewhere: 8:15 am to 4:00 pm",
        {"day1-0-opens": "09:00"},
    ),
    "hours/dates/{day}": (
        {"range-0-opens": "10:30"},
        "Saved elsewhere: 10:30 am to 12:00 pm",
        {"reason": "RDO"},
    ),
    "hours/rules": ({"horizon_days": "28"}, "Saved elsewhere: 4 weeks", {"minimum_notice_minutes": "60"}),
    "time-off/{block}": ({"reason": "Dentist"}, "Saved elsewhere: “Dentist”", {"starts_time": "09:30"}),
    "crew/{calendar}": ({"name": "Sam"}, "Saved elsewhere: “Sam”", {"name": "Sammy"}),
    "people/{member}": ({"role": "office"}, "Saved elsewhere: Office", {"role": "owner"}),
    "business/bank": ({"payid": "0412345678"}, "Saved elsewhere: “0412345678”", {"account_name": "Sam"}),
    "you/messages": (
        {"mobile": "0412 345 678"},
        "Saved elsewhere: “0412 345 678”",
        {"email_moved": "on"},
    ),
    "you": ({"name": "Sam"}, "Saved elsewhere: “Sam”", {"name": "Sammy"}),
    "connections/webhooks/{endpoint}/change": (
        {"description": "Job sheets"},
        "Saved elsewhere: “Job sheets”",
        {"url": "https://hooks.example.com/2"},
    ),
    "messages/booking_moved": ({"email": "Mind the dog."}, "Saved elsewhere: “Mind the dog.”", {"sms": "Ta"}),
    "quotes/{quote}/change": (
        {"line-1-unit_price_cents": "20", "title": "Cheaper"},
        "Fitting, hours (2.5 \N{MULTIPLICATION SIGN} $20)",
        {"message": "Parts included"},
    ),
    "services/zones": ({"zone_1_name": "Inner West"}, "Saved elsewhere: “Inner West”", {"travel_kmh": "40"}),
    "messages": ({"reminds_day_before": "False"}, "Saved elsewhere: Off", {"reminds_hours_before": "False"}),
}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    gave_password_again(client, owner_of(sam))
    return client


@pytest.fixture
def address(dashboard: Client, sam: Tradie) -> Any:
    """The address of a page, with what it is about made."""

    def of(page: str) -> str:
        service, calendar, day = make_service(sam), sam.calendars.get(), soon(sam).date()
        calendar.date_exceptions.create(date=day, opens_minute=540, closes_minute=720)
        calendar.working_hours.filter(weekday__gte=5).delete()
        block = calendar.time_off.create(starts_at=soon(sam, hour=8), ends_at=soon(sam, hour=11))
        lee = make_member(sam, Role.WORKER, "Lee")
        endpoint = add_endpoint(
            sam, url="https://hooks.example.com/", event_types=["booking.moved"], now=timezone.now()
        )
        quote = save_draft(sam, writing(service), now=timezone.now())
        made = {"member": sam.memberships.get(user=lee).pk, "endpoint": endpoint.pk, "quote": quote.pk}
        found = page.format(**made, service=service.pk, calendar=calendar.pk, day=day, block=block.pk)
        return f"/dashboard/{found}"

    return of


def opened(client: Client, url: str) -> PageForm:
    return next(form for form in forms_of(client.get(url)) if "version" in form.fields)


def sent(form: PageForm, **changes: str) -> dict[str, Any]:
    return form.fields | changes


@pytest.mark.parametrize("page", PAGES)
def test_the_second_is_shown_what_the_first_saved(page: str, dashboard: Client, address: Any) -> None:
    url = address(page)
    first, said, second = PAGES[page]
    stale = opened(dashboard, url)
    assert dashboard.post(url, sent(stale, **first)).status_code == 302
    stored = opened(dashboard, url).fields

    refused = dashboard.post(url, sent(stale, **second))
    text = unescape(refused.content.decode())
    assert refused.status_code in (200, 400)
    assert CHANGED_ELSEWHERE in text
    assert said in text
    assert opened(dashboard, url).fields == stored
    again = next(form for form in forms_of(refused) if "version" in form.fields)
    assert {name: again.fields[name] for name in second} == second

    assert dashboard.post(url, again.fields).status_code == 302
    kept = opened(dashboard, url).fields
    assert {name: kept[name] for name in second} == second
    assert {name: kept[name] for name in first} != first


def test_who_changed_nothing_meanwhile_just_saves(dashboard: Client, address: Any) -> None:
    url = address("services/{service}")
    form = opened(dashboard, url)
    for name in ("One", "Two"):
        assert dashboard.post(url, sent(form, name=name)).status_code == 302
        form = opened(dashboard, url)


@pytest.mark.parametrize("page", PAGES)
def test_pressed_twice_nobody_is_told_of_somebody_else(page: str, dashboard: Client, address: Any) -> None:
    url = address(page)
    pressed = sent(opened(dashboard, url), **PAGES[page][0])
    assert [dashboard.post(url, pressed).status_code for _ in range(2)] == [302, 302]


@pytest.mark.parametrize("about", ["bookings", "customers"])
def test_notes_of_two_people_are_shown_to_the_second(about: str, dashboard: Client, drain: Service) -> None:
    booking = make_booking(drain)
    assign_missing(now=timezone.now())
    booking.refresh_from_db()
    url = f"/dashboard/{about}/{booking.pk if about == 'bookings' else booking.customer_id}"
    field = "tradie_notes" if about == "bookings" else "notes"
    stale = opened(dashboard, url)
    assert stale.action == f"{url}/notes"
    assert dashboard.post(stale.action, sent(stale, **{field: "Dog bites"})).status_code == 302
    refused = dashboard.post(stale.action, sent(stale, **{field: "Gate code 12"}))
    assert refused.status_code == 400
    assert "Saved elsewhere: “Dog bites”" in unescape(refused.content.decode())
    again = next(form for form in forms_of(refused) if "version" in form.fields)
    assert dashboard.post(stale.action, again.fields).status_code == 302
    assert opened(dashboard, url).fields[field] == "Gate code 12"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_names_no_version_is_a_stale_one(page: str, dashboard: Client, address: Any) -> None:
    url = address(page)
    form, (first, _, second) = opened(dashboard, url), PAGES[page]
    del form.fields["version"]
    refused = Client.post(dashboard, url, sent(form, **(second | first)))  # no browser would
    assert CHANGED_ELSEWHERE in unescape(refused.content.decode())


def test_terms_that_were_filled_in_stay_those_of_the_page_that_was_opened(
    dashboard: Client, address: Any
) -> None:
    url = address("services/{service}")
    stale = opened(dashboard, url)
    Service.objects.update(name="Changed")
    filled = dashboard.post(url, sent(stale, start_from="plumber", fill_in="1"))
    again = next(form for form in forms_of(filled) if "version" in form.fields)
    assert CHANGED_ELSEWHERE in dashboard.post(url, again.fields).content.decode()
    assert Service.objects.get().name == "Changed"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_asked(sam: Tradie) -> None:
    url = f"/dashboard/services/{make_service(sam).pk}"
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(owner_of(sam))
    form = opened(clients[0], url)

    def save(client: Client, name: str) -> int:
        try:
            return client.post(url, sent(form, name=name)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, clients, ("One", "Two"))) == [302, 400]


def test_a_number_that_gets_no_texts_is_refused(dashboard: Client, sam: Tradie) -> None:
    form = opened(dashboard, "/dashboard/business")
    page = dashboard.post("/dashboard/business", sent(form, mobile="(02) 9550 1234"))
    assert "We can text Australian mobiles only" in page.content.decode()
    assert dashboard.post("/dashboard/business", sent(form, mobile="0412 999 888")).status_code == 302

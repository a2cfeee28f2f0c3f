"""Every form of every page in the URL map, sent as nothing, in half and twice: what is stored is never lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test import Client

from accounts.models import ApiKey, Invitation, Service, Tradie, User
from availability.crew import add_calendar
from availability.hours import replace_week
from availability.models import Calendar, DateException, TimeOff, WorkingHours
from bookings.models import Booking, BookingEvent
from invoicing.models import Invoice, PayTo, Quote, QuoteVersion, Receipt
from local.testing.cast import owner_of
from notifications.models import MessageSettings, NewsChoice, WebhookDelivery, WebhookEndpoint
from payments.models import Refund

from .page_forms import PageForm, forms_of
from .test_every_url import ALL, FOREIGN, address, signed_in, things  # noqa: F401 (a fixture)

KEPT = (Tradie, Service, Calendar, WorkingHours, DateException, TimeOff, Booking, BookingEvent, Refund)
KEPT += (WebhookEndpoint, WebhookDelivery, MessageSettings, NewsChoice, Invoice, Receipt, PayTo)
SAYS_NOTHING = {"id", "request_id", "calendar_version", "at", "created_at", "confirmed_at", "cancelled_at"}
SAYS_NOTHING |= {"issued_at", "recorded_at", "undone_at"}
SAYS_NOTHING |= {"call_wanted_since", "due_at", "former_secret_until", "event_id"}

# What a person must type where a page starts empty.
TYPED = {
    "business_name": "Kim's Gutters",
    "phone": "0412 345 678",
    "state": "NSW",
    "name": "Gutter clean",
    "email": "kim@gutters.example",
    "price_cents": "120",
    "amount_cents": "10",
    "reason": "Scratched tap",
    "title": "New gutters",
    "customer_name": "Jo Citizen",
    "customer_phone": "0412 345 678",
    "customer_email": "jo@example.com",
    "address_line1": "1 George Street",
    "address_suburb": "Newtown",
    "address_postcode": "2042",
    "line-0-description": "Labour",
    "line-0-unit_price_cents": "120",
    "date": "2027-02-03",
    "starts_on": "2027-02-03",
    # While anything is free today, this is still to come.
    "other_time": "23:00",
    "override_reason": "They rang",
    "url": "https://gutters.example/hooks",
    "user": "kim@gutters.example",
    "password": "an app password",
}
HOURS = {"hours", "dates", "date_add", "booking_rules", "time_off", "time_off_add"}
# Buttons that save nothing and show the page once more.
# "photos", "logo", "file": a file, which nothing here chooses. "website": who could book at once has no need to wait.
STAYS = {
    "photos",
    "logo",
    "file",
    "add",
    "add_line",
    "remove",
    "remove_line",
    "copy",
    "look",
    "fill_in",
    "up",
    "down",
    "website",
    "wallets",
}
MOST_ALONE = 4  # of a page's fields, left out one by one
REFUSED = 400
NONSENSE = ("\N{SHOWER}" * 5_000, "-1e5", "9999-12-31")
COUNTED = (
    ApiKey,
    Invitation,
    Quote,
    QuoteVersion,
)  # of which a press makes at most one; most of it is random


@pytest.fixture
def visitors(sam: Tradie) -> list[Client]:
    """Who between them get to see every page."""
    return [signed_in(owner_of(sam)), signed_in(User.objects.create_user("kim@example.com", "correct horse"))]


@pytest.fixture
def van(things: dict[str, Any], sam: Tradie) -> Calendar:  # noqa: F811
    """Works day and night, so that whatever Sam does can be handed over to it."""
    van = add_calendar(sam, "Van 2", first_name="Sam")
    replace_week(van, {day: [(0, 1440)] for day in range(7)})
    return van


def addresses(things: dict[str, Any], van: Calendar) -> Iterator[str]:  # noqa: F811
    for name in ALL:
        if not name.startswith((*FOREIGN, "health", "schema", "api_")) and name != "stripe_webhook":
            yield address(name, things)
            if name in HOURS:
                yield f"{address(name, things)}?calendar={van.pk}"


def pages(client: Client, things: dict[str, Any], van: Calendar) -> Iterator[Any]:  # noqa: F811
    for url in addresses(things, van):
        response = client.get(url)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            yield response


def all_forms(
    visitors: list[Client],
    things: dict[str, Any],  # noqa: F811
    van: Calendar,
) -> dict[str, tuple[Client, PageForm]]:
    """By address and button; allauth's own (sign out, on every page) guard themselves."""
    found = {}
    for client in visitors:
        for page in pages(client, things, van):
            for form in forms_of(page):
                form.fields |= {
                    name: TYPED[name] for name in form.fields.keys() & TYPED if not form.fields[name]
                }
                if not form.action.startswith("/accounts/"):
                    found.setdefault(form.action, (client, form))
    return found


@pytest.fixture
def forms(
    visitors: list[Client],
    things: dict[str, Any],  # noqa: F811
    van: Calendar,
) -> dict[str, tuple[Client, PageForm]]:
    return all_forms(visitors, things, van)


def stored() -> dict[str, list[str]]:
    """All that a form could change, without what differs each time it is written."""
    with connection.cursor() as cursor:
        cursor.execute(all_rows())
        return dict(cursor.fetchall())


@cache
def all_rows() -> str:
    """One statement for all tables: a query for each takes as long as the forms themselves."""
    looks = [
        f"SELECT '{model.__name__}', ARRAY(SELECT r::text FROM ({rows_of(model)}) r ORDER BY 1)"  # noqa: S608
        for model in KEPT
    ]
    table = "SELECT '{}', ARRAY(SELECT '' FROM {})"
    looks += [table.format(model.__name__, model._meta.db_table) for model in COUNTED]
    return " UNION ALL ".join(looks)


def rows_of(model: type[models.Model]) -> str:
    columns = [column.column for column in model._meta.concrete_fields if column.attname not in SAYS_NOTHING]
    return f"SELECT {', '.join(map(connection.ops.quote_name, columns))} FROM {model._meta.db_table}"  # noqa: S608


def after(client: Client, url: str, *posts: dict[str, str]) -> tuple[list[Any], list[dict[str, list[str]]]]:
    """The answers and what is stored after each; in the end all is as before."""
    answers, found = [], []
    with transaction.atomic():
        for data in posts:
            answers.append(client.post(url, data))
            found.append(stored())
        transaction.set_rollback(True)
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    return answers, found


def test_the_forms_are_found(forms: dict[str, Any]) -> None:
    assert len(forms) >= 20
    assert {"/dashboard/hours", "/dashboard/hours/dates/new", "/dashboard/set-up"} <= set(forms)
    assert {action.rpartition("/")[2] for action in forms} >= {"hand-over", "stop", "move", "refund", "again"}
    assert any(action.startswith("/dashboard/hours?calendar=") for action in forms)
    assert any(action.startswith("/manage/") for action in forms)


def test_nothing_changes_nothing(forms: dict[str, Any], subtests: Any) -> None:
    before = stored()
    for url, (client, form) in forms.items():
        if form.fields or any(form.buttons):  # else the press itself says all there is to say
            with subtests.test(url):
                (answer,), then = after(client, url, {})
                assert answer.status_code in (302, REFUSED, 409)
                assert then == [before]


def test_half_a_page_changes_nothing(forms: dict[str, Any], subtests: Any) -> None:
    before = stored()
    for url, (client, form) in forms.items():
        for half in halves(form):
            with subtests.test(f"{url} with {sorted(half)}"):
                (answer,), then = after(client, url, half)
                assert answer.status_code in (302, REFUSED, 409) or STAYS & set(half)
                assert then == [before]


def halves(form: PageForm) -> Iterator[dict[str, str]]:
    """Without the second half of its fields, the first, every other, and the first few one by one; a box may always be
    missing, and so may what tells of others who saved meanwhile."""
    sent = form.presses()[0]
    names = [name for name in form.fields or sent if name not in form.boxes and name != "version"]
    middle = len(names) // 2
    lost = [names[middle:], names[:middle], names[::2], *([name] for name in names[:MOST_ALONE])]
    yield from ({name: sent[name] for name in sent if name not in gone} for gone in lost if gone)


def test_twice_ends_up_as_once(forms: dict[str, Any], subtests: Any) -> None:
    for url, (client, form) in forms.items():
        for sent in form.presses():
            with subtests.test(f"{url} {sent}"):
                (answer, _), (once, twice) = after(client, url, sent, sent)
                assert answer.status_code == 302 or STAYS & set(sent)
                assert twice == once


def test_nonsense_is_refused_with_what_was_typed_still_there(forms: dict[str, Any], subtests: Any) -> None:
    """What takes it for a text may; a page that comes back says what to mend, and loses nothing."""
    before = stored()
    for nonsense in NONSENSE:
        for url, (client, form) in forms.items():
            names = sorted(form.typed)
            press = next((one for one in form.presses() if not STAYS & set(one)), None)
            if not names or press is None:
                continue
            with subtests.test(f"{url} {nonsense[:20]}"):
                (answer,), (then,) = after(client, url, press | dict.fromkeys(names, nonsense))
                if answer.status_code != 302:
                    assert (answer.status_code, then) == (REFUSED, before)
                    shown = {name: said for one in forms_of(answer) for name, said in one.fields.items()}
                    assert [shown.get(name) == nonsense for name in names] == [True] * len(names)
                    assert "aria-invalid" in answer.content.decode()


@pytest.mark.django_db
def test_a_page_with_fewer_rows_than_it_had_saves_nothing(sam: Tradie) -> None:
    """The fault that this file is about: an empty week was taken for a week off, and said to be saved."""
    client, hours = signed_in(owner_of(sam)), WorkingHours.objects.filter(calendar__tradie=sam)
    before = list(hours.values())
    page = client.post("/dashboard/hours", {}, follow=True)
    assert "nothing was changed" in page.content.decode()
    assert "are saved" not in page.content.decode()
    assert len(before) == 7
    assert list(hours.values()) == before

"""Pages that make something new: sent twice, one after the other or at once, they make it once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections, models
from django.test import Client

from accounts.models import ApiKey, Service, Tradie
from availability.models import Calendar, TimeOff
from invoicing.models import Quote
from local.testing.cast import gave_password_again, make_service, owner_of
from notifications.models import WebhookEndpoint
from peepopay.models import FormPress
from web.tests.page_forms import forms_of

MAKES: dict[str, type[models.Model]] = {
    "services/new": Service,
    "services/starters/new": Service,
    "time-off/new": TimeOff,
    "crew/new": Calendar,
    "quotes/new": Quote,
    "connections/keys/new": ApiKey,
    "connections/webhooks/new": WebhookEndpoint,
}
TYPED = {
    "name": "Gutter clean",
    "price_cents": "120",
    "starts_on": "2027-02-03",
    "url": "https://gutters.example/hooks",
    "title": "New gutters",
    "customer_name": "Jo Citizen",
    "customer_phone": "0412 345 678",
    "customer_email": "jo@example.com",
    "address_line1": "1 George Street",
    "address_suburb": "Newtown",
    "address_postcode": "2042",
    "line-0-description": "Labour",
    "line-0-unit_price_cents": "120",
}


def owner(sam: Tradie) -> Client:
    client = Client()
    client.force_login(owner_of(sam))
    gave_password_again(client, owner_of(sam))
    return client


def filled_in(client: Client, url: str) -> dict[str, str]:
    [form] = [form for form in forms_of(client.get(url)) if "form_key" in form.fields]
    sent = form.fields | (form.buttons[0] if form.buttons else {})
    return sent | {name: text for name, text in TYPED.items() if name in sent and not sent[name]}


@pytest.mark.parametrize("page", MAKES)
def test_a_second_press_leads_to_what_the_first_made(page: str, sam: Tradie, drain: Service) -> None:
    client, url, made = owner(sam), f"/dashboard/{page}", MAKES[page]._default_manager
    sent, before = filled_in(client, url), made.count()
    places = [client.post(url, sent)["Location"] for _ in range(3)]
    assert len(set(places)) == 1
    assert made.count() == before + 1
    assert client.get(places[0]).status_code == 200


def test_a_refused_form_keeps_its_key_and_makes_it_once_mended(sam: Tradie) -> None:
    client, url = owner(sam), "/dashboard/services/new"
    sent = filled_in(client, url)
    refused = client.post(url, sent | {"name": ""})
    assert forms_of(refused)[-1].fields["form_key"] == sent["form_key"]
    assert not FormPress.objects.exists()
    assert [client.post(url, sent).status_code for _ in range(2)] == [302, 302]
    assert Service.objects.count() == 1


@pytest.mark.parametrize("key", ["", "nonsense", None])
def test_a_page_without_its_key_changes_nothing(key: str | None, sam: Tradie) -> None:
    client, url = owner(sam), "/dashboard/services/new"
    sent = filled_in(client, url) | {"form_key": key}
    page = client.post(url, {name: text for name, text in sent.items() if text is not None}, follow=True)
    assert "nothing was changed" in page.content.decode()
    assert not Service.objects.exists()


def test_opened_twice_it_makes_two(sam: Tradie) -> None:
    client, url = owner(sam), "/dashboard/services/new"
    for _ in range(2):
        client.post(url, filled_in(client, url))
    assert Service.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_made_once(sam: Tradie) -> None:
    make_service(sam)
    clients, url = [owner(sam) for _ in range(4)], "/dashboard/quotes/new"
    sent = filled_in(clients[0], url) | {"form_key": str(uuid4())}

    def press(client: Client) -> str:
        try:
            return client.post(url, sent)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        places = set(pool.map(press, clients))
    assert places == {f"/dashboard/quotes/{Quote.objects.get().pk}"}

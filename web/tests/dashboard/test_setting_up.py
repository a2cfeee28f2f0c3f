"""Setting up leads from page to page, may be left anywhere, and says how far one is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Service, Tradie, User
from accounts.policy_templates import Trade
from accounts.starter_services import made_of, starters_of
from availability import catalogue
from local.testing.cast import PASSWORD, owner_of
from payments.models import ConnectedAccount
from payments.setup_steps import steps_of
from web.tests.page_forms import forms_of

BUSINESS = {"business_name": "Nell's Gardens", "phone": "0412 345 678", "state": "NSW", "trade": "gardener"}
BUSINESS |= {"abn": "51 824 753 556", "licence_number": "", "slug": ""}
STARTERS = "/dashboard/services/starters/new"


@pytest.fixture
def nell(client: Client, db: None) -> Client:
    """Signed up, nothing set up."""
    client.force_login(User.objects.create_user("nell@example.com", PASSWORD))
    return client


def form_of(client: Client, url: str, field: str) -> dict[str, str]:
    return next(form.fields for form in forms_of(client.get(url)) if field in form.fields)


def sent(client: Client, url: str, field: str, **typed: str) -> Any:
    return client.post(url, form_of(client, url, field) | typed)


def done(tradie: Tradie) -> list[bool]:
    return [step.is_done for step in steps_of(tradie)]


def test_each_page_leads_to_the_next(nell: Client) -> None:
    assert nell.post("/dashboard/set-up", BUSINESS)["Location"] == "/dashboard/hours"
    tradie = Tradie.objects.get()
    assert (tradie.abn, tradie.slug, done(tradie)) == (
        "51824753556",
        "nells-gardens",
        [True, False, False, False],
    )
    hours = next(form for form in forms_of(nell.get("/dashboard/hours")) if len(form.fields) > 5)
    assert nell.post("/dashboard/hours", hours.fields)["Location"] == STARTERS
    page = nell.get(STARTERS)
    assert "Setting up: 2 of 4 done" in page.content.decode()
    assert sent(nell, STARTERS, "pick_0", price_0="95")["Location"] == "/dashboard/card-payments"
    service = Service.objects.get()
    assert (service.name, service.price_cents, service.deposit_cents) == (
        "Lawn mowed and edged",
        9_500,
        2_375,
    )
    assert "Before customers can book: 3 of 4 done" in nell.get("/dashboard/").content.decode()
    ConnectedAccount.objects.create(tradie=tradie, account_id="acct_nell", can_charge=True)
    assert done(tradie) == [True, True, True, True]
    assert "Before customers can book" not in nell.get("/dashboard/").content.decode()


def test_without_a_deposit_no_cards_are_needed(nell: Client) -> None:
    nell.post("/dashboard/set-up", BUSINESS)
    tradie = Tradie.objects.get()
    catalogue.add_service(tradie, made_of(starters_of("painter")[0], tradie, price_cents=0))
    assert done(tradie) == [True, False, True, True]


def test_another_trade_can_be_looked_at_and_nothing_ticked_is_said(nell: Client) -> None:
    nell.post("/dashboard/set-up", BUSINESS)
    assert "Ceiling fan installed" in nell.get(f"{STARTERS}?trade=electrician").content.decode()
    assert "Call-out, one hour" in nell.get(f"{STARTERS}?trade=astronaut").content.decode()
    form = form_of(nell, STARTERS, "pick_0")
    del form["pick_0"]
    assert "Tick at least one" in nell.post(STARTERS, form).content.decode()
    assert Service.objects.count() == 0


@pytest.mark.parametrize("trade", ["", *Trade.values])
def test_what_a_trade_starts_with_can_be_sold_as_it_is(trade: str, sam: Tradie) -> None:
    for starter in starters_of(trade):
        service = made_of(starter, sam, price_cents=starter.price_cents)
        service.full_clean()
        catalogue.add_service(sam, service)


def test_the_office_is_not_sent_where_only_the_owner_may(client: Client, sam: Tradie, kim: User) -> None:
    ConnectedAccount.objects.all().delete()
    Service.objects.filter(tradie=sam).delete()
    client.force_login(kim)
    assert sent(client, STARTERS, "pick_0")["Location"] == "/dashboard/"
    assert "Only the owner can do that." in client.get("/dashboard/").content.decode()


def test_the_address_is_said_while_it_is_typed(nell: Client, sam: Tradie) -> None:
    def says(**typed: str) -> str:
        return str(nell.get("/dashboard/set-up/address", typed).json()["says"])

    assert says(business_name="Nell's Gardens").endswith("/book/nells-gardens")
    assert says(slug="Nell").endswith("/book/nell")
    assert says(slug=sam.slug) == "That booking address is taken. Choose another."
    assert says(slug="a b") == says(slug="x" * 61) == "Letters, numbers and dashes, please."


def test_the_booking_page_has_a_code_to_scan_and_a_colour(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    page = client.get("/dashboard/widget")
    assert f'src="http://testserver/book/{sam.slug}"' in page.content.decode()
    code = client.get("/dashboard/widget/qr.svg")
    assert (code["Content-Type"], code.content[:5]) == ("image/svg+xml", b"<?xml")
    typed = forms_of(page)[-1].fields | {"accent_colour": "#123456"}
    assert client.post("/dashboard/widget", typed)["Location"] == "/dashboard/widget"
    sam.refresh_from_db()
    assert sam.accent_colour == "#123456"
    assert client.post("/dashboard/widget", typed | {"accent_colour": "red"}).status_code == 400

"""Card payments: only the owner is led to Stripe, and what Stripe says stands there in words."""

from __future__ import annotations

import html
from typing import Any

import pytest
import requests
from django.test import Client

from accounts.models import Service, Tradie
from local.testing.cast import Api, owner_of, soon
from local.testing.stripe_world import StripeWorld
from payments.models import AccountOpening, ConnectedAccount

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/dashboard/card-payments"


@pytest.fixture
def owner(client: Client, sam: Tradie, stripe_app: StripeWorld) -> Client:
    """Sam before Stripe."""
    ConnectedAccount.objects.filter(tradie=sam).delete()
    client.force_login(owner_of(sam))
    return client


def words(page: Any) -> str:
    return " ".join(html.unescape(page.content.decode()).split())


def come_back(owner: Client, button: str, **pressed: str) -> str:
    """To Stripe, a press of a button there, and back. -> what the page says then."""
    link = owner.post(PAGE, pressed)["Location"]
    back = requests.post(link, data={"do": button}, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith("http://testserver/dashboard/card-payments?from=")
    return words(owner.get(back, follow=True))


def test_from_nothing_to_taking_cards(owner: Client, sam: Tradie) -> None:
    assert "Have ready:" in words(owner.get(PAGE))
    said = come_back(owner, "later")
    assert "Stripe still wants to know:</p><ul><li>your ABN or ACN</li>" in said
    assert "Stripe is checking your details" in come_back(owner, "check")
    assert "Continue at Stripe" not in words(owner.get(PAGE))


def test_finishing_at_stripe_opens_services_with_a_deposit(owner: Client, drain: Any) -> None:
    assert 'href="/dashboard/card-payments">Connect Stripe: until then' in words(owner.get("/dashboard/"))
    assert "You can take cards" in come_back(owner, "finish")
    assert owner.get("/dashboard/").context["next_step"] is None


def test_stripe_away_loses_nothing_and_says_so(owner: Client, stripe_app: StripeWorld) -> None:
    stripe_app.fault("POST /v2/core/accounts", status=503, page=True, times=0)
    page = owner.post(PAGE, follow=True)
    assert "Stripe gives no answer right now. Nothing is lost" in words(page)
    assert AccountOpening.objects.count() == 1
    stripe_app.clear_faults()
    assert "You can take cards" in come_back(owner, "finish")


def test_a_link_that_ran_out_leads_back_to_a_fresh_one(owner: Client) -> None:
    come_back(owner, "later")
    page = owner.get(f"{PAGE}?from=old-link", follow=True)
    assert "That page of Stripe's had run out." in words(page)
    assert "Continue at Stripe" in words(page)


def test_what_was_lost_says_why_and_what_to_do(owner: Client, sam: Tradie, stripe_app: StripeWorld) -> None:
    come_back(owner, "finish")
    account = ConnectedAccount.objects.get(tradie=sam)
    stripe_app.set_account(account.account_id, "restricted")
    said = words(owner.post(PAGE, {"look": ""}, follow=True))
    assert "Card payments have stopped" in said
    assert "a photo of your licence or passport" in said
    stripe_app.disconnect(account.account_id)
    said = words(owner.post(PAGE, {"look": ""}, follow=True))
    assert "PeepoPay was disconnected from your Stripe account. Connect a new one" in said
    assert "Continue at Stripe" not in said


def test_an_owner_connects_a_new_account_in_the_place_of_one_that_is_gone(
    owner: Client, sam: Tradie, drain: Service, stripe_app: StripeWorld
) -> None:
    come_back(owner, "finish")
    old = ConnectedAccount.objects.get(tradie=sam)
    stripe_app.disconnect(old.account_id)
    page = owner.post(PAGE, {"look": ""}, follow=True)
    assert f'name="instead_of" value="{old.account_id}">Connect a new Stripe account</button>' in words(page)
    assert "Connect a new one under Card payments." in words(owner.get("/dashboard/"))
    assert "Stripe still wants to know" in come_back(owner, "later", instead_of=old.account_id)
    assert "You can take cards" in come_back(owner, "finish", instead_of=old.account_id)  # of a stale tab
    held = Api(Client()).book(drain, soon(sam)).json()
    new = ConnectedAccount.objects.get(tradie=sam)
    assert held["payment"]["account"] == new.account_id != old.account_id
    assert owner.get("/dashboard/").context["next_step"] is None

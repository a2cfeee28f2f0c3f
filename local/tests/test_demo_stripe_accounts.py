"""Connected accounts and their onboarding, and who may call what."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import stripe

from local.testing.stripe_world import StripeWorld

TRADIE: Any = {
    "contact_email": "sam@example.com",
    "display_name": "Sam's Plumbing",
    "dashboard": "full",
    "identity": {"country": "au"},
    "defaults": {"responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"}},
    "configuration": {"merchant": {"capabilities": {"card_payments": {"requested": True}}}},
    "include": ["configuration.merchant", "requirements"],
}
MERCHANT: Any = {"include": ["configuration.merchant"]}


def card_status(client: stripe.StripeClient, account: str) -> str:
    shown = client.v2.core.accounts.retrieve(account, MERCHANT)
    return shown.configuration.merchant.capabilities.card_payments.status


def onboarding_link(client: stripe.StripeClient, account: str) -> str:
    addresses = {"refresh_url": "http://app.test/again", "return_url": "http://app.test/back"}
    use_case: Any = {"type": "account_onboarding", "account_onboarding": addresses}
    return client.v2.core.account_links.create({"account": account, "use_case": use_case}).url


def test_the_demo_starts_with_ready_accounts(stripe_client):
    assert card_status(stripe_client, StripeWorld.account) == "active"
    assert card_status(stripe_client, StripeWorld.other_account) == "active"


def test_onboarding_makes_a_new_account_ready(stripe_world, stripe_client):
    account = stripe_client.v2.core.accounts.create(TRADIE)
    assert account.configuration.merchant.capabilities.card_payments.status == "restricted"
    link = onboarding_link(stripe_client, account.id)

    page = requests.get(link, timeout=5)
    assert "DEMO" in page.text
    assert "Sam&#x27;s Plumbing" in page.text
    done = requests.post(link, data={"do": "finish"}, allow_redirects=False, timeout=5)

    assert (done.status_code, done.headers["Location"]) == (303, "http://app.test/back")
    assert card_status(stripe_client, account.id) == "active"
    event = stripe_world.events(account.id)[-1]
    assert (event["type"], event["account"]) == ("account.updated", account.id)
    assert event["data"]["object"]["charges_enabled"]


def test_leaving_early_changes_nothing_but_uses_up_the_link(stripe_client):
    account = stripe_client.v2.core.accounts.create(TRADIE)
    link = onboarding_link(stripe_client, account.id)

    requests.post(link, data={"do": "later"}, allow_redirects=False, timeout=5)
    again = requests.get(link, allow_redirects=False, timeout=5)

    assert card_status(stripe_client, account.id) == "restricted"
    assert again.headers["Location"] == "http://app.test/again"


def test_only_what_is_included_is_shown(stripe_client):
    bare = stripe_client.v2.core.accounts.retrieve(StripeWorld.account)
    whole = stripe_client.v2.core.accounts.retrieve(
        StripeWorld.account, {"include": ["configuration.merchant", "defaults", "identity", "requirements"]}
    )

    assert (bare.configuration, bare.defaults, bare.identity) == (None, None, None)
    assert whole.defaults.responsibilities.fees_collector == "stripe"
    assert whole.identity.country == "au"


def test_an_unknown_account_is_not_found(stripe_client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v2.core.accounts.retrieve("acct_nobody")
    assert (refusal.value.http_status, refusal.value.code) == (404, "not_found")

    with pytest.raises(stripe.PermissionError, match="does not have access to account"):
        stripe_client.v1.balance.retrieve(None, {"stripe_account": "acct_nobody"})


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "You did not provide an API key"),
        ("sk_test_wrong", "Invalid API Key"),
        ("sk_live_x", "Invalid API Key"),
    ],
)
def test_a_wrong_key_is_told_so(stripe_world, key, message):
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    answer = requests.get(f"{stripe_world.direct}/v1/balance", headers=headers, timeout=5)

    assert answer.status_code == 401
    assert message in answer.json()["error"]["message"]
    assert "sk_test_wrong" not in answer.text


def test_a_publishable_key_cannot_do_the_servers_work(stripe_world):
    headers = {"Authorization": f"Bearer {stripe_world.publishable_key}"}

    answer = requests.get(f"{stripe_world.direct}/v1/payment_intents", headers=headers, timeout=5)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "secret_key_required")


def test_an_unknown_address_is_404_in_stripes_shape(stripe_world):
    headers = {"Authorization": f"Bearer {stripe_world.secret_key}"}

    answer = requests.get(f"{stripe_world.direct}/v1/flowers", headers=headers, timeout=5)

    assert answer.status_code == 404
    assert "Unrecognized request URL (GET: /v1/flowers)" in answer.json()["error"]["message"]

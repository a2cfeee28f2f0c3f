"""A business gets an account at Stripe: one, whatever happens between, asked for as Stripe describes it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, Tradie
from local.testing.cast import make_tradie
from local.testing.stripe_world import StripeWorld
from payments import connected_accounts, onboarding
from payments.models import AccountOpening, ConnectedAccount
from payments.stripe_gateway import StripeRefused
from payments.stripe_wants import SOMETHING_ELSE, in_words

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "https://peepopay.example/dashboard/card-payments"
CREATE, LINK = "POST /v2/core/accounts$", "POST /v2/core/account_links"


@pytest.fixture
def nell(db: None, stripe_app: StripeWorld) -> Tradie:
    """New here: no account yet."""
    tradie = make_tradie(slug="nell", business_name="Nell's Gardens")
    ConnectedAccount.objects.all().delete()
    return tradie


def begin(tradie: Tradie) -> str:
    return onboarding.begin(tradie, page=PAGE, now=timezone.now())


def press(link: str, button: str) -> str:
    """On Stripe's page. -> where it leads."""
    return str(requests.post(link, data={"do": button}, allow_redirects=False, timeout=5).headers["Location"])


def refreshed(tradie: Tradie) -> ConnectedAccount:
    connected_accounts.refresh(ConnectedAccount.objects.get(tradie=tradie), now=timezone.now())
    return ConnectedAccount.objects.get(tradie=tradie)


def test_stripe_learns_who_it_is_and_leads_back(nell: Tradie, stripe_app: StripeWorld) -> None:
    link = begin(nell)
    (asked,) = [exchange for exchange in stripe_app.exchanges if exchange["path"] == "/v2/core/accounts"]
    said = json.loads(asked["body"])
    assert (said["display_name"], said["dashboard"]) == ("Nell's Gardens", "full")
    assert said["metadata"] == {"tradie_id": str(nell.pk)}
    assert asked["key"].startswith("pp-ac-")
    assert press(link, "finish") == f"{PAGE}?from=stripe"
    assert press(link, "finish") == f"{PAGE}?from=old-link"
    account = refreshed(nell)
    assert (account.can_charge, account.wants, AccountOpening.objects.count()) == (True, [], 0)
    assert [entry.kind for entry in AuditEntry.objects.filter(tradie=nell)] == ["stripe_opened"]


def test_what_stripe_still_wants_is_known_in_words(nell: Tradie, stripe_app: StripeWorld) -> None:
    press(begin(nell), "later")
    account = refreshed(nell)
    assert (account.can_charge, account.card_payments) == (False, "restricted")
    assert in_words(account.wants) == [
        "your ABN or ACN",
        "a photo of your licence or passport",
        "the bank account your money goes to",
        "that you agree to Stripe's terms",
    ]
    press(begin(nell), "check")
    assert (refreshed(nell).card_payments, refreshed(nell).wants) == ("pending", [])
    assert len(stripe_app.requests(CREATE)) == 1


def test_what_stripe_has_a_new_name_for_is_said_once_and_last() -> None:
    assert in_words(["x.y", "identity.entity_type", "z"]) == [
        "what kind of business you are",
        SOMETHING_ELSE,
    ]


def test_an_answer_that_never_came_is_asked_for_under_the_same_key(
    nell: Tradie, stripe_app: StripeWorld
) -> None:
    stripe_app.fault(CREATE, reset=True, after=True, times=2)  # done, and not heard of, twice
    with pytest.raises(StripeRefused):
        begin(nell)
    Tradie.objects.filter(pk=nell.pk).update(business_name="Another name")  # the words stay as they were
    nell.refresh_from_db()
    press(begin(nell), "finish")
    assert refreshed(nell).can_charge
    keys = {x["key"] for x in stripe_app.exchanges if x["path"] == "/v2/core/accounts"}
    assert len(keys) == 1


def test_an_answer_that_stripe_keeps_or_a_no_is_not_asked_for_again(
    nell: Tradie, stripe_app: StripeWorld
) -> None:
    for status in (500, 400):
        stripe_app.fault(CREATE, status=status, times=2)
        with pytest.raises(StripeRefused):
            begin(nell)
        assert AccountOpening.objects.count() == 0
        stripe_app.clear_faults()
    begin(nell)
    keys = {x["key"] for x in stripe_app.exchanges if x["path"] == "/v2/core/accounts"}
    assert len(keys) == 3


def test_a_key_that_stripe_may_have_forgotten_is_not_used_again(
    nell: Tradie, stripe_app: StripeWorld
) -> None:
    stripe_app.fault(CREATE, reset=True, times=2)
    with pytest.raises(StripeRefused):
        begin(nell)
    old = AccountOpening.objects.get()
    AccountOpening.objects.update(created_at=timezone.now() - timedelta(hours=24))
    begin(nell)
    assert stripe_app.exchanges[-2]["key"] != old.key


def test_pressing_at_once_opens_one_account(nell: Tradie, stripe_app: StripeWorld) -> None:
    def pressed(_: int) -> bool:
        try:
            return bool(begin(nell))
        except StripeRefused as refusal:
            return not refusal.retry_helps  # busy with the other one: press again
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pressed, range(4)))
    begin(nell)
    keys = {x["key"] for x in stripe_app.exchanges if x["path"] == "/v2/core/accounts"}
    assert (len(keys), ConnectedAccount.objects.filter(tradie=nell).count()) == (1, 1)


def test_no_transaction_waits_for_stripe(nell: Tradie, stripe_app: StripeWorld) -> None:
    """While Stripe hangs, the business can be changed."""
    stripe_app.fault(CREATE, hang=1.5, times=1)

    def pressed() -> str:
        try:
            return begin(nell)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pressed)
        while not AccountOpening.objects.exists():
            pass
        Tradie.objects.filter(pk=nell.pk).update(suburb="Newtown")
        assert not waiting.done()
        assert waiting.result()

"""The operator connects an account: Stripe is asked at once whether it can take cards."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Tradie
from local.testing.cast import make_operator, sign_in_operator
from local.testing.stripe_world import StripeWorld
from payments.models import ConnectedAccount

pytestmark = pytest.mark.django_db(transaction=True)


def said(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


LIST = "admin:payments_connectedaccount_changelist"


@pytest.fixture
def operator(client: Client, stripe_app: StripeWorld) -> Client:
    return sign_in_operator(client, make_operator())


def test_saving_an_account_asks_stripe(operator: Client, sam: Tradie) -> None:
    ConnectedAccount.objects.all().delete()
    form = {"tradie": str(sam.pk), "account_id": "acct_demo_joe"}
    page = operator.post(reverse("admin:payments_connectedaccount_add"), form, follow=True)
    assert "acct_demo_joe can take cards, says Stripe." in said(page)
    account = ConnectedAccount.objects.get()
    assert (account.can_charge, account.card_payments) == (True, "active")


def test_an_account_that_is_not_ours_is_saved_and_said_to_take_none(operator: Client, sam: Tradie) -> None:
    account = ConnectedAccount.objects.get()
    form = {"tradie": str(sam.pk), "account_id": "acct_misspelt"}
    page = operator.post(
        reverse("admin:payments_connectedaccount_change", args=[account.pk]), form, follow=True
    )
    assert "acct_misspelt can't take cards (no_access), says Stripe." in said(page)


def test_stripe_can_be_asked_about_those_picked(
    operator: Client, sam: Tradie, stripe_app: StripeWorld
) -> None:
    stripe_app.set_account("acct_demo_joe", "restricted")
    account = ConnectedAccount.objects.get()
    picked = {"action": "check_now", "_selected_action": [str(account.pk)]}
    page = operator.post(reverse(LIST), picked, follow=True)
    assert "acct_demo_joe can't take cards (restricted), says Stripe." in said(page)
    stripe_app.fault("GET /v2/core/accounts", status=500, times=0)
    page = operator.post(reverse(LIST), picked, follow=True)
    (line,) = said(page)
    assert line.startswith("acct_demo_joe: Stripe gives no answer (")

"""A business sets by which rules it asks for higher deposits."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.audit import changes_of
from accounts.deposit_rules import DepositRule, RuleKind, rules_of
from accounts.models import Tradie
from local.testing.cast import owner_of
from web.tests.page_forms import forms_of

PAGE = "/dashboard/services/deposit-rules"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def save(client: Client, **typed: str) -> Any:
    return client.post(PAGE, forms_of(client.get(PAGE))[-1].fields | typed)


def test_all_are_off_at_first_and_off_again(dashboard: Client, sam: Tradie) -> None:
    assert save(dashboard).status_code == 302
    assert Tradie.objects.get().deposit_rules == []
    assert changes_of(sam).count() == 0
    far = {"far_least": "60", "far_from": "2204", "far_percent": "10", "far_cents": "25"}
    assert save(dashboard, **far, big_least="2000", big_percent="15").status_code == 302
    assert rules_of(Tradie.objects.get()) == [
        DepositRule(RuleKind.FAR, 60, 10, 2_500, "2204"),
        DepositRule(RuleKind.BIG, 200_000, 15),
    ]
    assert changes_of(sam)[0].detail.startswith("deposit rules")
    save(dashboard, far_percent="0", far_cents="", big_percent="0")
    assert Tradie.objects.get().deposit_rules == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"far_percent": "10"}, "Give the postcode from which you drive."),
        ({"far_from": "0001"}, "no postcode 0001"),
        ({"first_percent": "100"}, "99"),
        ({"first_cents": "ten"}, "Write an amount such as 30 or 82.50."),
    ],
)
def test_what_cannot_be_is_refused(dashboard: Client, typed: dict[str, str], said: str) -> None:
    answer = save(dashboard, **typed)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Tradie.objects.get().deposit_rules == []

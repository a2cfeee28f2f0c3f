"""A customer pays the deposit and not a cent more, whatever the card: surcharges are banned (`accounts/law.py`)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Service, Tradie
from local.demo_stripe.cards import CARDS
from local.testing.cast import Api, make_service, soon
from local.testing.stripe_world import StripeWorld

pytestmark = pytest.mark.django_db(transaction=True)

PAYING = [card for card in CARDS.values() if not card.decline]


@pytest.fixture
def jobs(sam: Tradie) -> list[Service]:
    """One with each kind of deposit: $30, a third of $99.99, and all of $120."""
    return [
        make_service(sam),
        make_service(sam, name="Tap", deposit_kind="percent", deposit_percent=33, price_cents=9_999),
        make_service(sam, name="Check", deposit_kind="full"),
    ]


def test_every_card_is_charged_the_deposit_and_our_fee_comes_off_it(
    api: Api, sam: Tradie, jobs: list[Service], stripe_app: StripeWorld, settings: Any
) -> None:
    settings.RATE_LIMITS = False
    charged = []
    for number, card in enumerate(PAYING):
        job = jobs[number % len(jobs)]
        held = api.book(job, soon(sam, days=3 + number)).json()
        assert held["payment"]["amount_cents"] == held["booking"]["deposit_cents"] == job.deposit_cents
        secret = held["payment"]["client_secret"]
        stripe_app.pay(secret, card=card.number)
        if card.challenge:
            stripe_app.authenticate(secret, True)
        told = api.patch(
            f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"]
        ).json()
        assert (told["status"], told["paid_cents"]) == ("confirmed", job.deposit_cents)
        charged.append((job.deposit_cents, job.deposit_cents * 250 // 10_000))
    intents = [
        (intent["amount_received"], intent["application_fee_amount"]) for intent in stripe_app.intents()
    ]
    assert sorted(intents) == sorted(charged)
    assert len(PAYING) >= 5

"""What cancelling costs is said in the same words before a time is held, in the booking, its mail and on its page."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import CUSTOMER
from bookings.moving import move_booking
from bookings.tokens import token_of
from local.testing.cast import Api, make_booking, make_service, owner_of, soon
from local.testing.sent import Sent, body, deliver_all
from local.testing.stripe_world import StripeWorld

from .dashboard.test_today_page import pay

pytestmark = pytest.mark.django_db(transaction=True)

SERVICES: dict[str, dict[str, Any]] = {
    "without a late fee": {"late_fee_cents": 0},
    "with a late fee": {"late_fee_cents": 1_000},
    "with a late fee of the whole deposit": {"late_fee_cents": 3_000},
    "with a late fee of a part of the deposit": {"late_fee_kind": "percent", "late_fee_percent": 33},
    "with a no-show fee": {"no_show_fee_cents": 5_000},
    "free cancelling is over": {"late_fee_cents": 1_000, "free_cancellation_hours": 100},
    "nothing comes back any more": {"free_cancellation_hours": 100, "no_refund_hours": 100},
    "without a deposit": {"deposit_kind": "none"},
    "without a deposit, and late": {"deposit_kind": "none", "free_cancellation_hours": 100},
}


@pytest.mark.parametrize("terms", SERVICES.values(), ids=SERVICES)
def test_the_words_are_the_same_everywhere(
    api: Api, client: Client, sam: Tradie, stripe_app: StripeWorld, sent: Sent, terms: dict[str, Any]
) -> None:
    service = make_service(sam, **terms)
    before = statement(api, service)
    made = api.book(service, soon(sam)).json()
    assert made["booking"]["policy_statement"] == before
    if made["payment"]:
        stripe_app.pay(made["payment"]["client_secret"])
    path = f"/api/bookings/{made['booking']['id']}"
    confirmed = api.patch(path, {"status": "confirmed"}, made["token"]).json()
    assert (confirmed["status"], confirmed["policy_statement"]) == ("confirmed", before)
    deliver_all(now=timezone.now())
    mail = next(mail for mail in sent.mails if mail["To"] == "jo@example.com")
    assert re.findall("^- (.+)$", body(mail, "plain"), re.MULTILINE) == before
    assert items(body(mail, "html")) == before
    assert items(client.get(f"/manage/{made['token']}").content.decode()) == before


def test_what_was_given_back_by_hand_is_promised_nowhere_again(
    api: Api, client: Client, sam: Tradie, sent: Sent
) -> None:
    service = make_service(sam, late_fee_cents=2_500)
    booking = make_booking(service, soon(sam))
    pay(booking, refunded_cents=1_000)
    token, later = token_of(booking), soon(sam, days=5)
    told = api.get(f"/api/bookings/{booking.pk}", token).json()
    said = told["policy_statement"]
    assert told["if_cancelled_now"]["refund_cents"] == 2_000
    assert re.search(r"all of \$20 comes back", said[0])
    assert said[1:] == ["After that nothing comes back."]
    assert items(client.get(f"/manage/{token}").content.decode()) == said
    client.force_login(owner_of(sam))
    assert items(client.get(f"/dashboard/bookings/{booking.pk}").content.decode()) == said

    asked = client.get(f"/manage/{token}/move", {"start": later.isoformat()}).content.decode()
    assert "Your deposit of $20 moves along." in asked
    move_booking(booking, later, by=CUSTOMER, now=timezone.now())
    deliver_all(now=timezone.now())
    mail = body(next(mail for mail in sent.mails if mail["To"] == "jo@example.com"), "plain")
    assert "Your deposit of $20 moves with it." in mail
    then = re.findall("^- (.+)$", mail, re.MULTILINE)
    assert re.search(r"all of \$20 comes back", then[0])
    assert then == [sentence for sentence in items(asked) if "back" in sentence]
    assert then == api.get(f"/api/bookings/{booking.pk}", token).json()["policy_statement"]


def statement(api: Api, service: Service) -> list[str]:
    """What the widget shows as soon as a time is chosen."""
    asked = {"service": str(service.pk), "start": soon(service.tradie).isoformat()}
    answer = api.client.get(f"/api/tradies/{service.tradie.slug}/statement", asked)
    assert answer.status_code == 200
    said: list[str] = answer.json()["policy_statement"]
    return said


def items(page: str) -> list[str]:
    return [html.unescape(item) for item in re.findall(r"<li>([^<]+)</li>", page)]

"""A card that is saved when booking where nothing is paid: asked, saved, charged for a no-show, or the time is free."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.service_rules import DepositKind
from bookings.models import Booking, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service, soon
from notifications.models import Message
from payments import expiry, inbox
from payments.card_consents import chargeable
from payments.card_setups import give, sync
from payments.forgotten_cards import forget_cards
from payments.models import CardConsent, ConnectedAccount, Payment, StripeEvent
from peepopay.errors import BookingNotPayable

from .interleaving import Fate
from .no_showing import DECLINED, agree, fee, make_job, mark, start, the_booking, work

pytestmark = pytest.mark.django_db(transaction=True)
FREE = {"deposit_kind": DepositKind.NONE, "deposit_fixed_cents": 0, "no_show_card_required": True}


@pytest.fixture
def held(api, sam, stripe_app):
    """An hour without a deposit, and a no-show fee of $100 for which a card is asked of everybody."""
    return api.book(make_job(sam, **FREE), soon(sam)).json()


def save(stripe_app, secret: str, card: str = "4242424242424242") -> None:
    if stripe_app.pay(secret, card=card).get("status") == "requires_action":
        stripe_app.authenticate(secret, True)


def said(api, held) -> str:
    """What the server answers to "I have saved it"."""
    answer = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    return answer.json()["status"]


def lapse(now: datetime) -> int:
    Booking.objects.update(held_until=now - timedelta(minutes=2))
    return expiry.expire_holds(now=now)


def test_the_time_is_held_until_a_card_is_saved_and_nobody_is_told_before(api, stripe_app, held):
    payment = held["payment"]
    assert (held["booking"]["status"], payment["amount_cents"], payment["client_secret"]) == (
        "pending",
        0,
        "",
    )
    asked = payment["consent"]
    assert {**asked, "text": ""} == {"text": "", "cap_cents": 10_000, "required": True, "given": False}
    for part in ("Sam's Plumbing may charge up to $100", "Nothing is charged now."):
        assert part in asked["text"]
    assert "deposit" not in asked["text"]
    assert not Message.objects.exists()
    secret = agree(api, held).json()["client_secret"]
    assert secret.startswith("seti_")
    assert said(api, held) == "pending"  # nothing is saved yet
    again = api.post("/api/payments/intent", {"booking": held["booking"]["id"]}, held["token"]).json()
    assert (again["client_secret"], again["consent"]["given"]) == (secret, True)
    save(stripe_app, secret)
    assert said(api, held) == "confirmed"
    assert said(api, held) == "confirmed"
    consent = CardConsent.objects.get()
    (card,) = stripe_app.saved_cards()
    assert (card["id"], card["customer"]) == (consent.payment_method_id, consent.customer_id)
    assert not Payment.objects.exists()
    booking = the_booking()
    happened = booking.events.filter(kind__in=("card_saved", "confirmed")).values_list("kind", flat=True)
    assert sorted(happened) == ["card_saved", "confirmed"]
    assert set(Message.objects.values_list("kind", flat=True)) >= {
        "booking_confirmed",
        "booking_confirmed_tradie",
    }


@pytest.mark.parametrize("card", ["4242424242424242", "4000003800000446"])
def test_it_is_charged_when_nobody_is_there_and_forgotten_afterwards(api, stripe_app, held, card):
    save(stripe_app, agree(api, held).json()["client_secret"], card)
    assert said(api, held) == "confirmed"
    booking = start(the_booking())
    assert mark(booking, charge_cents=10_000)
    assert work().payment.status == "succeeded"
    assert fee().amount_cents == 10_000
    assert forget_cards(now=timezone.now() + timedelta(days=2)) == 1
    assert stripe_app.saved_cards() == []


def test_without_a_card_the_time_is_free_again_and_none_is_taken_any_more(api, stripe_app, held):
    secret = agree(api, held).json()["client_secret"]
    assert lapse(timezone.now()) == 1
    assert the_booking().status == Status.EXPIRED
    assert stripe_app.pay(secret)["error"]["code"] == "setup_intent_unexpected_state"
    assert said(api, held) == "expired"
    assert not Message.objects.exists()


def test_a_card_that_was_saved_as_the_hold_ran_out_books_it(api, stripe_app, held):
    save(stripe_app, agree(api, held).json()["client_secret"])
    again = api.post("/api/payments/intent", {"booking": held["booking"]["id"]}, held["token"])
    assert (again.status_code, again.json()["code"]) == (409, "BOOKING_NOT_PAYABLE")  # no second card
    assert lapse(timezone.now()) == 0
    assert the_booking().status == Status.CONFIRMED
    assert chargeable(the_booking(), timezone.now())


def test_while_stripe_is_away_the_hold_keeps_its_time(api, stripe_app, held):
    agree(api, held)
    stripe_app.fault("POST /v1/setup_intents/seti_[^/]+/cancel$", status=500, times=2)
    assert lapse(timezone.now()) == 0
    assert the_booking().status == Status.EXPIRING
    assert lapse(timezone.now()) == 1


@pytest.mark.parametrize("is_free", [True, False])
def test_saved_after_it_lapsed_it_is_revived_or_the_customer_is_told(api, stripe_app, held, is_free):
    save(stripe_app, agree(api, held).json()["client_secret"])
    booking = the_booking()
    Booking.objects.update(status=Status.EXPIRED, held_until=None)
    if not is_free:
        make_booking(booking.service, booking.starts_at)
    answer = api.patch(f"/api/bookings/{booking.pk}", {"status": "confirmed"}, held["token"])
    assert answer.json()["status"] == ("confirmed" if is_free else "lost")
    kinds = set(Message.objects.filter(about=booking.pk).values_list("kind", flat=True))
    assert ("booking_lost" in kinds) is not is_free
    assert not Payment.objects.exists()


def test_the_webhook_books_it_for_a_browser_that_is_gone(api, stripe_app, held):
    save(stripe_app, agree(api, held).json()["client_secret"])
    (event,) = [e for e in stripe_app.events() if e["type"] == "setup_intent.succeeded"]
    assert event["data"]["object"]["metadata"]["consent_id"] == str(CardConsent.objects.get().pk)
    row = StripeEvent(
        id=event["id"],
        type=event["type"],
        account_id=event["account"],
        object_id=event["data"]["object"]["id"],
        created_at=timezone.now(),
    )
    for _ in range(2):
        inbox.act_on(row, now=timezone.now())
    assert the_booking().status == Status.CONFIRMED
    assert Message.objects.filter(kind="booking_confirmed", channel="email").count() == 1


def test_once_the_hold_is_over_nobody_gets_a_secret_that_was_on_its_way(api, stripe_app, held, conductor):
    booking, text = the_booking(), held["payment"]["consent"]["text"]
    asking = conductor.start(lambda: give(booking, text, given_from="", now=timezone.now()))
    conductor.answer(asking)  # the customer at Stripe is made; what saves the card is asked for
    assert lapse(timezone.now()) == 1
    conductor.finish(asking)
    assert isinstance(asking.problem, BookingNotPayable)
    assert [setup["status"] for setup in stripe_app.setups()] == ["canceled"]


def test_taken_back_no_card_is_saved_and_a_yes_after_it_is_another_consent(api, stripe_app, held):
    first = agree(api, held).json()["client_secret"]
    assert agree(api, held, agreed=False).json()["client_secret"] == ""
    assert stripe_app.pay(first)["error"]["code"] == "setup_intent_unexpected_state"
    second = agree(api, held).json()["client_secret"]
    assert second != first
    save(stripe_app, second)
    assert said(api, held) == "confirmed"
    assert len({consent.customer_id for consent in CardConsent.objects.all()}) == 1


def test_taken_back_while_stripe_says_that_it_is_saved_it_books_nothing(api, stripe_app, held, conductor):
    save(stripe_app, agree(api, held).json()["client_secret"])
    looking = conductor.start(lambda: sync(the_booking(), now=timezone.now()))
    conductor.answer(looking, Fate.ON_ITS_WAY)
    agree(api, held, agreed=False)
    conductor.finish(looking)
    assert (looking.result.status, CardConsent.objects.get().saved_at) == (Status.PENDING, None)
    assert chargeable(the_booking(), timezone.now()) is None


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_yes_that_stripe_does_not_answer_does_not_hold(api, stripe_app, held, carried_out):
    stripe_app.fault("POST /v1/setup_intents$", reset=True, after=carried_out, times=2)
    answer = agree(api, held)
    assert (answer.status_code, answer.json()["code"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    assert not CardConsent.objects.filter(withdrawn_at=None).exists()
    save(stripe_app, agree(api, held).json()["client_secret"])
    assert said(api, held) == "confirmed"


def test_where_no_card_can_be_taken_no_time_is_held(api, sam, stripe_app):
    job = make_job(sam, **FREE)
    ConnectedAccount.objects.update(can_charge=False)
    answer = api.book(job, soon(sam))
    assert (answer.status_code, answer.json()["code"]) == (409, "TRADIE_NOT_BOOKABLE")
    assert not Booking.objects.exists()


def test_a_declined_card_saves_nothing_and_another_may(api, stripe_app, held):
    secret = agree(api, held).json()["client_secret"]
    assert stripe_app.pay(secret, card=DECLINED)["error"]["code"] == "card_declined"
    assert said(api, held) == "pending"
    save(stripe_app, secret)
    assert said(api, held) == "confirmed"


@pytest.mark.parametrize(
    "fields",
    [
        {"no_show_card_required": False},
        {"no_show_fee_cents": 0},
        {"requires_approval": True},
    ],
)
def test_where_no_card_is_asked_of_everybody_it_is_booked_as_before(api, sam, stripe_app, fields):
    service = make_service(sam, **{"no_show_fee_cents": 10_000, **FREE, **fields})
    made = api.book(service, soon(sam)).json()
    assert (made["payment"], made["booking"]["status"]) == (
        None,
        "requested" if fields.get("requires_approval") else "confirmed",
    )


def test_its_page_says_that_nothing_is_charged_and_where_to_save_a_card(api, held):
    page = api.get(f"/manage/{token_of(the_booking())}").content.decode()
    assert "Nothing is charged now." in page
    assert "Save a card to keep this time" in page
    assert "$0" not in page.partition("Money")[0]


def test_cancelled_before_a_card_is_saved_the_time_is_free(api, stripe_app, held):
    agree(api, held)
    answer = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "cancelled"}, held["token"])
    assert answer.json()["status"] == "expired"

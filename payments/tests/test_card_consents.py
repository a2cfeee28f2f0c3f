"""A no-show fee on a saved card: asked, written down, saved by Stripe, taken back, forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.lifecycle import mark_completed
from bookings.models import Booking, Status
from local.testing.cast import make_service, soon
from payments import cancellations, expiry
from payments.card_consents import chargeable, note_saved
from payments.forgotten_cards import forget, forget_cards
from payments.models import CardConsent, Payment, PaymentStatus
from payments.settlement import sync
from payments.stripe_answers import Intent

from .no_showing import SAM, agree, fee, make_job, mark, missed, pay, start, the_booking, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(api, sam, stripe_app):
    return api.book(make_job(sam), soon(sam)).json()


def card_at_stripe(stripe_app) -> list[str]:
    return [method["customer"] for method in stripe_app.saved_cards()]


def test_it_is_asked_in_words_with_dollars(held):
    asked = held["payment"]["consent"]
    assert {**asked, "text": ""} == {"text": "", "cap_cents": 7_000, "required": False, "given": False}
    for part in (
        "Sam's Plumbing may charge up to $70",
        "the no-show fee of $100",
        "You can leave this unticked",
    ):
        assert part in asked["text"]


@pytest.mark.parametrize("fields", [{}, {"no_show_fee_cents": 3_000}])
def test_where_the_deposit_covers_the_fee_nothing_is_asked(api, sam, stripe_app, fields):
    held = api.book(make_service(sam, **fields), soon(sam)).json()
    assert held["payment"]["consent"] is None
    answer = api.post(
        "/api/payments/consent",
        {"booking": held["booking"]["id"], "agreed": True, "text": "Yes"},
        held["token"],
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


def test_a_yes_is_written_down_and_paying_saves_the_card(api, stripe_app, held):
    answer = agree(api, held)
    assert (answer.status_code, answer.json()["consent"]["given"]) == (200, True)
    assert agree(api, held).json()["client_secret"] == held["payment"]["client_secret"]  # again: as it was
    consent = CardConsent.objects.get()
    assert (consent.text, consent.cap_cents, consent.ip_address, consent.saved_at) == (
        held["payment"]["consent"]["text"],
        7_000,
        "127.0.0.1",
        None,
    )
    (intent,) = stripe_app.intents()
    assert (intent["customer"], intent["setup_future_usage"]) == (consent.customer_id, "off_session")
    (customer,) = stripe_app.customers()
    assert (customer["name"], customer["email"], customer["metadata"]["booking_id"]) == (
        None,
        None,
        held["booking"]["id"],
    )
    pay(api, stripe_app, held)
    consent.refresh_from_db()
    (card,) = stripe_app.saved_cards()
    assert (card["id"], card["customer"]) == (consent.payment_method_id, consent.customer_id)
    assert consent.saved_at is not None
    assert the_booking().events.filter(kind="card_saved", detail="up to $70").exists()
    assert "up to $70" in api.get(f"/manage/{held['token']}").content.decode()


def test_without_a_yes_no_card_is_saved(api, stripe_app, held):
    booking = pay(api, stripe_app, held)
    assert (stripe_app.customers(), stripe_app.saved_cards()) == ([], [])
    assert chargeable(booking, timezone.now()) is None


def test_taken_back_before_paying_no_card_is_saved(api, stripe_app, held):
    agree(api, held)
    answer = agree(api, held, agreed=False)
    assert (answer.status_code, answer.json()["consent"]["given"]) == (200, False)
    assert chargeable(pay(api, stripe_app, held), timezone.now()) is None
    assert stripe_app.saved_cards() == []
    assert forget_cards(now=timezone.now()) == 1
    assert stripe_app.customers() == [{**stripe_app.customers()[0], "deleted": True}]
    saved = {"saved_at": timezone.now(), "payment_method_id": "pm_1", "let_go_at": None, "forgotten_at": None}
    CardConsent.objects.update(**saved)  # whatever Stripe had saved
    assert chargeable(the_booking(), timezone.now()) is None


def test_a_yes_after_a_no_is_another_consent_with_the_same_customer(api, stripe_app, held):
    for agreed in (True, False, True):
        agree(api, held, agreed)
        assert forget_cards(now=timezone.now()) == 0  # Stripe's customer goes on, as long as the hold does
    pay(api, stripe_app, held)
    first, second = CardConsent.objects.all()
    assert (first.withdrawn_at is None, second.withdrawn_at is None) == (False, True)
    assert first.customer_id == second.customer_id
    assert (first.saved_at is None, second.saved_at is None) == (True, False)
    assert card_at_stripe(stripe_app) == [second.customer_id]
    assert forget_cards(now=timezone.now()) == 0


def test_other_words_than_those_that_apply_are_no_consent(api, stripe_app, held):
    answer = agree(api, held, text="Anything goes")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])
    assert not CardConsent.objects.exists()


def test_once_it_is_paid_there_is_nothing_to_agree_to(api, stripe_app, held):
    pay(api, stripe_app, held)
    for agreed in (True, False):
        answer = agree(api, held, agreed)
        assert (answer.status_code, answer.json()["code"]) == (409, "BOOKING_NOT_PAYABLE")


@pytest.mark.parametrize(
    "fields", [{"status": Status.EXPIRING}, {"payments": PaymentStatus.PROCESSING}], ids=["lapsing", "paying"]
)
def test_nor_once_its_hold_lapses_or_it_is_being_paid(api, stripe_app, held, fields):
    if "payments" in fields:
        Payment.objects.update(status=fields["payments"])
    else:
        Booking.objects.update(**fields)
    answer = agree(api, held)
    assert (answer.status_code, answer.json()["code"]) == (409, "BOOKING_NOT_PAYABLE")
    assert not CardConsent.objects.exists()


def test_a_card_that_another_customer_of_stripes_has_is_not_the_one_agreed_on(api, stripe_app, held):
    """As of a payment on an account that was replaced meanwhile."""
    agree(api, held)
    consent, payment = CardConsent.objects.get(), Payment.objects.select_related("booking").get()
    paid = Intent("pi_1", "succeeded", 3_000, 3_000, "aud", {}, "", "cus_other", "pm_other", saves_card=True)
    for customer_id, is_saved in (("cus_other", False), (consent.customer_id, True)):
        note_saved(payment, replace(paid, customer_id=customer_id), timezone.now())
        consent.refresh_from_db()
        assert (consent.saved_at is not None) is is_saved


@pytest.mark.parametrize(
    ("address", "carried_out"),
    [
        ("POST /v1/customers", True),
        ("POST /v1/payment_intents/pi_[^/]+$", False),
        ("POST /v1/payment_intents/pi_[^/]+$", True),
    ],
)
def test_a_yes_that_stripe_does_not_answer_does_not_hold(api, stripe_app, held, address, carried_out):
    stripe_app.fault(address, reset=True, after=carried_out, times=2)
    answer = agree(api, held)
    assert (answer.status_code, answer.json()["code"]) == (503, "PAYMENT_PROVIDER_UNAVAILABLE")
    booking = pay(api, stripe_app, held)
    assert chargeable(booking, timezone.now()) is None
    forget_cards(now=timezone.now())
    assert stripe_app.saved_cards() == []


def test_where_it_is_required_nothing_can_be_paid_before(api, sam, stripe_app):
    held = api.book(make_job(sam, no_show_card_required=True), soon(sam)).json()
    asked = held["payment"]["consent"]
    assert (held["payment"]["client_secret"], asked["required"]) == ("", True)
    assert "unticked" not in asked["text"]
    again = api.post("/api/payments/intent", {"booking": held["booking"]["id"]}, held["token"])
    assert again.json()["client_secret"] == ""
    secret = agree(api, held).json()["client_secret"]
    assert secret.startswith("pi_")
    assert agree(api, held, agreed=False).json()["client_secret"] == ""
    agree(api, held)
    assert chargeable(pay(api, stripe_app, held, secret), timezone.now())


def test_a_card_that_was_only_authorised_is_saved_too(api, sam, stripe_app):
    held = api.book(make_job(sam, requires_approval=True), soon(sam)).json()
    agree(api, held)
    stripe_app.pay(held["payment"]["client_secret"])
    sync(the_booking().payments.get(), now=timezone.now())
    assert the_booking().status == Status.REQUESTED
    assert CardConsent.objects.get().saved_at


# ---- forgotten


def end(booking: Booking, how: str) -> None:
    now = timezone.now()
    match how:
        case "done":
            assert mark_completed(booking, by=SAM, now=now)
        case "cancelled":
            cancellations.cancel_booking(booking, by=SAM, now=now)
        case "a week":
            start(booking, timedelta(days=7, hours=2))
        case "erased":
            Booking.objects.update(erased_at=now)
        case "no-show":
            assert mark(booking, 0)
            Booking.objects.update(
                no_show_at=now - timedelta(days=1, minutes=1), **booking.terms.times(now - timedelta(days=2))
            )


@pytest.mark.parametrize("how", ["done", "cancelled", "a week", "erased", "no-show"])
def test_a_card_that_is_needed_no_more_is_forgotten(api, sam, stripe_app, how):
    booking = missed(api, stripe_app, make_job(sam))
    assert forget_cards(now=timezone.now()) == 0
    end(booking, how)
    assert forget_cards(now=timezone.now()) == 1
    assert stripe_app.saved_cards() == []
    consent = CardConsent.objects.get()
    assert consent.forgotten_at
    assert consent.text
    assert consent.ip_address == ("" if how == "erased" else "127.0.0.1")
    assert forget_cards(now=timezone.now()) == 0


def test_an_outage_while_forgetting_is_made_up_for(api, sam, stripe_app):
    booking = missed(api, stripe_app, make_job(sam))
    end(booking, "done")
    stripe_app.fault("DELETE /v1/customers", reset=True, times=2)
    assert forget_cards(now=timezone.now()) == 0
    assert chargeable(booking, timezone.now()) is None
    assert forget_cards(now=timezone.now()) == 1
    assert CardConsent.objects.get().forgotten_at


def test_a_card_that_is_needed_after_all_is_kept(api, stripe_app, held):
    """As the rule sees it that comes to one of its round a moment later."""
    agree(api, held)
    pay(api, stripe_app, held)
    assert not forget(CardConsent.objects.get(), now=timezone.now())
    assert chargeable(the_booking(), timezone.now())


def test_a_fee_on_its_way_keeps_its_card(api, sam, stripe_app):
    booking = missed(api, stripe_app, make_job(sam))
    mark(booking)
    Booking.objects.update(
        no_show_at=timezone.now() - timedelta(days=2),
        **booking.terms.times(timezone.now() - timedelta(days=3)),
    )
    assert forget_cards(now=timezone.now()) == 0
    work()
    assert fee().status == "succeeded"
    assert forget_cards(now=timezone.now()) == 1


def test_a_hold_that_lapsed_leaves_no_card(api, sam, stripe_app, held):
    agree(api, held)
    later = timezone.now() + timedelta(minutes=15)
    expiry.expire_holds(now=later)
    assert the_booking().status == Status.EXPIRED
    assert forget_cards(now=later) == 0
    assert forget_cards(now=later + timedelta(days=1)) == 1
    assert stripe_app.customers()[0]["deleted"]

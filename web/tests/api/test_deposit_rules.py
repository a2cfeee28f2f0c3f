"""POST /api/bookings where rules of the business raise the deposit: seen first, then agreed to, then frozen."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.deposit_rules import DepositRule, RuleKind, as_column
from accounts.models import Service, Tradie
from bookings.models import Booking, Customer, CustomerContact, Status
from local.testing.cast import JO, make_booking, make_service, soon

pytestmark = pytest.mark.django_db(transaction=True)

AGREE = "Nothing is held yet: press the button again if that is fine."
FIRST = DepositRule(RuleKind.FIRST, percent=10, cents=500)  # of $120: $17 more
MISSED = DepositRule(RuleKind.MISSED, 1, cents=2_000)


@pytest.fixture
def rules(sam):
    def set_to(*rules):
        Tradie.objects.filter(pk=sam.pk).update(deposit_rules=as_column(rules))

    return set_to


def been_here(drain, status, *, email=JO.email, phone=JO.phone):
    now = timezone.now()
    customer = Customer.objects.create(tradie=drain.tradie, name="Jo", created_at=now, seen_at=now)
    for value in (email, phone):
        CustomerContact.objects.create(tradie=drain.tradie, customer=customer, value=value)
    return make_booking(drain, now - timedelta(days=30), status=status, customer=customer)


def test_the_amount_and_why_come_before_anything_is_held(api, sam, drain, stripe_app, rules):
    rules(FIRST)
    answer = api.book(drain, soon(sam), deposit_cents=3_000)
    body = answer.json()
    assert (answer.status_code, body["code"], body["deposit_cents"]) == (409, "DEPOSIT_CHANGED", 4_700)
    why = "The deposit for this booking is $47 instead of $30: we don't know each other well yet."
    assert body["message"] == f"{why} {AGREE}"
    assert not Booking.objects.exists()
    assert not Customer.objects.exists()
    assert stripe_app.intents() == []
    assert api.book(drain, soon(sam)).status_code == 409  # agreed to nothing


def test_agreed_to_it_is_due_frozen_and_told_to_the_business(api, sam, drain, stripe_app, rules, client):
    rules(FIRST)
    key = uuid.uuid4()
    body = api.book(drain, soon(sam), key=key, deposit_cents=4_700).json()
    assert body["booking"]["deposit_cents"] == body["payment"]["amount_cents"] == 4_700
    booking = Booking.objects.get()
    assert (booking.terms.deposit_cents, booking.terms.deposit_reasons) == (4_700, ("first",))
    rules(DepositRule(RuleKind.FIRST, cents=9_000))
    assert api.book(drain, soon(sam), key=key, deposit_cents=4_700).json() == body  # sent once more
    moved = api.book(drain, soon(sam, hour=11), deposit_cents=3_000, hold=body["token"]).json()
    assert moved["booking"]["deposit_cents"] == 4_700
    client.force_login(sam.memberships.get().user)
    page = client.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    assert "raised by your rules: they haven’t had a job done by you" in page


def test_who_had_a_job_done_pays_the_usual_and_who_missed_one_more(api, sam, drain, stripe_app, rules):
    rules(FIRST, MISSED)
    been_here(drain, Status.COMPLETED)
    assert api.book(drain, soon(sam)).json()["booking"]["deposit_cents"] == 3_000
    Booking.objects.filter(status=Status.COMPLETED).update(status=Status.NO_SHOW)
    body = api.book(drain, soon(sam, hour=13)).json()
    assert body["deposit_cents"] == 6_700
    assert body["message"].count("we don't know each other well yet") == 1


@pytest.mark.parametrize("known_by", [{"email": "other@example.com"}, {"phone": "+61411000000"}])
def test_one_of_the_two_tells_nothing_of_anybody(api, sam, drain, stripe_app, rules, known_by):
    rules(MISSED)
    been_here(drain, Status.NO_SHOW, **known_by)
    assert api.book(drain, soon(sam)).status_code == 201


def test_far_away_short_notice_and_big_add_up_to_the_price_at_most(api, sam, stripe_app, rules):
    drain = make_service(sam)
    rules(
        DepositRule(RuleKind.FAR, 700, cents=1_000, measured_from="3000"),
        DepositRule(RuleKind.SOON, 24 * 30, percent=20),
        DepositRule(RuleKind.BIG, 12_000, percent=50),
    )
    body = api.book(drain, soon(sam), deposit_cents=3_000).json()
    assert body["deposit_cents"] == 12_000  # and not 3,000 + 1,000 + 2,400 + 6,000
    assert (
        "the address is 700 km away or more, and it is within 720 hours, and the price is $120"
        in body["message"]
    )
    api.book(drain, soon(sam), deposit_cents=12_000)
    assert Booking.objects.get().deposit_is == "part_payment"


def test_the_statement_says_what_the_job_alone_tells(api, sam, drain, rules):
    rules(FIRST, DepositRule(RuleKind.SOON, 24 * 30, cents=1_500))
    start = soon(sam).isoformat()
    address = f"/api/tradies/{sam.slug}/statement"
    said = api.client.get(address, {"service": str(drain.pk), "start": start}).json()["policy_statement"]
    assert said[0] == "The deposit for this booking is $45 instead of $30: it is within 720 hours."


def test_residential_building_work_stays_within_the_cap(api, sam, stripe_app, rules):
    Tradie.objects.update(state="NSW")
    job = make_service(sam, price_cents=100_000, deposit_fixed_cents=5_000, is_residential_building=True)
    rules(DepositRule(RuleKind.BIG, 1, percent=50))
    assert api.book(job, soon(sam)).json()["deposit_cents"] == 10_000


def test_off_and_without_a_deposit_nothing_is_asked_or_computed(api, sam, quote, drain, stripe_app, rules):
    assert api.book(drain, soon(sam), deposit_cents=1).status_code == 201
    rules(FIRST)
    assert api.book(quote, soon(sam, hour=14)).json()["booking"]["status"] == "confirmed"
    assert Service.objects.count() == 2

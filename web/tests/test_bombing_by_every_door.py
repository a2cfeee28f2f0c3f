"""One person who never confirmed anything, and strangers who know the address and the number of that person, from as
many addresses as they like: how much is sent, by all doors together."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.models import Service, User
from availability.models import WorkingHours
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD, Api, booking_request, make_service, make_tradie, owner_of, soon
from notifications import budgets
from notifications.models import Channel, Message
from web.sign_in.mails import LOGIN_CODE, may_leave

from .api.strangers import JO, PHONE, change, somebody
from .sign_in.visits import ASK, RESET, Visitor, confirm, mails_to

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8
NUMBER = "+61412345678"  # as PHONE is kept


def book_move_and_cancel(quote: Service, stripe_app: Any) -> None:
    for number in range(MANY):
        stranger = Client(REMOTE_ADDR=f"198.51.100.{number}")
        sent = booking_request(quote, soon(quote.tradie, days=3 + number, hour=8))
        sent["customer"] = somebody(number, email=JO.replace("@", f"+{number}@"), phone=PHONE)
        made = stranger.post("/api/bookings", sent, content_type="application/json")
        if made.status_code == 201:
            change(stranger, made.json(), {"start": soon(quote.tradie, days=3 + number, hour=12).isoformat()})
            change(stranger, made.json(), {"status": "cancelled"})


def pay_and_cancel(quote: Service, stripe_app: Any) -> None:
    drain = quote.tradie.services.get(name="Blocked drain")
    for number in range(MANY):
        api = Api(Client(REMOTE_ADDR=f"198.51.100.{50 + number}"))
        made = api.book(drain, soon(drain.tradie, days=20 + number), customer=somebody(email=JO, phone=PHONE))
        if made.status_code == 201:
            stripe_app.pay(made.json()["payment"]["client_secret"])
            url, token = f"/api/bookings/{made.json()['booking']['id']}", made.json()["token"]
            api.patch(url, {"status": "confirmed"}, token)
            api.patch(url, {"status": "cancelled"}, token)


def sign_up_and_ask_for_codes(quote: Service, stripe_app: Any) -> None:
    for path in (RESET, "/accounts/signup/", ASK) * MANY:
        Visitor().post(path, {"email": JO, "password1": PASSWORD + "!"})


def open_businesses_and_invite(quote: Service, stripe_app: Any) -> None:
    for number in range(MANY):
        owner = Visitor()
        owner.force_login(owner_of(make_tradie()))
        owner.post("/dashboard/people/new", {"email": JO, "role": "worker", "name": f"Jo {number}"})


def book_at_a_business_of_ones_own_and_call_it_off(quote: Service, stripe_app: Any) -> None:
    for number in range(MANY):
        mine = make_service(make_tradie(), deposit_kind="none")
        sent = booking_request(mine, soon(mine.tradie)) | {"customer": somebody(email=JO, phone=PHONE)}
        made = Client(REMOTE_ADDR=f"203.0.113.{number}").post(
            "/api/bookings", sent, content_type="application/json"
        )
        if made.status_code == 201:
            owner = Visitor()
            owner.force_login(owner_of(mine.tradie))
            owner.post(f"/dashboard/bookings/{made.json()['booking']['id']}/cancel", {"reason": "Ha"})


def add_the_address_to_an_account(quote: Service, stripe_app: Any) -> None:
    for _ in range(MANY):
        owner = Visitor()
        owner.sign_in(confirm(owner_of(make_tradie())))
        owner.post("/accounts/reauthenticate/", {"password": PASSWORD})
        owner.post("/accounts/email/", {"action_add": "", "email": JO})


def have_a_business_of_ones_own_text_that_number(quote: Service, stripe_app: Any) -> None:
    """Its own mobile, which anybody can type: customers ask for calls, and its owner looks at what texts look like."""
    mine = make_service(make_tradie(mobile=NUMBER), deposit_kind="none")
    owner = Visitor()
    owner.force_login(owner_of(mine.tradie))
    for number in range(MANY):
        owner.post("/dashboard/messages/booking_confirmed/test", {"by": "sms"})
        owner.post("/dashboard/you/messages/number", {"ask": "1"})
        left = {"tradie": mine.tradie.slug, "name": "Pat", "phone": f"0412 000 10{number}"}
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
        assert stranger.post("/api/callbacks", left, content_type="application/json").status_code == 201


def wait_for_a_time_at_many_businesses(quote: Service, stripe_app: Any) -> None:
    for number in range(MANY):
        mine = make_service(make_tradie(has_waitlist=True), deposit_kind="none")
        WorkingHours.objects.filter(calendar__tradie=mine.tradie).delete()
        left = {
            "tradie": mine.tradie.slug,
            "service": str(mine.pk),
            "name": "Jo",
            "phone": f"0412 000 20{number}",
            "email": JO,
        }
        stranger = Client(REMOTE_ADDR=f"192.0.2.{100 + number}")
        assert stranger.post("/api/waitlist", left, content_type="application/json").status_code == 201


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


Door = Callable[[Service, Any], None]
DOORS: list[Door] = [
    book_move_and_cancel,
    sign_up_and_ask_for_codes,
    open_businesses_and_invite,
    add_the_address_to_an_account,
    book_at_a_business_of_ones_own_and_call_it_off,
    pay_and_cancel,
    have_a_business_of_ones_own_text_that_number,
    wait_for_a_time_at_many_businesses,
]


def sent_to_jo() -> tuple[int, int]:
    """Mails and SMS, those of sign-in among them; but for mails about money that somebody paid: those always go."""
    rows = Message.objects.filter(skipped_because="")
    mails = rows.filter(channel=Channel.EMAIL, audience__in=("customer", "invited"))
    of_money = mails.filter(facts__refund_cents__gt=0)
    by_mail = mails.exclude(pk__in=of_money.values("pk")).count() + len(mails_to_jo())
    return by_mail, rows.filter(channel=Channel.SMS, recipient=NUMBER).count()


def mails_to_jo() -> list[Any]:
    return [message for message in mailbox() if budgets.mailbox(message.to[0]) == JO]


@pytest.mark.parametrize("doors", [DOORS, DOORS[::-1]], ids=["forwards", "backwards"])
def test_whatever_strangers_do_it_is_five_mails_and_three_sms_a_day(
    doors: list[Door], drain: Service, quote: Service, stripe_app: Any
) -> None:
    for door in doors:
        door(quote, stripe_app)
        mails, texts = sent_to_jo()
        assert (mails <= 5, texts <= 3) == (True, True), door.__name__
    assert (mails, texts) == (5, 3)


@pytest.mark.parametrize("door", DOORS)
def test_no_door_alone_sends_more(door: Door, drain: Service, quote: Service, stripe_app: Any) -> None:
    door(quote, stripe_app)
    mails, texts = sent_to_jo()
    assert mails + texts >= 1
    assert mails <= 5  # allauth alone lets three minutes pass between two for one added address
    assert texts <= 3


def test_an_account_that_nobody_confirmed_gets_no_code_an_hour(db: None) -> None:
    """Anybody can sign up with anybody's address; a code for it changes every hour."""
    User.objects.create_user(JO, PASSWORD)
    noon = datetime(2027, 1, 14, 12, tzinfo=UTC)
    sent = [
        may_leave(LOGIN_CODE, JO, {"code": str(hour)}, now=noon + timedelta(minutes=59 * hour))
        for hour in range(24)
    ]
    assert sent.count(True) == 4


def test_bookings_do_not_use_up_the_mails_that_an_owner_signs_in_with(
    drain: Service, quote: Service, stripe_app: Any
) -> None:
    owner = owner_of(quote.tradie)
    User.objects.filter(pk=owner.pk).update(email=JO)
    owner.refresh_from_db()
    confirm(owner)
    book_move_and_cancel(quote, stripe_app)
    pay_and_cancel(quote, stripe_app)
    Visitor().ask_for_code(owner)
    Visitor().post(RESET, {"email": owner.email})
    assert len(mails_to(owner)) == 2


def test_who_enters_the_code_of_a_sign_up_may_be_sent_more(quote: Service) -> None:
    visitor = Visitor()
    visitor.post("/accounts/signup/", {"email": JO, "password1": PASSWORD + "!"})
    code = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", str(mails_to_jo()[0].body), re.MULTILINE)
    assert code
    visitor.post("/accounts/confirm-email/", {"code": code.group()})
    assert EmailAddress.objects.get(email=JO).verified
    room = [budgets.take_one(Channel.EMAIL, JO, now=timezone.now()) for _ in range(10)]
    assert room == [True] * 10

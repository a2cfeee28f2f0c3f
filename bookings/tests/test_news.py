"""Who of a business hears of what happens to its bookings."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Membership, Service, Tradie, User
from accounts.people import remove_member
from availability.models import Calendar
from bookings import messages
from bookings.actors import SYSTEM
from bookings.models import Booking
from bookings.news import choose
from bookings.policy import Outcome, Reason
from local.testing.cast import make_booking, owner_of
from local.testing.sent import Sent, deliver_all
from notifications.models import Message, News

NOBODY: dict[str, Any] = {"by_email": [], "by_sms": [], "mobile": ""}
BUSINESS, MOBILE = "sam@example.com", "+61400111222"


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain)


@pytest.fixture
def owner(sam: Tradie) -> Membership:
    """Sam, who reads the business's address."""
    user = owner_of(sam)
    EmailAddress.objects.create(user=user, email="Sam@Example.com", verified=True)
    return Membership.objects.get(user=user)


def member_of(user: User) -> Membership:
    return Membership.objects.select_related("tradie", "user").get(user=user)


def told(booking: Booking) -> set[tuple[str, str]]:
    """Of each thing that happens, who of the business is told: {(kind, address)}."""
    now = timezone.now()
    Message.objects.all().delete()
    messages.tell_confirmed(booking, now=now)
    messages.tell_requested(booking, now=now)
    messages.tell_moved(booking, now=now)
    nothing = Outcome(0, 0, Reason.NOTHING_PAID, "Nothing was paid.")
    messages.tell_cancelled(booking, nothing, actor=SYSTEM.actor, now=now)
    messages.tell_call_wanted(booking, best_time="Any time", words="", now=now)
    rows = Message.objects.filter(audience="tradie").values_list("kind", "recipient")
    return {(kind.replace("_tradie", "").replace("booking_", ""), to) for kind, to in rows}


EVERYTHING = {"confirmed", "requested", "moved", "cancelled", "call_wanted"}


def test_at_first_whoever_reads_the_business_address_hears_of_everything(
    booking: Booking, owner: Membership, kim: User, lee: User
) -> None:
    assert told(booking) == {(kind, BUSINESS) for kind in EVERYTHING} | {("call_wanted", MOBILE)}


def test_a_mailbox_that_is_nobodys_alone_hears_of_everything(booking: Booking, kim: User) -> None:
    choose(member_of(kim), **NOBODY)
    assert told(booking) == {(kind, BUSINESS) for kind in EVERYTHING} | {("call_wanted", MOBILE)}


def test_each_chooses_for_themselves(booking: Booking, owner: Membership, kim: User) -> None:
    choose(owner, by_email=[News.CANCELLED], by_sms=[News.ASKED], mobile="")
    choose(member_of(kim), by_email=[News.BOOKED, News.CALL], by_sms=[News.MOVED], mobile="+61412000111")
    assert told(booking) == {
        ("cancelled", BUSINESS),
        ("requested", MOBILE),
        ("confirmed", kim.email),
        ("call_wanted", kim.email),
        ("moved", "+61412000111"),
    }


def test_trouble_with_money_cannot_be_switched_off(booking: Booking, owner: Membership) -> None:
    choose(owner, **NOBODY)
    assert told(booking) == set()
    now = timezone.now()
    messages.tell_balance_too_low(booking, amount_cents=500, now=now, refund_id="a")
    messages.tell_refund_failed(booking, amount_cents=500, now=now, refund_id="a")
    messages.tell_card_refused(booking, now=now)
    rows = Message.objects.filter(audience="tradie").order_by("kind").values_list("kind", "recipient")
    assert list(rows) == [
        ("balance_too_low_tradie", BUSINESS),
        ("card_refused_tradie", BUSINESS),
        ("refund_failed_tradie", BUSINESS),
    ]


def test_a_worker_hears_of_the_jobs_that_they_see(
    drain: Service, owner: Membership, lee: User, van: Calendar
) -> None:
    choose(owner, **NOBODY)
    choose(member_of(lee), by_email=[News.BOOKED], by_sms=[], mobile="")
    assert told(make_booking(drain)) == {("confirmed", lee.email)}  # without a calendar they see all jobs
    van.worker = lee
    van.save()
    assert told(make_booking(drain)) == set()
    assert told(make_booking(drain, calendar=van)) == {("confirmed", lee.email)}


def test_several_get_one_each_and_an_address_gets_one(
    booking: Booking, owner: Membership, kim: User, lee: User
) -> None:
    for user in (kim, lee):
        choose(member_of(user), by_email=[], by_sms=[News.CALL], mobile=MOBILE)
    rows = [to for kind, to in told(booking) if kind == "call_wanted"]
    assert sorted(rows) == [MOBILE, BUSINESS]
    assert Message.objects.filter(recipient=MOBILE).count() == 1


def test_who_leaves_or_changes_their_mind_gets_nothing_that_still_waits(
    sent: Sent, booking: Booking, owner: Membership, kim: User, lee: User
) -> None:
    choose(owner, **NOBODY)
    for user in (kim, lee):
        choose(member_of(user), by_email=[News.BOOKED], by_sms=[], mobile="")
    messages.tell_confirmed(booking, now=timezone.now())
    remove_member(member_of(kim))
    choose(member_of(lee), **NOBODY)
    deliver_all(now=timezone.now())
    skipped = Message.objects.filter(audience="tradie").values_list("recipient", "skipped_because")
    assert set(skipped) == {
        (kim.email, "Nobody wants this there any more."),
        (lee.email, "Nobody wants this there any more."),
    }
    assert [mail["To"] for mail in sent.mails] == ["jo@example.com"]


def test_texts_to_the_business_are_one_part_each(
    sent: Sent, booking: Booking, owner: Membership, settings: Any
) -> None:
    settings.RATE_LIMITS = False
    choose(owner, by_email=[], by_sms=list(News), mobile="")
    Booking.objects.update(customer_name="Wolfeschlegelsteinhausenbergerdorff " * 3)
    booking.refresh_from_db()
    told(booking)
    for status in ("confirmed", "requested", "cancelled"):
        Booking.objects.update(status=status, call_wanted_since=timezone.now())
        Message.objects.filter(sent_at=None).update(done_at=None, skipped_because="")
        deliver_all(now=timezone.now())
    to_the_business = [sms["body"] for sms in sent.sms if sms["to"] == MOBILE]
    assert len(to_the_business) == 5
    assert [text for text in to_the_business if len(text) > 160] == []

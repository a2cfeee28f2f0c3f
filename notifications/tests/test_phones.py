"""Phones are told what happens, as long as their owners are signed in there and their push services take it."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Membership, Service, Tradie, User
from accounts.people import remove_member
from accounts.sessions import end_sessions
from bookings import messages
from bookings.models import Booking
from invoicing.closing import close_business
from local.testing.cast import make_booking, owner_of
from local.testing.phone import VAPID_KEY, Phone, signed_in, turn_on, who_sent
from local.testing.receiver import Receiver
from local.testing.sent import Sent, deliver
from notifications.channels import push
from notifications.channels.figures import TRIES
from notifications.models import Channel, Message
from notifications.phones import tell_phone
from notifications.push_models import PushSubscription
from peepopay.errors import ValidationFailed
from peepopay.local_time import moment

A_MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _key(settings: Any, sent: Sent) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID_KEY


@pytest.fixture
def phone(receiver: Receiver) -> Phone:
    return Phone(receiver)


@pytest.fixture
def owner(sam: Tradie) -> Membership:
    return Membership.objects.select_related("tradie", "user").get(user=owner_of(sam))


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain)


def push_tries() -> dict[str, float]:
    (family,) = TRIES.collect()
    return {
        sample.labels["outcome"]: sample.value
        for sample in family.samples
        if sample.labels["channel"] == "push"
    }


def written(booking: Booking, tell: Any = messages.tell_confirmed) -> list[Message]:
    tell(booking, now=timezone.now())
    return list(Message.objects.filter(channel=Channel.PUSH, about=booking.pk, done_at=None))


def test_a_paid_booking_is_read_on_the_phone_with_nobodys_name(
    phone: Phone, owner: Membership, booking: Booking
) -> None:
    turn_on(phone, owner, signed_in())
    (message,) = written(booking)
    deliver(message, now=timezone.now())
    (got,) = phone.got
    said = f"Paid: {moment(booking.starts_at, booking.tradie.timezone)}, Blocked drain"
    assert phone.reads(got) == {
        "text": said,
        "url": f"https://book.example.com.au/dashboard/bookings/{booking.pk}",
        "tag": booking.pk.hex,
    }
    sent_headers = {name: got.headers[name] for name in ("ttl", "topic", "urgency", "content-encoding")}
    assert sent_headers == {
        "ttl": "86400",
        "topic": booking.pk.hex,
        "urgency": "normal",
        "content-encoding": "aes128gcm",
    }
    swears = who_sent(got)
    assert swears["aud"] == phone.given["endpoint"].rpartition("/")[0]
    assert (swears["sub"], swears["key"]) == ("mailto:bookings@peepopay.example", push.public_key())
    message.refresh_from_db()
    assert (message.state, message.subject) == ("sent", said)
    assert PushSubscription.objects.get().told_at


def test_what_waits_for_an_answer_wakes_the_phone(phone: Phone, owner: Membership, booking: Booking) -> None:
    turn_on(phone, owner, signed_in())
    Booking.objects.filter(pk=booking.pk).update(status="requested")
    (message,) = written(booking, messages.tell_requested)
    deliver(message, now=timezone.now())
    assert phone.got[0].headers["urgency"] == "high"
    assert phone.shown[0].startswith("Please answer: ")


def test_a_phone_that_is_gone_is_told_no_more(phone: Phone, owner: Membership, booking: Booking) -> None:
    for status in (404, 410):
        turn_on(phone, owner, signed_in())
        phone.service.answer = status
        (message,) = written(booking)
        deliver(message, now=timezone.now())
        message.refresh_from_db()
        assert (message.state, message.skipped_because) == ("skipped", "The phone takes no more of them.")
        assert not PushSubscription.objects.exists()
        Message.objects.all().delete()
    assert written(booking) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_push_service_that_is_busy_is_asked_again(
    phone: Phone, owner: Membership, booking: Booking, status: int
) -> None:
    turn_on(phone, owner, signed_in())
    phone.service.answer = status
    (message,) = written(booking)
    deliver(message, now=timezone.now())
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("retrying", f"The push service answered {status}.")
    phone.service.answer = 201
    deliver(message, now=message.due_at)
    message.refresh_from_db()
    assert (message.state, len(phone.got)) == ("sent", 2)


def test_after_an_hour_nobody_s_screen_lights_up_any_more(
    phone: Phone, owner: Membership, booking: Booking
) -> None:
    turn_on(phone, owner, signed_in())
    phone.service.answer = 503
    (message,) = written(booking)
    deliver(message, now=message.created_at + timedelta(minutes=61))
    message.refresh_from_db()
    assert (message.state, message.skipped_because) == ("skipped", "The push service answered 503.")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(201, "sent"), (503, "failed"), (401, "denied"), (403, "denied"), (410, "refused")],
)
def test_a_key_that_push_services_do_not_take_is_seen_in_the_figures(
    phone: Phone, owner: Membership, booking: Booking, status: int, outcome: str
) -> None:
    """No row waits for anybody then: whom it should have told is not told, and their mails come all the same."""
    turn_on(phone, owner, signed_in())
    phone.service.answer = status
    (message,) = written(booking)
    before = push_tries()
    deliver(message, now=timezone.now())
    assert push_tries() == before | {outcome: before[outcome] + 1}


def test_what_would_be_refused_again_is_not_tried_again(
    phone: Phone, owner: Membership, booking: Booking
) -> None:
    turn_on(phone, owner, signed_in())
    phone.service.answer = 400
    (message,) = written(booking)
    deliver(message, now=timezone.now())
    message.refresh_from_db()
    assert (message.state, message.skipped_because) == ("skipped", "The push service answered 400.")
    assert PushSubscription.objects.exists()


def test_a_name_that_leads_into_our_network_by_then_is_not_asked(
    phone: Phone, owner: Membership, booking: Booking, settings: Any
) -> None:
    turn_on(phone, owner, signed_in())
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    (message,) = written(booking)
    deliver(message, now=timezone.now())
    message.refresh_from_db()
    assert "private address" in message.last_error
    assert phone.got == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/1",
        "https://10.0.0.1/1",
        "https://localhost/1",
        "https://a:b@push.example.com",
        "",
    ],
)
def test_an_address_that_is_none_of_a_push_service_is_refused(
    phone: Phone, owner: Membership, settings: Any, endpoint: str
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    with pytest.raises(ValidationFailed):
        tell_phone(
            owner, session_key=signed_in(), **{**phone.given, "endpoint": endpoint}, now=timezone.now()
        )


def test_a_phone_is_one_persons_and_the_last_who_pressed(
    phone: Phone, owner: Membership, booking: Booking, kim: User
) -> None:
    turn_on(phone, owner, signed_in())
    kims = Membership.objects.select_related("tradie", "user").get(user=kim)
    turn_on(phone, kims, signed_in())
    assert [one.member for one in PushSubscription.objects.all()] == [kims]
    assert len(written(booking)) == 1


def test_each_phone_of_a_person_is_told_and_the_oldest_make_room(
    receiver: Receiver, owner: Membership, booking: Booking
) -> None:
    ours = [Phone(receiver) for _ in range(11)]
    for one in ours:
        turn_on(one, owner, signed_in())
    for message in written(booking):
        deliver(message, now=timezone.now())
    assert [len(one.got) for one in ours] == [0, *[1] * 10]


@pytest.mark.parametrize("ends", ["session", "everywhere", "place", "business"])
def test_whoever_is_signed_out_or_gone_is_told_nothing(
    phone: Phone, owner: Membership, booking: Booking, kim: User, ends: str
) -> None:
    key = signed_in()
    kims = Membership.objects.select_related("tradie", "user").get(user=kim)
    turn_on(phone, kims, key)
    (message,) = written(booking)
    if ends == "session":
        import_module(django_settings.SESSION_ENGINE).SessionStore(key).delete()
    elif ends == "everywhere":
        end_sessions(kim)
    elif ends == "place":
        remove_member(kims)
    else:
        booking.delete()
        close_business(owner.tradie, now=timezone.now())
    assert PushSubscription.objects.count() == (1 if ends == "session" else 0)  # that one goes in the night
    if ends != "business":
        deliver(message, now=timezone.now())
        message.refresh_from_db()
        assert (message.state, phone.got) == ("skipped", [])
        Message.objects.all().delete()
        assert written(booking) == []


def test_another_key_of_ours_ends_it(
    phone: Phone, owner: Membership, booking: Booking, settings: Any
) -> None:
    turn_on(phone, owner, signed_in())
    (message,) = written(booking)
    settings.VAPID_PRIVATE_KEY = "A" * 42 + "E="
    deliver(message, now=timezone.now())
    assert phone.got == []
    assert not PushSubscription.objects.exists()


def test_without_a_key_no_phone_is_told(
    phone: Phone, owner: Membership, booking: Booking, settings: Any
) -> None:
    turn_on(phone, owner, signed_in())
    settings.VAPID_PRIVATE_KEY = ""
    assert written(booking) == []


def test_what_was_written_is_opened_by_nobody_who_reads_the_table(phone: Phone, owner: Membership) -> None:
    row = turn_on(phone, owner, signed_in())
    assert not any(secret in row.sealed for secret in phone.given.values())

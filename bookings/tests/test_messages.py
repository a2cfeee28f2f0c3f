"""Who is told what about a booking, and what is not sent any more."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from bookings.models import Actor, Booking, Status
from bookings.policy import Outcome, Reason
from bookings.tokens import token_of
from local.testing.cast import at, make_booking
from local.testing.sent import Sent, deliver, deliver_all
from notifications.models import Message
from notifications.tasks import deliver_message
from peepopay import outbox

NOW = at("2027-01-10 12:00 +11:00")
EIGHT = at("2027-01-14 08:00 +11:00")
BACK = Outcome(3_000, 0, Reason.FREE, "Cancelled in time: all of $30 comes back.")


@pytest.fixture
def booking(drain: Service) -> Booking:
    """Jo's drain at Sam's, Thursday 14 January 2027 at eight."""
    return make_booking(drain, EIGHT)


def rows() -> list[tuple[str, str, str]]:
    return sorted(Message.objects.values_list("kind", "channel", "recipient"))


def tell_everything(booking: Booking) -> None:
    """Every kind of message at once, whatever the booking's status."""
    messages.tell_confirmed(booking, now=NOW)
    messages.tell_requested(booking, now=NOW)
    messages.tell_declined(booking, now=NOW)
    messages.tell_request_lapsed(booking, now=NOW)
    messages.tell_card_refused(booking, now=NOW)
    messages.tell_moved(booking, now=NOW)
    messages.tell_cancelled(booking, BACK, actor=Actor.CUSTOMER, now=NOW)
    messages.tell_cancelled(booking, BACK, actor=Actor.TRADIE, now=NOW)
    messages.tell_lost(booking, refund_cents=3_000, now=NOW)
    messages.tell_refund_requested(booking, amount_cents=3_000, note="Sorry.", now=NOW, refund_id="a")
    messages.tell_balance_too_low(booking, amount_cents=3_000, now=NOW, refund_id="a")
    messages.tell_refund_sent(booking, amount_cents=3_000, now=NOW)
    messages.tell_refund_failed(booking, amount_cents=3_000, now=NOW)


def test_a_confirmation_tells_the_customer_twice_and_the_tradie_once(booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    assert rows() == [
        ("booking_confirmed", "email", "jo@example.com"),
        ("booking_confirmed", "sms", "+61412345678"),
        ("booking_confirmed_tradie", "email", "sam@example.com"),
    ]


def test_a_request_asks_the_tradie_and_tells_the_customer_so(booking: Booking) -> None:
    messages.tell_requested(booking, now=NOW)
    assert rows() == [
        ("booking_requested", "email", "jo@example.com"),
        ("booking_requested_tradie", "email", "sam@example.com"),
    ]


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        (
            Actor.CUSTOMER,
            [
                ("booking_cancelled", "email", "jo@example.com"),
                ("booking_cancelled_tradie", "email", "sam@example.com"),
            ],
        ),
        (
            Actor.TRADIE,
            [
                ("booking_cancelled_by_tradie", "email", "jo@example.com"),
                ("booking_cancelled_by_tradie", "sms", "+61412345678"),
            ],
        ),
    ],
)
def test_who_cancelled_need_not_be_told_by_sms(
    booking: Booking, actor: Actor, told: list[tuple[str, str, str]]
) -> None:
    messages.tell_cancelled(booking, BACK, actor=actor, now=NOW)
    assert rows() == told


@pytest.mark.parametrize("phone", ["+61295501234", "+64211234567", "+14155550123"])
def test_sms_goes_to_australian_mobiles_only(drain: Service, phone: str) -> None:
    messages.tell_confirmed(make_booking(drain, customer_phone=phone), now=NOW)
    assert not Message.objects.filter(channel="sms").exists()


def test_telling_the_same_thing_twice_writes_it_once(booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    messages.tell_confirmed(booking, now=NOW)
    assert len(rows()) == 3


def test_each_move_is_told(booking: Booking) -> None:
    for booking.sequence in (1, 2, 2):
        messages.tell_moved(booking, now=NOW)
    assert Message.objects.filter(kind="booking_moved", channel="email").count() == 2


def test_two_refunds_of_one_booking_are_two_messages(booking: Booking) -> None:
    for refund in ("a", "b", "b"):
        messages.tell_refund_sent(booking, amount_cents=500, now=NOW, refund_id=refund)
    assert len(rows()) == 2


def test_several_messages_cost_one_insert_and_one_budget(
    booking: Booking, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):  # and one for whoever of the business wants to hear of it
        messages.tell_confirmed(booking, now=NOW)


def test_the_three_messages_of_one_task_load_their_booking_once(
    sent: Sent, booking: Booking, django_assert_num_queries: Any
) -> None:
    messages.tell_confirmed(booking, now=timezone.now())
    rows = [(lease.key, lease.number) for lease in outbox.claim(Message, now=timezone.now())]
    # Each begun and finished; the booking; of the SMS whether it is wanted, and its sender; of the business's mail
    # whether it is wanted; the locks let go of.
    with django_assert_num_queries(11):
        outbox.run_in_turn(Message, rows, deliver_message)
    assert (len(sent.mails), len(sent.sms)) == (2, 1)


def test_the_next_task_loads_it_anew(sent: Sent, booking: Booking) -> None:
    for status in (Status.CONFIRMED, Status.CANCELLED):
        Booking.objects.update(status=status)
        messages.tell_refund_sent(booking, amount_cents=500, now=timezone.now(), refund_id=status)
        messages.tell_confirmed(booking, now=timezone.now())
        rows = [(lease.key, lease.number) for lease in outbox.claim(Message, now=timezone.now())]
        outbox.run_in_turn(Message, rows, deliver_message)
        Message.objects.filter(kind__startswith="booking_confirmed").delete()
    assert (len(sent.mails), len(sent.sms)) == (4, 1)


def test_no_token_lies_in_the_table(booking: Booking) -> None:
    tell_everything(booking)
    stored = json.dumps(list(Message.objects.values()), default=str)
    assert token_of(booking) not in stored


def test_a_confirmation_of_what_was_cancelled_meanwhile_is_skipped(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    Booking.objects.update(status=Status.CANCELLED)
    deliver_all(now=NOW)

    assert sent.files("mail") == []
    assert {m.skipped_because for m in Message.objects.all()} == {"The booking is cancelled now."}
    assert {m.state for m in Message.objects.all()} == {"skipped"}


def test_only_the_last_of_two_moves_is_told(sent: Sent, booking: Booking) -> None:
    for sequence in (1, 2):
        booking.sequence = sequence
        booking.save(update_fields=["sequence"])
        messages.tell_moved(booking, now=NOW)
    deliver_all(now=NOW)

    assert len(sent.mails) == 2
    assert list(
        Message.objects.filter(channel="email", kind="booking_moved")
        .order_by("dedupe_key")
        .values_list("skipped_because", flat=True)
    ) == ["A later change took its place.", ""]


def test_a_move_that_a_worker_has_begun_to_tell_is_not_told_after_the_next(
    sent: Sent, booking: Booking
) -> None:
    for sequence in (1, 2):
        booking.sequence = sequence
        booking.save(update_fields=["sequence"])
        messages.tell_moved(booking, now=NOW)
        Message.objects.filter(done_at=None).update(attempts=sequence)
    deliver_all(now=NOW)

    assert len(sent.mails) == 2
    assert set(Message.objects.filter(facts__sequence=1).values_list("skipped_because", flat=True)) == {
        "The booking was moved again."
    }


def test_a_job_that_is_over_is_not_announced(sent: Sent, drain: Service) -> None:
    past = EIGHT.replace(year=2026)
    messages.tell_confirmed(make_booking(drain, past), now=past - timedelta(days=1))
    deliver_all(now=NOW)
    assert {m.skipped_because for m in Message.objects.all()} == {"The job's time is over."}


def test_a_message_is_sent_once_however_often_its_task_runs(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    for message in Message.objects.all():
        for _ in range(3):
            deliver(message, now=NOW)
    assert (len(sent.mails), len(sent.sms)) == (2, 1)
    assert {m.state for m in Message.objects.all()} == {"sent"}

"""What becomes of a message whose channel has trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from bookings.models import Booking
from local.testing.cast import make_booking
from local.testing.fake_smtp import FakeSmtp
from local.testing.working import work_on
from notifications.delivery import without_gaps
from notifications.models import Message
from peepopay import given_up


@pytest.fixture
def smtp(settings: Any) -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def message(drain: Service) -> Message:
    """A tradie's mail about a booking, waiting."""
    messages.tell_confirmed(make_booking(drain), now=timezone.now())
    return Message.objects.get(audience="tradie")


def run(message: Message) -> Message:
    work_on(message)
    return message


def test_a_message_that_went_out_says_when_and_with_which_subject(smtp: FakeSmtp, message: Message) -> None:
    run(message)
    assert (message.state, message.attempts) == ("sent", 1)
    assert message.sent_at == message.done_at
    assert message.subject.startswith("New booking: Blocked drain, ")


def test_an_address_that_does_not_exist_is_not_tried_again(smtp: FakeSmtp, message: Message) -> None:
    smtp.answers = {"RCPT": "550 No such user"}
    run(message)
    assert (message.state, message.attempts) == ("failed", 1)
    assert message.last_error == "The address was refused ([550])."


def test_a_busy_server_is_tried_again_and_the_mail_is_sent_once(smtp: FakeSmtp, message: Message) -> None:
    smtp.answers = {"RCPT": "450 Later"}
    before = timezone.now()
    assert run(message).state == "retrying"
    assert timedelta(seconds=30) <= message.due_at - before < timedelta(seconds=40)

    smtp.answers = {}
    assert (run(message).state, message.attempts) == ("sent", 2)
    run(message)
    assert len(smtp.received) == 1


def test_a_failed_message_can_be_revived(smtp: FakeSmtp, message: Message) -> None:
    smtp.answers = {"RCPT": "550 No such user"}
    run(message)
    smtp.answers = {}
    assert run(message).state == "failed"  # until someone says so
    given_up.revive(Message, [message.pk], now=timezone.now())
    assert run(message).state == "sent"


def test_what_was_cancelled_while_mail_was_down_is_not_sent(smtp: FakeSmtp, message: Message) -> None:
    smtp.answers = {"MAIL": "451 Later"}
    run(message)
    smtp.answers = {}
    Booking.objects.update(status="cancelled")
    assert (run(message).state, message.skipped_because) == ("skipped", "The booking is cancelled now.")
    assert smtp.received == []


def test_unused_parts_of_a_template_leave_one_empty_line() -> None:
    assert without_gaps("\na\n\n\n  \nb\nc\n\n") == "a\n\nb\nc\n"

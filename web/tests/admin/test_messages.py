"""What an operator can see and repair about messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from local.testing.cast import make_booking, make_operator, sign_in_operator
from notifications.models import Message
from web.admin.notifications import STATES

LIST = "/admin/notifications/message/"


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    return sign_in_operator(client, make_operator())


@pytest.fixture
def message(drain: Service) -> Message:
    messages.tell_requested(make_booking(drain), now=timezone.now())
    return Message.objects.get(audience="customer")


def act(operator: Client, action: str, *chosen: Message) -> Any:
    return operator.post(
        LIST, {"action": action, "_selected_action": [str(m.pk) for m in chosen]}, follow=True
    )


def test_the_state_filter_agrees_with_the_state_shown(operator: Client, message: Message) -> None:
    now = timezone.now()
    changes: dict[str, dict[str, Any]] = {
        "waiting": {},
        "retrying": {"last_error": "busy"},
        "sent": {"done_at": now, "sent_at": now},
        "skipped": {"done_at": now, "skipped_because": "over"},
        "failed": {"dead_at": now, "last_error": "no"},
    }
    assert set(changes) == set(STATES)
    untouched = {"done_at": None, "dead_at": None, "sent_at": None, "last_error": "", "skipped_because": ""}
    for state, change in changes.items():
        Message.objects.filter(pk=message.pk).update(**{**untouched, **change})
        message.refresh_from_db()
        assert message.state == state
        assert Message.objects.filter(STATES[state], pk=message.pk).exists()
        assert operator.get(LIST, {"state": state}).context["cl"].result_count >= 1


def test_retrying_a_failed_message_makes_it_due_with_all_its_attempts(
    operator: Client, message: Message
) -> None:
    Message.objects.filter(pk=message.pk).update(dead_at=timezone.now(), attempts=10, last_error="no")
    answer = act(operator, "retry", message)

    message.refresh_from_db()
    assert (message.dead_at, message.attempts, message.state) == (None, 0, "waiting")
    assert "1 will be tried again now." in answer.content.decode()


def test_sending_again_is_a_new_message_and_the_old_one_stays(operator: Client, message: Message) -> None:
    sent_at = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=message.pk).update(done_at=sent_at, sent_at=sent_at)
    act(operator, "send_again", message)

    old, new = Message.objects.filter(audience="customer").order_by("created_at")
    assert (old.pk, old.sent_at) == (message.pk, sent_at)
    assert (new.state, new.recipient, new.kind, new.facts) == ("waiting", old.recipient, old.kind, old.facts)


def test_what_still_waits_is_not_sent_again(operator: Client, message: Message) -> None:
    act(operator, "send_again", message)
    assert Message.objects.filter(audience="customer").count() == 1


def test_nothing_of_a_message_can_be_changed_or_removed(operator: Client, message: Message) -> None:
    page = operator.get(f"{LIST}{message.pk}/change/").content.decode()
    assert 'name="recipient"' not in page
    assert operator.get(f"{LIST}{message.pk}/delete/").status_code == 403
    assert operator.get(f"{LIST}add/").status_code == 403

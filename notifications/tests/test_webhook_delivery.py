"""Events on their way to a business's own system: signed, tried again, given up, and not held up by a bad neighbour."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import Tradie
from accounts.roles import Role
from local.testing.cast import make_member
from local.testing.receiver import Receiver, redirect_to
from local.testing.sent import Sent, body
from local.testing.sent import deliver as send_message
from notifications.models import Message, WebhookDelivery, WebhookEndpoint
from notifications.webhooks import delivery as rules
from notifications.webhooks import endpoints, log
from notifications.webhooks.endpoints import change_secret, secret_of
from notifications.webhooks.telling import send_again, send_test_event
from peepopay import given_up, outbox

from .webhooks import MOVED, NOW, endpoint_at, happen, work, work_until_done

A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def endpoint(receiver: Receiver, sam: Tradie) -> WebhookEndpoint:
    return endpoint_at(receiver, sam)


def test_it_arrives_signed_as_the_library_of_the_standard_checks(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    now = timezone.now()  # the library compares it with its own clock
    delivery = work(happen(sam, reference="K7PX-29QM", now=now), now=now)
    (got,) = receiver.got
    assert Webhook(secret_of(endpoint)).verify(got.body, got.headers) == {
        "type": "booking.moved",
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "version": 1,
        "data": {"reference": "K7PX-29QM"},
    }
    assert got.headers["webhook-id"] == f"evt_{delivery.event.pk.hex}"
    assert got.headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("PeepoPay-Webhooks/1 (http")
    assert (delivery.state, delivery.delivered_at, delivery.answer_status) == ("delivered", now, 200)
    assert (delivery.answer_text, delivery.tries, delivery.problem) == ("Thanks.", 1, "")


def test_another_secret_or_another_body_is_told_apart(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    now = timezone.now()
    work(happen(sam, now=now), now=now)
    (got,), right = receiver.got, secret_of(endpoint)
    change_secret(endpoint, instead_of=endpoint.secret_number, now=now)
    for secret, sent in ((secret_of(endpoint), got.body), (right, got.body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(sent, got.headers)
    Webhook(right).verify(got.body, got.headers)


def test_while_a_secret_changes_both_can_check_it(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    now, before = timezone.now(), secret_of(endpoint)
    change_secret(endpoint, instead_of=endpoint.secret_number, now=now)
    work(happen(sam, now=now), now=now)
    (got,) = receiver.got
    for secret in (before, secret_of(endpoint)):
        assert Webhook(secret).verify(got.body, got.headers)["type"] == "booking.moved"


def test_each_try_has_the_same_id_and_bytes_and_a_time_of_its_own(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    receiver.answer = 500
    delivery = work(happen(sam, b=1, a=2))
    assert (delivery.state, delivery.problem, delivery.due_at) == (
        "retrying",
        "It answered 500.",
        NOW + timedelta(seconds=5),
    )
    receiver.answer = 204
    work(delivery, now=delivery.due_at)
    first, second = receiver.got
    assert (delivery.state, delivery.tries) == ("delivered", 2)
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_it_is_tried_ten_times_over_three_days_and_then_given_up_without_troubling_an_operator(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    receiver.answer = 503
    delivery = happen(sam)
    times = work_until_done(delivery)
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == rules.DELAYS
    assert times[-1] - times[0] == timedelta(hours=75, minutes=35, seconds=5)
    assert (len(receiver.got), delivery.tries, delivery.state) == (10, 10, "failed")
    assert not given_up.dead_rows(WebhookDelivery).exists()


@pytest.mark.parametrize("status", [199, 301, 400, 404, 429, 500])
def test_only_2xx_is_yes(receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie, status: int) -> None:
    receiver.answer = status if status != 199 else 600
    assert work(happen(sam)).state == "retrying"


def test_a_redirect_is_not_followed_and_says_what_to_do(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    receiver.answer = redirect_to(receiver.url)
    delivery = work(happen(sam))
    assert "It answered 307: we don't follow redirects." in delivery.problem
    assert len(receiver.got) == 1


def test_an_address_that_turns_private_is_not_connected_to(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie, settings: Any
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    delivery = work(happen(sam))
    assert (delivery.answer_status, delivery.state) == (None, "retrying")
    assert "private address" in delivery.problem
    assert receiver.got == []


def test_an_event_that_its_receiver_can_not_take_holds_up_no_other(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    receiver.answer = 500
    bad, now = happen(sam), NOW
    for _ in range(rules.FAILURES_BEFORE_A_PAUSE - 1):
        work(bad, now=now)
        now = bad.due_at
    receiver.answer = 200
    assert work(happen(sam, now=NOW + A_MINUTE), now=NOW + A_MINUTE).state == "delivered"
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.paused_until) == (0, None, None)


def test_an_endpoint_that_fails_again_and_again_is_left_in_peace_as_a_whole(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    receiver.answer = 500
    rows = [happen(sam) for _ in range(20)]
    for row in rows:
        work(row)
    assert len(receiver.got) == rules.FAILURES_BEFORE_A_PAUSE
    endpoint.refresh_from_db()
    assert endpoint.paused_until == NOW + A_MINUTE
    waiting = [row for row in rows if row.tries == 0]
    assert {row.due_at for row in waiting} == {NOW + A_MINUTE}
    assert not outbox.stuck_rows(WebhookDelivery, since=NOW + timedelta(seconds=1)).exists()
    pauses = []
    for row in waiting[:8]:
        now = endpoint.paused_until
        work(row, now=now)
        endpoint.refresh_from_db()
        pauses.append(endpoint.paused_until - now)
    assert pauses == [2 * A_MINUTE, 4 * A_MINUTE, 8 * A_MINUTE, 16 * A_MINUTE, 32 * A_MINUTE, *[AN_HOUR] * 3]


def test_what_waits_out_a_pause_for_days_is_given_up_too(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    delivery = happen(sam)
    WebhookEndpoint.objects.update(failures=9, failing_since=NOW, paused_until=NOW + 5 * A_DAY)
    work(delivery, now=NOW + A_DAY)
    assert (delivery.state, delivery.tries, delivery.problem) == ("failed", 0, rules.PAUSED)


def test_after_five_days_without_a_delivery_it_is_switched_off_and_every_owner_told(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie, sent: Sent
) -> None:
    make_member(sam, Role.OWNER, "Sue")
    make_member(sam, Role.OFFICE, "Kim")
    receiver.answer = 502
    work(happen(sam))
    late = NOW + rules.SWITCHED_OFF_AFTER
    almost = happen(sam, now=late - AN_HOUR)
    work(almost, now=late - AN_HOUR)
    endpoint.refresh_from_db()
    assert endpoint.switched_off_at is None
    last = happen(sam, now=late)
    work(last, now=late)
    endpoint.refresh_from_db()
    assert endpoint.switched_off_at == late
    assert endpoint.switched_off_because == "Nothing was delivered for five days. It answered 502."
    work(last, now=late + AN_HOUR)
    assert (last.state, last.problem) == ("failed", endpoints.SWITCHED_OFF)

    messages = Message.objects.order_by("recipient")
    assert len(messages) == 2
    for message in messages:
        send_message(message, now=late)
    assert {mail["To"] for mail in sent.mails} == {message.recipient for message in messages}
    text = body(sent.mails[0], "plain")
    assert receiver.url in text
    assert f"/dashboard/connections/webhooks/{endpoint.pk}" in text
    assert "Nothing was delivered for five days. It answered 502." in text


def test_the_mail_is_not_sent_once_it_works_again(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie, sent: Sent
) -> None:
    receiver.answer = 410
    work(happen(sam))
    endpoint.refresh_from_db()
    assert endpoint.switched_off_because == "It answered 410: it is gone."
    assert endpoints.switch_on(endpoint)
    send_message(Message.objects.get(), now=NOW)
    assert sent.mails == []


def test_a_test_event_is_tried_once_even_where_it_is_switched_off_or_left_in_peace(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    endpoints.switch_off(endpoint, because="It answered 410: it is gone.", now=NOW)
    WebhookEndpoint.objects.update(failures=9, failing_since=NOW, paused_until=NOW + AN_HOUR)
    receiver.answer = 500
    failed = work(send_test_event(endpoint, now=NOW))
    assert (failed.state, failed.tries) == ("failed", 1)
    receiver.answer = 200
    assert work(send_test_event(endpoint, now=NOW)).state == "delivered"
    assert json.loads(receiver.got[-1].body)["type"] == "test"


def test_it_can_be_sent_again_under_the_same_id_but_not_while_it_is_on_its_way(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    delivery = happen(sam)
    assert not send_again(delivery, now=NOW)
    work(delivery)
    assert send_again(delivery, now=NOW + A_DAY)
    assert not send_again(delivery, now=NOW + A_DAY)
    work(WebhookDelivery.objects.get(done_at=None), now=NOW + A_DAY)
    first, second = receiver.got
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_old_events_go_with_their_deliveries_and_those_of_a_booking_on_request(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie
) -> None:
    old, fresh = happen(sam), happen(sam, now=NOW + A_DAY)
    assert log.forget_old(now=NOW + log.KEPT_FOR + A_MINUTE) == 1
    assert [delivery.pk for delivery in WebhookDelivery.objects.all()] == [fresh.pk]
    assert log.forget_about([fresh.event.about, old.event.about]) == 1
    assert not WebhookDelivery.objects.exists()


def test_what_a_worker_that_can_not_find_our_key_leaves_behind_waits_for_the_operator(
    receiver: Receiver, endpoint: WebhookEndpoint, sam: Tradie, settings: Any
) -> None:
    delivery = happen(sam)
    settings.SECRET_KEY = "another"
    work(delivery)
    assert (delivery.last_error, delivery.tries, receiver.got) == ("LookupError", 0, [])
    assert MOVED.name == delivery.event.type

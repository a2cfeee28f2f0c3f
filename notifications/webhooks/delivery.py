"""One event on its way to one endpoint: signed, sent, and tried ten times over three days.

Each event has a back-off of its own, so that one that its receiver can't take holds up no other. An endpoint that
fails several times in a row is left in peace for a while as a whole, so that one that hangs costs everybody else one
try an hour; and one that took nothing for days is switched off, and its business told.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce

from peepopay import outbox
from peepopay.outbound import Answer, NotReached, post

from ..models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from . import alerts, endpoints
from .event_types import TEST
from .signing import headers_for

VERSION = 1  # of the body; raised when something a receiver may rely on goes
# After the first try, the second, and so on.
DELAYS = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
DELAYS += [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)]
TRIED_FOR = timedelta(days=4)  # ten tries take three; more where the endpoint was left in peace
FAILURES_BEFORE_A_PAUSE = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
SWITCHED_OFF_AFTER = timedelta(days=5)
GONE = 410
PAUSED = "Not tried yet: the address failed several times in a row, so we wait a little."


def deliver(delivery: WebhookDelivery, *, now: datetime) -> outbox.Changes | None:
    """Send it, or put it off."""
    endpoint, is_test = delivery.endpoint, delivery.event.type == TEST.name
    if endpoint.switched_off_at and not is_test:
        return {"problem": endpoints.SWITCHED_OFF}
    if endpoint.paused_until and endpoint.paused_until > now and not is_test:
        return _later(delivery, endpoint.paused_until, {"problem": delivery.problem or PAUSED})
    answer, problem = _send(delivery, now)
    tried = _tried(delivery, answer, problem, now)
    if not problem:
        _works(endpoint)
        return {**tried, "delivered_at": now}
    _failed(endpoint, answer, problem, now)
    if is_test:
        return tried  # whoever pressed the button looks at it now
    return _later(delivery, now + DELAYS[min(delivery.tries, len(DELAYS) - 1)], tried)


def body_of(event: WebhookEvent) -> bytes:
    """The same bytes in each try: the signature is over them."""
    told = {
        "type": event.type,
        "timestamp": event.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "version": VERSION,
        "data": event.data,
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def message_id(event: WebhookEvent) -> str:
    return f"evt_{event.pk.hex}"


def _send(delivery: WebhookDelivery, now: datetime) -> tuple[Answer | None, str]:
    """What came back, and what is wrong with it, if anything."""
    endpoint, body = delivery.endpoint, body_of(delivery.event)
    secrets = endpoints.secrets_that_sign(endpoint, now=now)
    headers = headers_for(message_id(delivery.event), body, secrets, now=now)
    headers |= {
        "Content-Type": "application/json",
        "User-Agent": f"PeepoPay-Webhooks/{VERSION} ({settings.SITE_URL})",
    }
    try:
        answer = post(endpoint.url, body, headers)
    except NotReached as problem:
        return None, str(problem)
    if 300 <= answer.status < 400:
        return answer, f"It answered {answer.status}: we don't follow redirects. Change the address instead."
    return answer, "" if 200 <= answer.status < 300 else f"It answered {answer.status}."


def _tried(delivery: WebhookDelivery, answer: Answer | None, problem: str, now: datetime) -> dict[str, Any]:
    return {
        "tries": delivery.tries + 1,
        "tried_at": now,
        "answer_status": answer.status if answer else None,
        "answer_text": answer.text[:300] if answer else "",
        "problem": problem[:200],
    }


def _later(delivery: WebhookDelivery, due_at: datetime, changes: dict[str, Any]) -> outbox.Changes | None:
    """Or never: what nobody took for days is of no use any more."""
    if due_at > delivery.created_at + TRIED_FOR:
        return changes
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**changes)
    outbox.look_again(delivery, due_at=due_at)
    return None


def _works(endpoint: WebhookEndpoint) -> None:
    failing = WebhookEndpoint.objects.filter(pk=endpoint.pk, failures__gt=0)
    failing.update(failures=0, failing_since=None, paused_until=None)


def _failed(endpoint: WebhookEndpoint, answer: Answer | None, problem: str, now: datetime) -> None:
    in_a_row = endpoint.failures + 1 - FAILURES_BEFORE_A_PAUSE
    pause = min(FIRST_PAUSE * 2 ** min(max(in_a_row, 0), 10), LONGEST_PAUSE)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", now),
        paused_until=now + pause if in_a_row >= 0 else None,
    )
    since = endpoint.failing_since or now
    if answer and answer.status == GONE:
        alerts.switch_off_and_tell(endpoint, because="It answered 410: it is gone.", now=now)
    elif now - since >= SWITCHED_OFF_AFTER:
        alerts.switch_off_and_tell(
            endpoint, because=f"Nothing was delivered for five days. {problem}", now=now
        )

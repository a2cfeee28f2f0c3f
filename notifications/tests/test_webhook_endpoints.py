"""Where a business wants to be told of its events, and the secret of each place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Tradie
from local.testing.cast import at
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks import endpoints, event_types
from notifications.webhooks.endpoints import (
    add_endpoint,
    change_endpoint,
    change_secret,
    secret_of,
    secrets_that_sign,
    switch_off,
    switch_on,
)
from notifications.webhooks.telling import tell
from peepopay.errors import ValidationFailed

from .webhooks import MOVED, NOW, happen

A_DAY = timedelta(days=1)


@pytest.fixture
def endpoint(sam: Tradie) -> WebhookEndpoint:
    return add_endpoint(sam, url="https://hooks.example.com/joe", event_types=[MOVED.name], now=NOW)


def test_its_secret_is_long_and_lies_in_no_table(endpoint: WebhookEndpoint) -> None:
    secret = secret_of(endpoint)
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44  # 32 bytes
    stored = str(WebhookEndpoint.objects.values().get())
    assert secret not in stored
    assert secret.removeprefix("whsec_") not in stored


def test_two_endpoints_share_no_secret(endpoint: WebhookEndpoint, sam: Tradie) -> None:
    other = add_endpoint(sam, url="https://hooks.example.com/2", event_types=[MOVED.name], now=NOW)
    assert secret_of(endpoint) != secret_of(other)


def test_it_outlives_a_change_of_our_own_key(endpoint: WebhookEndpoint, settings: Any) -> None:
    before = secret_of(endpoint)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert secret_of(endpoint) == before
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(LookupError):
        secret_of(endpoint)


def test_a_new_secret_and_the_one_before_both_sign_for_a_day(endpoint: WebhookEndpoint) -> None:
    first = secret_of(endpoint)
    change_secret(endpoint, instead_of=endpoint.secret_number, now=NOW)
    second = secret_of(endpoint)
    assert second != first
    assert secrets_that_sign(endpoint, now=NOW + A_DAY - timedelta(seconds=1)) == [second, first]
    assert secrets_that_sign(endpoint, now=NOW + A_DAY) == [second]
    assert not change_secret(endpoint, instead_of=1, now=NOW)  # pressed twice
    change_secret(endpoint, instead_of=endpoint.secret_number, now=NOW + timedelta(hours=1))
    assert secrets_that_sign(endpoint, now=NOW + timedelta(hours=2)) == [secret_of(endpoint), second]


def test_ten_are_the_most_and_none_twice(sam: Tradie, endpoint: WebhookEndpoint) -> None:
    with pytest.raises(ValidationFailed) as refused:
        add_endpoint(sam, url=endpoint.url, event_types=[MOVED.name], now=NOW)
    assert refused.value.fields == {"url": [endpoints.TWICE]}
    for number in range(2, 11):
        add_endpoint(sam, url=f"https://hooks.example.com/{number}", event_types=[MOVED.name], now=NOW)
    with pytest.raises(ValidationFailed, match="10 addresses are the most"):
        add_endpoint(sam, url="https://hooks.example.com/11", event_types=[MOVED.name], now=NOW)


def test_another_address_begins_anew(endpoint: WebhookEndpoint, sam: Tradie) -> None:
    WebhookEndpoint.objects.update(failures=7, failing_since=NOW, paused_until=NOW + A_DAY)
    change_endpoint(endpoint, url=endpoint.url, event_types=["booking.confirmed"], description="Diary")
    endpoint.refresh_from_db()
    assert (endpoint.event_types, endpoint.description, endpoint.failures) == (
        ["booking.confirmed"],
        "Diary",
        7,
    )
    change_endpoint(endpoint, url="https://new.example.com/", event_types=["booking.moved"], description="")
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.failures, endpoint.failing_since, endpoint.paused_until) == (
        "https://new.example.com/",
        0,
        None,
        None,
    )


def test_off_it_is_told_nothing_and_nothing_waits(endpoint: WebhookEndpoint, sam: Tradie) -> None:
    waiting = happen(sam)
    assert switch_off(endpoint, because="It answered 410: it is gone.", now=NOW)
    assert not switch_off(endpoint, because="Again.", now=NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == ("failed", endpoints.SWITCHED_OFF)
    tell(sam.pk, MOVED, sam.pk, dict, now=NOW)
    assert WebhookDelivery.objects.count() == 1
    assert switch_on(endpoint)
    assert not switch_on(endpoint)
    assert happen(sam).state == "waiting"


def test_only_those_who_subscribed_are_told(sam: Tradie, alex: Tradie, endpoint: WebhookEndpoint) -> None:
    add_endpoint(sam, url="https://hooks.example.com/2", event_types=["booking.confirmed"], now=NOW)
    add_endpoint(alex, url="https://hooks.example.com/joe", event_types=[MOVED.name], now=NOW)
    happen(sam)
    assert [delivery.endpoint for delivery in WebhookDelivery.objects.all()] == [endpoint]


def test_without_endpoints_it_costs_one_query_and_nothing_is_described(
    sam: Tradie, django_assert_num_queries: Any
) -> None:
    def describe() -> dict[str, Any]:
        raise AssertionError("for nobody")

    with django_assert_num_queries(1):
        tell(sam.pk, MOVED, sam.pk, describe, now=NOW)


def test_every_app_has_registered_its_types() -> None:
    names = [kind.name for kind in event_types.to_choose_from()]
    assert names == [
        "booking.requested",
        "booking.confirmed",
        "booking.moved",
        "booking.cancelled",
        "booking.declined",
        "booking.completed",
        "booking.completed_undone",
        "booking.no_show",
        "booking.no_show_undone",
        "deposit.paid",
        "balance.paid",
        "balance.undone",
        "balance.given_back",
        "refund.sent",
        "refund.failed",
        "dispute.opened",
        "dispute.closed",
        "invoice.issued",
        "invoice.credited",
        "quote.sent",
        "quote.accepted",
        "quote.declined",
        "quote.lapsed",
        "quote.withdrawn",
    ]
    assert at("2027-01-14 08:00 +11:00") == NOW

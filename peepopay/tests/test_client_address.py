"""Whose tries are counted: the address that our own proxy saw, whatever the client writes."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from peepopay.client_address import address_hash, client_address


def request(forwarded: str = ""):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory(REMOTE_ADDR="10.0.0.1").get("/", headers=headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.0.0.1"),
        (0, "6.6.6.6", "10.0.0.1"),  # without a proxy the header is the client's own invention
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # the proxy appends; what was there before is invented
        (2, "6.6.6.6, 203.0.113.7, 198.51.100.1", "203.0.113.7"),
        (1, "", "10.0.0.1"),
        (2, "203.0.113.7", "10.0.0.1"),
    ],
)
def test_the_address_is_the_one_our_outermost_proxy_saw(settings, proxies, forwarded, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert client_address(request(forwarded)) == address


@pytest.mark.parametrize(
    ("seen", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_a_network_of_ipv6_counts_as_one_address(settings, proxies, seen, counted):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    asked = request(seen) if proxies else RequestFactory(REMOTE_ADDR=seen).get("/")
    assert client_address(asked) == counted


def test_the_stored_form_tells_addresses_apart_and_names_none(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    one, other = address_hash(request("203.0.113.7")), address_hash(request("203.0.113.8"))
    assert one != other
    assert one == address_hash(request("203.0.113.7"))


@pytest.mark.django_db(transaction=True)
def test_the_addresses_of_one_network_share_a_limit(client):
    answers = [
        client.post(
            "/api/bookings", {}, content_type="application/json", REMOTE_ADDR=f"2001:db8:1:2::{n:x}"
        ).status_code
        for n in range(1, 22)
    ]
    assert answers == [400] * 20 + [429]


@pytest.mark.django_db(transaction=True)
def test_inventing_addresses_does_not_help(api, settings):
    answers = [
        api.post("/api/bookings", {}, **{"X-Forwarded-For": f"6.6.6.{n}"}).status_code for n in range(21)
    ]
    assert answers == [400] * 20 + [429]

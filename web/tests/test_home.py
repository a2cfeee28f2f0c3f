"""The front door: what it costs, and a booking page to try where one is configured."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import Tradie
from local.testing.cast import owner_of


def test_it_says_the_price_that_is_charged(client: Client, settings: Any) -> None:
    settings.APPLICATION_FEE_BASIS_POINTS = 175
    assert "<strong>1.75%</strong> of what customers pay online" in client.get("/").content.decode()


def test_a_booking_page_can_be_tried_where_one_is_configured(client: Client, settings: Any) -> None:
    settings.DEMO_TRADIE = ""
    assert "<iframe" not in client.get("/").content.decode()
    settings.DEMO_TRADIE = "joe-plumber"
    assert 'src="http://testserver/book/joe-plumber"' in client.get("/").content.decode()


def test_who_is_signed_in_goes_to_work(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    assert client.get("/")["Location"] == "/dashboard/"

"""Customers who are not who they say, or who are: for tests of what one person may do to others."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from accounts.models import Service
from bookings.models import Booking
from bookings.proofs import link_token
from local.testing.cast import booking_request, soon
from notifications.models import Channel, Message

JO, PHONE = "jo@example.com", "0412 345 678"


def somebody(number: int = 0, *, email: str = "", phone: str = "") -> dict[str, str]:
    """A name with an address and a number of its own, as far as none is given."""
    return {
        "name": f"Customer {number}",
        "email": email or f"customer{number}@example.com",
        "phone": phone or f"04{12_000_000 + number}",
    }


def verdict(response: Any) -> int | str:
    return response.status_code if response.status_code < 400 else response.json()["code"]


def waiting(audience: str = "customer") -> Counter[str]:
    """What would go out, by channel."""
    rows = Message.objects.filter(done_at=None, audience=audience)
    return Counter(rows.values_list("channel", flat=True))


@pytest.fixture
def book(client: Client, sam: Any, quote: Service) -> Any:
    """Ask for a free half hour of Sam's, another one each time, from any address."""
    taken = iter(range(1000))

    def book(
        who: dict[str, str], *, address: str = "203.0.113.7", service: Service = quote, **body: Any
    ) -> Any:
        days, hour = divmod(next(taken), 8)
        start = soon(service.tradie, days=3 + days, hour=8 + hour)
        sent = booking_request(service, start) | {"customer": who} | body
        return client.post("/api/bookings", sent, content_type="application/json", REMOTE_ADDR=address)

    return book


def change(client: Client, booking: Any, body: dict[str, Any], address: str = "203.0.113.7") -> Any:
    """PATCH with the token of what `book` answered."""
    return client.patch(
        f"/api/bookings/{booking['booking']['id']}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {booking['token']}"},
        REMOTE_ADDR=address,
    )


def press(client: Client, booking: Booking, channel: Channel) -> None:
    """The button behind the link in the mail or SMS."""
    told = booking.customer_email if channel == Channel.EMAIL else booking.customer_phone
    client.post(f"/manage/{link_token(booking, channel, told)}")

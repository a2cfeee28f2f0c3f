"""What the list of services says of one, in a few words."""

from __future__ import annotations

from typing import Any

import pytest

from bookings.terms import terms_of
from local.testing.cast import make_service
from web.api.service_words import in_short, price_text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "price", "short"),
    [
        ({}, "$120", "1 h, $30 deposit now"),
        ({"price_from": True, "duration_minutes": 90}, "From $120", "1 h 30 min, $30 deposit now"),
        ({"deposit_kind": "full"}, "$120", "1 h, $120 paid in full now"),
        ({"deposit_kind": "none"}, "$120", "1 h, nothing to pay now"),
        ({"deposit_kind": "none", "price_cents": 0}, "Free", "1 h"),
        ({"requires_approval": True}, "$120", "1 h, $30 held on your card, we confirm your request first"),
    ],
)
def test_a_service_in_a_few_words(sam: Any, fields: dict[str, Any], price: str, short: str) -> None:
    terms = terms_of(make_service(sam, **fields))
    assert (price_text(terms), in_short(terms)) == (price, short)

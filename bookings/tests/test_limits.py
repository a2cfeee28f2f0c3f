"""How it is counted what one person has booked that nobody has paid for. What follows from it: web/tests/api."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from bookings.limits import STANDINGS


@pytest.mark.django_db
def test_it_is_found_by_an_index_of_what_is_unpaid() -> None:
    """Or each booking would read all the bookings that there are. In an empty table any of the three will do."""
    now = timezone.now()
    given = {"email": "jo@example.com", "phone": "+61412345678", "address": "a hash"}
    given |= {"for_a_day": now, "now": now, "ignoring": None}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT {STANDINGS}", given)
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "booking_unpaid_by_" in plan

"""What the product wrote down, read past its own code."""

from __future__ import annotations

from typing import LiteralString

import psycopg

from local.stack import Stack


def booking_of(stack: Stack, email: str) -> tuple[str, str]:
    """-> (id, status) of the only booking with this customer address."""
    rows = stack.query("SELECT id, status FROM bookings_booking WHERE customer_email = %s", email)
    assert len(rows) == 1, f"{email} has {len(rows)} bookings"
    return str(rows[0][0]), str(rows[0][1])


def status_of(stack: Stack, email: str) -> str:
    return booking_of(stack, email)[1]


def change(stack: Stack, sql: LiteralString, *values: object) -> None:
    """Makes it look as if time had passed."""
    with psycopg.connect(stack.env["DATABASE_URL"]) as connection:
        connection.execute(sql, values)

"""A service in a few words, for people who choose one."""

from __future__ import annotations

from bookings.terms import Terms
from peepopay.money import dollars
from peepopay.templatetags.reading import hours_and_minutes


def price_text(terms: Terms) -> str:
    """`From $180`, `$95`, `Free`."""
    if not terms.price_cents:
        return "Free"
    return f"{'From ' if terms.price_from else ''}{dollars(terms.price_cents)}"


def in_short(terms: Terms) -> str:
    """How long it takes, and what is due when booking: `30 min, $24.75 deposit now`."""
    window = terms.arrival_window_minutes
    arrival = f"arrival within {hours_and_minutes(window)}" if window else ""
    parts = [hours_and_minutes(terms.duration_minutes), arrival, due_now(terms)]
    if terms.requires_approval:
        parts.append("we confirm your request first")
    return ", ".join(part for part in parts if part)


def due_now(terms: Terms) -> str:
    deposit = terms.deposit_cents
    if not deposit:
        return "" if not terms.price_cents else "nothing to pay now"
    if terms.requires_approval:
        return f"{dollars(deposit)} held on your card"
    return f"{dollars(deposit)} {'paid in full now' if deposit == terms.price_cents else 'deposit now'}"

"""Rounds over many rows about which Stripe is asked. One that finds Stripe away ends; the next goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import takewhile
from typing import TypeVar

from peepopay import sweeps

from .stripe_gateway import StripeRefused

AWAY_AFTER = 3  # in a row that Stripe gives no answer about: it is Stripe, not them
Item = TypeVar("Item")


def each(items: Iterable[Item], ask: Callable[[Item], bool]) -> int:
    """Call `ask` on one after the other, as `sweeps.each` does; returns how often it was True.

    Let `items` begin with what was never asked about, or longest ago, and let `ask` first put its item to the back.
    """
    unanswered = 0

    @wraps(ask)
    def one(item: Item) -> bool:
        nonlocal unanswered
        try:
            done = ask(item)
        except StripeRefused as refusal:
            unanswered = unanswered + 1 if refusal.retry_helps else 0
            raise
        unanswered = 0
        return done

    return sweeps.each(takewhile(lambda _: unanswered < AWAY_AFTER, items), one)

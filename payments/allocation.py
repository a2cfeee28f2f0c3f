"""One refund over the payments of a booking: arithmetic, no database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Refundable(Protocol):
    """Something that was paid; `left_cents` of it have not gone back and are not on their way."""

    @property
    def left_cents(self) -> int: ...


Paid = TypeVar("Paid", bound=Refundable)


class MoreThanPaid(ValueError):
    """The payments do not have that much left."""


def allocate(amount_cents: int, payments: Iterable[Paid]) -> list[tuple[Paid, int]]:
    """Which payment gives back how much of `amount_cents`: each as much as it has left, in the order in which they
    come, none more; those that give nothing are left out. The parts sum to the amount.

    Raises MoreThanPaid.
    """
    due, parts = amount_cents, []
    for payment in payments:
        cents = min(due, payment.left_cents)
        if cents > 0:
            parts.append((payment, cents))
            due -= cents
    if due > 0:
        raise MoreThanPaid(f"{due} cents more than there is")
    return parts

"""Payouts as Stripe has them. Failures are those of `stripe_gateway.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from .stripe_gateway import ask, client, options
from .stripe_lists import pages


@dataclass(frozen=True)
class PayoutAnswer:
    """`status`: pending, in_transit, paid, failed or canceled. Cents; below nothing: taken from the bank."""

    id: str
    status: str
    amount_cents: int
    currency: str
    arrives_on: date
    failure: str
    created_at: datetime


def retrieve(account_id: str, payout_id: str) -> PayoutAnswer:
    """Raises StripeRefused."""
    get = client().v1.payouts.retrieve
    return ask(lambda: get(payout_id, None, options(account_id)), read)


def list_some(account_id: str, *, since: datetime) -> Iterator[PayoutAnswer]:
    """Those announced since then, newest first. Raises StripeRefused."""
    return pages(client().v1.payouts.list, account_id, read, {"created": {"gte": int(since.timestamp())}})


def read(answer: Any) -> PayoutAnswer:
    return PayoutAnswer(
        id=answer.id,
        status=answer.status,
        amount_cents=answer.amount,
        currency=answer.currency,
        # Stripe writes a day as its midnight UTC.
        arrives_on=datetime.fromtimestamp(answer.arrival_date, UTC).date(),
        failure=answer.failure_code or "",
        created_at=datetime.fromtimestamp(answer.created, UTC),
    )

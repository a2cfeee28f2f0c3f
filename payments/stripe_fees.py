"""PeepoPay's own fees at Stripe. They belong to the platform, so here no account is named. Failures are those of
`stripe_gateway.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .stripe_gateway import ask, client


@dataclass(frozen=True)
class FeeAnswer:
    id: str
    amount_cents: int
    back_cents: int  # what of it was given back, with refunds and by itself


def fee_of(charge_id: str) -> FeeAnswer | None:
    """What we took of a charge. Raises StripeRefused."""
    of: Any = {"charge": charge_id, "limit": 1}
    return ask(lambda: client().v1.application_fees.list(of), _read_only)


def give_back(fee_id: str, cents: int, *, key: str) -> None:
    """Give a part of a fee back to its account. Raises StripeRefused."""
    create = client().v1.application_fees.refunds.create
    ask(lambda: create(fee_id, {"amount": cents}, {"idempotency_key": key}), lambda answer: answer.id)


def _read_only(page: Any) -> FeeAnswer | None:
    for answer in page.data:
        return FeeAnswer(answer.id, answer.amount, answer.amount_refunded)
    return None

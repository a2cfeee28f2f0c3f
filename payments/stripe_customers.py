"""Cards that Stripe keeps for later, on the tradie's own account. Failures are those of `stripe_gateway.py`."""

from __future__ import annotations

from typing import Any

from .stripe_answers import Intent, read_intent
from .stripe_gateway import ask, client, options


def create_customer(account_id: str, *, description: str, metadata: dict[str, str], key: str) -> str:
    """-> its id. Stripe is told nothing personal by it. Raises StripeRefused."""
    parameters: Any = {"description": description, "metadata": metadata}
    return ask(
        lambda: client().v1.customers.create(parameters, options(account_id, key)), lambda c: str(c.id)
    )


def delete_customer(account_id: str, customer_id: str) -> None:
    """With its cards, for good. Raises StripeRefused: `resource_missing` where it is gone already."""
    delete = client().v1.customers.delete
    ask(lambda: delete(customer_id, None, options(account_id)), lambda answer: answer.id)


def update_intent(account_id: str, intent_id: str, changes: dict[str, Any]) -> Intent:
    """Without a key of ours: twice is the same as once. Raises StripeRefused: `payment_intent_unexpected_state` where
    it is settled."""
    update = client().v1.payment_intents.update
    return ask(lambda: update(intent_id, changes, options(account_id)), read_intent)  # type: ignore[arg-type]

"""Cards that Stripe keeps for later, on the tradie's own account. Failures are those of `stripe_gateway.py`."""

from __future__ import annotations

from typing import Any

from .stripe_answers import Intent, Setup, read_setup
from .stripe_gateway import StripeRefused, ask, ask_intent, client, options


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
    return ask_intent("post", f"/{intent_id}", account_id, changes)


def create_setup(
    account_id: str, *, customer_id: str, description: str, metadata: dict[str, str], key: str
) -> Setup:
    """A card is to be saved with the customer, for charges while its holder isn't there. Raises StripeRefused."""
    parameters: Any = {
        "customer": customer_id,
        "usage": "off_session",
        "allowed_payment_method_types": ["card"],
        "description": description,
        "metadata": metadata,
    }
    return ask(lambda: client().v1.setup_intents.create(parameters, options(account_id, key)), read_setup)


def retrieve_setup(account_id: str, setup_id: str) -> Setup:
    """Raises StripeRefused."""
    retrieve = client().v1.setup_intents.retrieve
    return ask(lambda: retrieve(setup_id, None, options(account_id)), read_setup)


def cancel_setup(account_id: str, setup_id: str) -> bool:
    """True: no card can be saved by it any more. False: Stripe refused, since one was, or it was cancelled before.

    Raises StripeRefused when the outcome is unknown.
    """
    cancel = client().v1.setup_intents.cancel
    try:
        ask(lambda: cancel(setup_id, {"cancellation_reason": "abandoned"}, options(account_id)), read_setup)
    except StripeRefused as refusal:
        if refusal.code != "setup_intent_unexpected_state":
            raise
        return False
    return True

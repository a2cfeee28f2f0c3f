"""The tradies' accounts at Stripe: opened, led through its questions, asked about. Failures are those of
`stripe_gateway.py`.

Source: https://docs.stripe.com/api/v2/core/accounts, https://docs.stripe.com/api/v2/core/account-links
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .stripe_gateway import StripeRefused, ask, client

# Our key may not see that account: its tradie has disconnected us, or it never was ours.
DISCONNECTED = ("account_invalid", "not_found", "resource_missing")
INCLUDE = ["configuration.merchant", "requirements"]


@dataclass(frozen=True)
class AccountAnswer:
    """`card_payments`: what became of the capability: `active`, `pending`, `restricted`, `unsupported`; `closed`, or
    `no_access` where the tradie disconnected us. `wants`: Stripe's names for what it waits for, from the tradie.
    """

    card_payments: str
    wants: tuple[str, ...] = ()


def create(parameters: dict[str, Any], *, key: str) -> str:
    """-> the id of a new account. `parameters` as stored in our row, `key` its idempotency key.

    Raises StripeRefused.
    """
    options: Any = {"idempotency_key": key}
    return ask(
        lambda: client().v2.core.accounts.create(parameters, options),  # type: ignore[arg-type]
        lambda account: str(account.id),
    )


def link(account_id: str, *, return_url: str, refresh_url: str) -> str:
    """-> the address of Stripe's own form for this account. It works once, for a few minutes; an old one leads to
    `refresh_url`. Without a key of ours: two are no harm. Raises StripeRefused."""
    pages = {"return_url": return_url, "refresh_url": refresh_url}
    parameters: Any = {
        "account": account_id,
        "use_case": {"type": "account_onboarding", "account_onboarding": pages},
    }
    return ask(lambda: client().v2.core.account_links.create(parameters), lambda made: str(made.url))


def retrieve(account_id: str) -> AccountAnswer:
    """Raises StripeRefused."""
    parameters: Any = {"include": INCLUDE}
    try:
        return ask(lambda: client().v2.core.accounts.retrieve(account_id, parameters), _read)
    except StripeRefused as refusal:
        if refusal.retry_helps or refusal.code not in DISCONNECTED:
            raise
        return AccountAnswer("no_access")


def _read(answer: Any) -> AccountAnswer:
    """`unsupported` where card payments were never asked for."""
    if answer.closed:
        return AccountAnswer("closed")
    account = answer.to_dict()
    merchant = (account.get("configuration") or {}).get("merchant") or {}
    card_payments = (merchant.get("capabilities") or {}).get("card_payments") or {}
    entries = (account.get("requirements") or {}).get("entries") or []
    wants = [str(entry["description"])[:200] for entry in entries if _is_due(entry)]
    return AccountAnswer(str(card_payments.get("status") or "unsupported"), tuple(wants))


def _is_due(entry: dict[str, Any]) -> bool:
    """From the tradie, and now: what falls due some day is no reason to send them there."""
    return entry["awaiting_action_from"] == "user" and entry["minimum_deadline"]["status"] != "eventually_due"

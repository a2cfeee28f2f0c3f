"""Websites on which Stripe offers Apple Pay and Google Pay: each has to be registered on the tradie's own account.
Failures are those of `stripe_gateway.py`.

Source: https://docs.stripe.com/payments/payment-methods/pmd-registration
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .stripe_gateway import StripeRefused, ask, client, options, place

ACTIVE = "active"


@dataclass(frozen=True)
class Domain:
    """What is offered at `host` once it is registered."""

    host: str
    apple_pay: bool
    google_pay: bool


def register(account_id: str, hosts: Sequence[str]) -> list[Domain]:
    """Those that aren't registered yet are, and those that Stripe couldn't check are checked again. Twice is the same
    as once. Seconds may pass: outside of transactions. Raises StripeRefused if Stripe can't be asked."""
    domains = client().v1.payment_method_domains
    with place():
        known = ask(
            lambda: domains.list({"limit": 100}, options(account_id)),
            lambda page: {str(domain.domain_name): (str(domain.id), _read(domain)) for domain in page.data},
        )
        return [_registered(account_id, host, known.get(host)) for host in hosts]


def _registered(account_id: str, host: str, known: tuple[str, Domain] | None) -> Domain:
    domains = client().v1.payment_method_domains
    if known and known[1].apple_pay and known[1].google_pay:
        return known[1]
    try:
        if known:
            return ask(lambda: domains.validate(known[0], None, options(account_id)), _read)
        return ask(lambda: domains.create({"domain_name": host}, options(account_id)), _read)
    except StripeRefused as refusal:
        if refusal.retry_helps:
            raise
        return Domain(host, apple_pay=False, google_pay=False)


def _read(domain: Any) -> Domain:
    return Domain(
        str(domain.domain_name),
        apple_pay=bool(domain.enabled) and domain.apple_pay.status == ACTIVE,
        google_pay=bool(domain.enabled) and domain.google_pay.status == ACTIVE,
    )

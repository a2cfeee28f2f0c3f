"""Every address of the API and the function behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import (
    accounts,
    charges,
    confirmation,
    customers,
    disputes,
    events,
    files,
    intents,
    ledger,
    onboarding,
    payment_method_domains,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
)

Handler = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """`browser`: may be called with the publishable key."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    browser: bool = False


def _route(address: str, handler: Handler, browser: bool = False) -> Route:
    method, path = address.split(" ")
    return Route(method, re.compile(re.sub(r":\w+", r"([^/]+)", path) + r"\Z"), handler, browser)


ROUTES = [
    _route("POST /v1/payment_intents", intents.create),
    _route("GET /v1/payment_intents", intents.list_intents),
    _route("GET /v1/payment_intents/:id", intents.retrieve, browser=True),
    _route("POST /v1/payment_intents/:id", intents.update),
    _route("POST /v1/payment_intents/:id/confirm", confirmation.confirm, browser=True),
    _route("POST /v1/payment_intents/:id/cancel", intents.cancel),
    _route("POST /v1/payment_intents/:id/capture", intents.capture),
    _route("POST /_demo/payment_intents/:id/authenticate", confirmation.authenticate, browser=True),
    _route("POST /v1/setup_intents", setup_intents.create),
    _route("GET /v1/setup_intents/:id", setup_intents.retrieve, browser=True),
    _route("POST /v1/setup_intents/:id/confirm", setup_intents.confirm, browser=True),
    _route("POST /v1/setup_intents/:id/cancel", setup_intents.cancel),
    _route("POST /_demo/setup_intents/:id/authenticate", setup_intents.authenticate, browser=True),
    _route("GET /v1/charges", charges.list_charges),
    _route("GET /v1/charges/:id", charges.retrieve),
    _route("POST /v1/refunds", refunds.create),
    _route("GET /v1/refunds", refunds.list_refunds),
    _route("GET /v1/refunds/:id", refunds.retrieve),
    _route("GET /v1/disputes", disputes.list_disputes),
    _route("GET /v1/disputes/:id", disputes.retrieve),
    _route("POST /v1/disputes/:id", disputes.update),
    _route("POST /v1/disputes/:id/close", disputes.close),
    _route("POST /v1/files", files.create),
    _route("GET /v1/files", files.list_files),
    _route("GET /v1/files/:id", files.retrieve),
    _route("GET /v1/payment_methods/:id", payment_methods.retrieve),
    _route("POST /v1/payment_methods/:id/detach", customers.detach),
    _route("POST /v1/payment_method_domains", payment_method_domains.create),
    _route("GET /v1/payment_method_domains", payment_method_domains.list_domains),
    _route("POST /v1/payment_method_domains/:id/validate", payment_method_domains.validate),
    _route("POST /v1/customers", customers.create),
    _route("GET /v1/customers/:id", customers.retrieve),
    _route("DELETE /v1/customers/:id", customers.delete),
    _route("GET /v1/customers/:id/payment_methods", customers.list_methods),
    _route("GET /v1/application_fees", ledger.list_fees),
    _route("GET /v1/application_fees/:id", ledger.retrieve_fee),
    _route("POST /v1/application_fees/:id/refunds", ledger.refund_fee),
    _route("GET /v1/balance", ledger.balance),
    _route("GET /v1/balance_transactions", ledger.list_transactions),
    _route("GET /v1/balance_transactions/:id", ledger.retrieve_transaction),
    _route("POST /v1/payouts", payouts.create),
    _route("GET /v1/payouts", payouts.list_payouts),
    _route("GET /v1/payouts/:id", payouts.retrieve),
    _route("GET /v1/events", events.list_events),
    _route("GET /v1/events/:id", events.retrieve),
    _route("GET /v1/accounts/:id", accounts.retrieve_v1),
    _route("POST /v2/core/accounts", accounts.create),
    _route("GET /v2/core/accounts/:id", accounts.retrieve),
    _route("POST /v2/core/account_links", onboarding.create_link),
]


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """-> (route, the values in the path), or None for an address that does not exist."""
    for route in ROUTES:
        if route.method == method and (match := route.pattern.match(path)):
            return route, match.groups()
    return None

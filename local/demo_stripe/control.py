"""/_control: how tests make things go wrong, and see what happened. JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import accounts, disputes, payment_methods, payouts, refunds
from .errors import StripeError
from .faults import Fault
from .gateway import Gateway
from .store import public
from .webhooks import Manner
from .world import now

Body = dict[str, Any]


def answer(gateway: Gateway, method: str, path: str, body: Body) -> Body:
    """Raises StripeError 404 for an unknown address, 400 for values that make no sense."""
    handler = ADDRESSES.get(f"{method} {path}")
    if handler is None:
        raise StripeError(f"No such control: {method} {path}. There are: {', '.join(ADDRESSES)}", status=404)
    try:
        return handler(gateway, body)
    except (KeyError, TypeError, ValueError) as error:
        raise StripeError(f"Bad control request: {error!r}") from error


def status(gateway: Gateway, body: Body) -> Body:
    return webhooks(gateway, body) | {"faults": gateway.faults.list()}


def reset(gateway: Gateway, body: Body) -> Body:
    """Forgets everything but the accounts that the demo started with, and behaves again."""
    world = gateway.world
    gateway.forget()
    world.postman.manner = Manner()
    world.postman.url, world.postman.secret = world.settings.webhook_url, world.settings.webhook_secret
    world.store.wipe()
    for account in world.settings.accounts:
        accounts.add_ready(world, account)
    return {"reset": True}


def webhooks(gateway: Gateway, body: Body) -> Body:
    """-> how events are delivered, and {"deliveries": {state: count}}."""
    postman = gateway.world.postman
    return {"url": postman.url, "manner": vars(postman.manner), "deliveries": postman.counts()}


def set_webhooks(gateway: Gateway, body: Body) -> Body:
    """{"mode": "deliver" | "drop" | "hold" | "duplicate:5" | "shuffle", or several joined by ",",

    "delay_ms": 0, "window_ms": 1000 (for shuffle), "lose": 0.1, "url": ..., "secret": ...}
    """
    postman = gateway.world.postman
    manner = Manner(delay=float(body.get("delay_ms", 0)) / 1000, lose=float(body.get("lose", 0)))
    for mode in str(body.get("mode", "deliver")).split(","):
        name, _, number = mode.strip().partition(":")
        if name == "hold":
            manner.hold = True
        elif name == "drop":
            manner.lose = 1.0
        elif name == "duplicate":
            manner.copies = int(number or 2)
        elif name == "shuffle":
            manner.shuffle = float(body.get("window_ms", 1000)) / 1000
        elif name != "deliver":
            raise ValueError(mode)
    postman.manner = manner
    postman.url, postman.secret = body.get("url", postman.url), body.get("secret", postman.secret)
    return webhooks(gateway, body)


def release(gateway: Gateway, body: Body) -> Body:
    return {"released": gateway.world.postman.release()}


def hasten(gateway: Gateway, body: Body) -> Body:
    return {"hastened": gateway.world.postman.hasten()}


def resend(gateway: Gateway, body: Body) -> Body:
    """{"event": "evt_..."}"""
    if gateway.world.store.by_id(body["event"]) is None:
        raise StripeError(f"No such event: '{body['event']}'", status=404)
    gateway.world.postman.resend(body["event"])
    return {"resent": body["event"]}


def add_fault(gateway: Gateway, body: Body) -> Body:
    """{"for": "POST /v1/payment_intents$", "hang": 10, "status": 500, "reset": true, "page": true, "after", "times"}"""
    details = {name: value for name, value in body.items() if name != "for"}
    gateway.faults.add(Fault(pattern=body.get("for", ""), **details))
    return {"faults": gateway.faults.list()}


def clear_faults(gateway: Gateway, body: Body) -> Body:
    gateway.faults.clear()
    return {"faults": []}


def requests(gateway: Gateway, body: Body) -> Body:
    """{"for": "POST /v1/refunds"} -> {"count", "requests": [...]}"""
    found = gateway.log.matching(str(body.get("for", "")))
    return {"count": len(found), "requests": found}


def clear_requests(gateway: Gateway, body: Body) -> Body:
    gateway.log.clear()
    return {"count": 0, "requests": []}


def objects(kind: str) -> Callable[[Gateway, Body], Body]:
    """{"account": "acct_..."} (all accounts without it) -> {"count", "data": [oldest first]}"""

    def listed(gateway: Gateway, body: Body) -> Body:
        sql = "SELECT body FROM objects WHERE kind = ? AND account LIKE ? ORDER BY seq"
        rows = gateway.world.store.rows(sql, kind, body.get("account", "%"))
        return {"count": len(rows), "data": [public(json.loads(row[0])) for row in rows]}

    return listed


def set_account(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "card_payments": "active" | "pending" | "restricted"}: as if Stripe had decided it."""
    with gateway.world.store.transaction():
        accounts.set_card_payments(gateway.world, body["account"], body["card_payments"])
    return {"account": body["account"], "card_payments": body["card_payments"]}


def set_balance(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "balance": "enough" | "waits" | "refuses"}: what becomes of its refunds."""
    with gateway.world.store.transaction():
        accounts.set_balance(gateway.world, body["account"], body["balance"])
        if body["balance"] == "enough":
            refunds.send_waiting(gateway.world, body["account"])
    return {"account": body["account"], "balance": body["balance"]}


def fail_refund(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "refund": "re_..."}: the bank sends its money back."""
    with gateway.world.store.transaction():
        refunds.fail(gateway.world, body["refund"], body["account"])
    return {"failed": body["refund"]}


def disconnect_account(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_..."}: its tradie disconnects us; with "connected": true, lets us in again."""
    with gateway.world.store.transaction():
        change = accounts.connect if body.get("connected") else accounts.disconnect
        change(gateway.world, body["account"])
    return {"account": body["account"]}


def change_card(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "payment_method": "pm_...", "number": "4000000000000002"}: a saved card behaves like that
    one from now on, as when its bank has changed its mind."""
    with gateway.world.store.transaction():
        payment_methods.change_card(gateway.world, body["account"], body["payment_method"], body["number"])
    return {"changed": body["payment_method"]}


def open_dispute(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "intent": "pi_..."}: the cardholder complains to their bank; with "question": true it
    only asks, and takes nothing."""
    with gateway.world.store.transaction():
        intent = gateway.world.store.by_id(body["intent"]) or {}
        charge = gateway.world.store.by_id(intent["latest_charge"])
        assert charge is not None
        if body.get("question"):
            return {"dispute": disputes.ask_about(gateway.world, charge, body["account"])["id"]}
        return {"dispute": disputes.open_one(gateway.world, None, charge, body["account"])["id"]}


def decide_dispute(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "dispute": "dp_...", "status": "won" | "lost" | "prevented" | "warning_closed"}: the
    bank's word."""
    with gateway.world.store.transaction():
        disputes.decide(gateway.world, body["dispute"], body["account"], body["status"])
    return {"decided": body["dispute"]}


def pay_out(gateway: Gateway, body: Body) -> Body:
    """{"account": "acct_...", "amount": cents, "in_days": 2}: from its balance to its bank, as Stripe does daily."""
    arrives = now() + int(body.get("in_days", 2)) * payouts.A_DAY
    with gateway.world.store.transaction():
        payout = payouts.send(gateway.world, None, body["account"], int(body["amount"]), arrives=arrives)
    return {"payout": payout["id"]}


def move_payout(gateway: Gateway, body: Body) -> Body:
    """{"account", "payout": "po_...", "status": "in_transit" | "paid" | "failed" | "canceled", "failure": "no_account"}
    -> what the bank made of it."""
    of = body["payout"], body["account"], body["status"], body.get("failure", "no_account")
    with gateway.world.store.transaction():
        payouts.move(gateway.world, *of)
    return {"payout": body["payout"]}


ADDRESSES: dict[str, Callable[[Gateway, Body], Body]] = {
    "GET /_control": status,
    "POST /_control/reset": reset,
    "GET /_control/webhooks": webhooks,
    "POST /_control/webhooks": set_webhooks,
    "POST /_control/webhooks/release": release,
    "POST /_control/webhooks/hasten": hasten,
    "POST /_control/webhooks/resend": resend,
    "GET /_control/faults": status,
    "POST /_control/faults": add_fault,
    "POST /_control/faults/clear": clear_faults,
    "GET /_control/requests": requests,
    "POST /_control/requests/clear": clear_requests,
    "GET /_control/intents": objects("payment_intent"),
    "GET /_control/setups": objects("setup_intent"),
    "GET /_control/fees": objects("application_fee"),
    "GET /_control/refunds": objects("refund"),
    "GET /_control/events": objects("event"),
    "GET /_control/disputes": objects("dispute"),
    "GET /_control/customers": objects("customer"),
    "GET /_control/payment_methods": objects("payment_method"),
    "POST /_control/payment_methods/card": change_card,
    "GET /_control/transactions": objects("balance_transaction"),
    "POST /_control/disputes": open_dispute,
    "POST /_control/disputes/decide": decide_dispute,
    "GET /_control/payouts": objects("payout"),
    "POST /_control/payouts": pay_out,
    "POST /_control/payouts/move": move_payout,
    "POST /_control/accounts": set_account,
    "POST /_control/balance": set_balance,
    "POST /_control/refunds/fail": fail_refund,
    "POST /_control/accounts/disconnect": disconnect_account,
}

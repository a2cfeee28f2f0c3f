"""Payouts: what Stripe sends from an account's balance to its bank, two days ahead, or at once where it is instant.

The demo pays out when it is asked to, never by itself; what it has promised arrives on its day.
"""

from __future__ import annotations

import time
from typing import Any

from . import ledger
from . import params as read
from .errors import StripeError, no_such
from .events import emit
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base, now

A_DAY = 86_400
STATUSES = ("pending", "in_transit", "paid", "failed", "canceled")
# The money comes back; the sorts of balance transaction that say so.
COMES_BACK = {"failed": "payout_failure", "canceled": "payout_cancel"}
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this payout.",
    "no_account": "No bank account could be located with those details.",
}


def create(world: World, call: Call) -> Object:
    """Of so much of the balance."""
    read.allow(call.params, "amount", "currency", "description", "metadata", "method", "statement_descriptor")
    method = read.choice(call.params, "method", ("standard", "instant"), "standard")
    amount = read.integer(call.params, "amount")
    if amount > ledger.balance_cents(world, call.account):
        message = "You have insufficient funds in your Stripe account for this transfer."
        raise StripeError(message, code="balance_insufficient", param="amount")
    instant = method == "instant"
    arrives = now() if instant else _midnight(now()) + 2 * A_DAY
    payout = send(world, call, call.account, amount, arrives=arrives, automatic=False)
    payout |= {"method": method, "metadata": read.metadata(call.params)}
    world.store.save(payout)
    return move(world, payout["id"], call.account, "paid") if instant else payout


def send(
    world: World, call: Call | None, account: str, amount: int, *, arrives: int, automatic: bool = True
) -> Object:
    """`amount` cents leave the balance now, and are in the bank on the day of `arrives`."""
    payout = base("po", "payout") | {
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": _midnight(arrives),
        "automatic": automatic,
        "balance_transaction": None,
        "currency": "aud",
        "description": "STRIPE PAYOUT" if automatic else None,
        "destination": "ba_demo",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    payout["balance_transaction"] = ledger.record(world, account, "payout", payout, -amount, [])["id"]
    world.store.insert(payout, account)
    emit(world, call, "payout.created", payout, account)
    sql = "INSERT INTO chores (kind, object, account, due_at) VALUES ('payout_arrives', ?, ?, ?)"
    world.store.change(sql, payout["id"], account, max(time.time() + 1, float(payout["arrival_date"])))
    return payout


def arrive(world: World, payout_id: str, account: str) -> None:
    """Its day has come, unless something else became of it."""
    payout = world.store.get("payout", payout_id, account)
    if payout and payout["status"] in ("pending", "in_transit"):
        move(world, payout_id, account, "paid")


def move(world: World, payout_id: str, account: str, status: str, failure: str = "no_account") -> Object:
    """What became of it. A bank may send back what was paid."""
    payout = world.store.get("payout", payout_id, account)
    if payout is None or status not in STATUSES:
        raise ValueError(status)
    payout["status"] = status
    if status == "failed":
        payout |= {"failure_code": failure, "failure_message": FAILURES[failure]}
    if status in COMES_BACK:
        entry = ledger.record(world, account, COMES_BACK[status], payout, payout["amount"], [])
        payout["failure_balance_transaction"] = entry["id"]
    world.store.save(payout)
    if status in ("paid", "failed", "canceled"):
        emit(world, None, f"payout.{status}", payout, account)
    emit(world, None, "payout.updated", payout, account)
    return payout


def retrieve(world: World, call: Call, payout_id: str) -> Object:
    payout = world.store.get("payout", payout_id, call.account)
    if payout is None:
        raise no_such("payout", payout_id)
    return payout


def list_payouts(world: World, call: Call) -> dict[str, Any]:
    """Filters: created, and the usual paging."""
    read.allow(call.params, *PAGING)
    return list_page(world.store, "payout", call.account, call.params, "/v1/payouts")


def _midnight(moment: int) -> int:
    """Stripe dates an arrival by midnight UTC."""
    return moment // A_DAY * A_DAY

"""Refunds: in part or in full, with or without the application fee; one card makes them fail afterwards, and a balance
that is too low makes them wait."""

from __future__ import annotations

import json
import time
from typing import Any

from . import accounts, charges, ledger
from . import params as read
from .errors import StripeError, missing, no_such
from .events import emit
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
FAILS_AFTER = 1.0  # seconds; at Stripe it takes days


def create(world: World, call: Call) -> Object:
    read.allow(
        call.params, "charge", "payment_intent", "amount", "reason", "refund_application_fee", "metadata"
    )
    reason = read.choice(call.params, "reason", REASONS)
    charge = _charge_to_refund(world, call)
    amount = _amount_to_refund(world, call, charge)
    refund = _new_refund(call, charge, amount, reason)
    fee_back = 0
    if read.boolean(call.params, "refund_application_fee"):
        fee_back = _refund_fee(world, call, charge, amount)
    if accounts.balance_of(world, call.account) == "waits":
        refund |= {"status": "pending", "pending_reason": "insufficient_funds", "_fee_back": fee_back}
    else:
        _take_out(world, refund, call.account, fee_back)
    world.store.insert(refund, call.account, parent=charge["id"])
    _apply(world, charge, amount)
    emit(world, call, "refund.created", refund, call.account)
    emit(world, call, "charge.refunded", charge, call.account)
    if charges.card_of(charge).refunds_fail:
        _fail_later(world, call, refund)
    return refund


def send_waiting(world: World, account: str) -> None:
    """Funds were added: what waited for them goes out."""
    sql = "SELECT body FROM objects WHERE kind = 'refund' AND account = ? ORDER BY seq"
    for (body,) in world.store.rows(sql, account):
        refund = json.loads(body)
        if refund.pop("pending_reason", ""):
            refund["status"] = "succeeded"
            _take_out(world, refund, account, refund.pop("_fee_back"))
            world.store.save(refund)
            for event_type in ("refund.updated", "charge.refund.updated"):
                emit(world, None, event_type, refund, account)


def _take_out(world: World, refund: Object, account: str, fee_back: int) -> None:
    """The money leaves the balance; what the platform gives back of its fee comes along, as a fee below nothing."""
    fees = [ledger.fee_detail(-fee_back, refund["currency"], "application_fee")] if fee_back else []
    entry = ledger.record(world, account, "refund", refund, -refund["amount"], fees)
    refund["balance_transaction"] = entry["id"]


def fail(world: World, refund_id: str, account: str) -> None:
    """The bank sends the money back: `refund.failed`, after the refund had been reported as succeeded."""
    refund = world.store.get("refund", refund_id, account)
    charge = world.store.get("charge", refund["charge"], account) if refund else None
    if refund is None or charge is None or refund["status"] == "failed":
        return
    entry = ledger.record(world, account, "refund_failure", refund, refund["amount"], [])
    refund |= {
        "status": "failed", "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": entry["id"],
    }  # fmt: skip
    world.store.save(refund)
    _apply(world, charge, -refund["amount"])
    for event_type in ("refund.failed", "charge.refund.updated"):
        emit(world, None, event_type, refund, account)


def retrieve(world: World, call: Call, refund_id: str) -> Object:
    refund = world.store.get("refund", refund_id, call.account)
    if refund is None:
        raise no_such("refund", refund_id)
    return refund


def list_refunds(world: World, call: Call) -> dict[str, Any]:
    """Filters: charge or payment_intent, created, and the usual paging."""
    read.allow(call.params, *PAGING, "charge", "payment_intent")
    parents = [call.params["charge"]] if "charge" in call.params else None
    if "payment_intent" in call.params:
        parents = [charge["id"] for charge in world.store.children("charge", call.params["payment_intent"])]
        parents = parents or ["-"]
    return list_page(world.store, "refund", call.account, call.params, "/v1/refunds", parents)


def _charge_to_refund(world: World, call: Call) -> Object:
    if "charge" in call.params:
        return charges.retrieve(world, call, call.params["charge"])
    if "payment_intent" not in call.params:
        raise missing("payment_intent")
    intent = world.store.get("payment_intent", call.params["payment_intent"], call.account)
    if intent is None:
        raise no_such("payment_intent", call.params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise StripeError(message, code="payment_intent_unexpected_state", param="payment_intent")
    return charges.retrieve(world, call, intent["latest_charge"])


def _amount_to_refund(world: World, call: Call, charge: Object) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    amount = read.integer(call.params, "amount", left)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise StripeError(message, code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge (${left / 100:.2f})"
        raise StripeError(message, param="amount")
    if accounts.balance_of(world, call.account) == "refuses":
        message = "Insufficient funds in your Stripe balance to refund this amount."
        raise StripeError(message, code="insufficient_funds")
    return amount


def _new_refund(call: Call, charge: Object, amount: int, reason: str | None) -> Object:
    refund = base("re", "refund")
    del refund["livemode"]
    card = {"type": "refund", "reference_status": "pending", "reference_type": "acquirer_reference_number"}
    return refund | {
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "currency": charge["currency"],
        "destination_details": {"type": "card", "card": card},
        "metadata": read.metadata(call.params),
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _refund_fee(world: World, call: Call, charge: Object, amount: int) -> int:
    """In proportion: a full refund gives back the whole fee. Answers how many cents went back."""
    if charge["application_fee"] is None:
        message = f"Charge {charge['id']} has no application fee to refund."
        raise StripeError(message, param="refund_application_fee")
    fee = ledger.retrieve_fee(world, call, charge["application_fee"])
    last = charge["amount_refunded"] + amount == charge["amount_captured"]
    left = fee["amount"] - fee["amount_refunded"]
    share = (fee["amount"] * amount + charge["amount_captured"] // 2) // charge["amount_captured"]
    back = left if last and fee["amount_refunded"] else min(share, left)
    if back:
        ledger.give_back_fee(world, call, fee["id"], back)
    return back


def _apply(world: World, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    world.store.save(charge)


def _fail_later(world: World, call: Call, refund: Object) -> None:
    sql = "INSERT INTO chores (kind, object, account, due_at) VALUES ('refund_fails', ?, ?, ?)"
    world.store.change(sql, refund["id"], call.account, time.time() + FAILS_AFTER)
    world.postman.wake()

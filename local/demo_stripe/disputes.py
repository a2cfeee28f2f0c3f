"""Disputes: a cardholder's bank takes the money back, the business answers, the bank decides."""

from __future__ import annotations

from typing import Any

from . import files, ledger
from . import params as read
from .errors import StripeError, no_such
from .events import emit
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base, now

ANSWER_WITHIN = 10 * 86_400
DISPUTE_FEE = 2_500  # cents; Stripe's Australian price, kept whoever wins
# Parts of the evidence that are files, by their ids.
FILES = {
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
}  # fmt: skip
WAITS_FOR_AN_ANSWER = ("needs_response", "warning_needs_response")


def ask_about(world: World, charge: Object, account: str) -> Object:
    """The bank asks a question and takes nothing: `charge.dispute.created`."""
    dispute = _new(charge) | {"status": "warning_needs_response", "is_charge_refundable": True}
    world.store.insert(dispute, account, parent=charge["payment_intent"])
    emit(world, None, "charge.dispute.created", dispute, account)
    return dispute


def open_one(world: World, call: Call | None, charge: Object, account: str) -> Object:
    """The bank takes the money: `charge.dispute.created` and `charge.dispute.funds_withdrawn`."""
    charge["disputed"] = True
    world.store.save(charge)
    dispute = _new(charge)
    fee = ledger.fee_detail(DISPUTE_FEE, dispute["currency"], "stripe_fee") | {"description": "Dispute fee"}
    dispute["balance_transactions"] = [
        ledger.record(world, account, "adjustment", dispute, -dispute["amount"], [fee])
    ]
    world.store.insert(dispute, account, parent=charge["payment_intent"])
    for what in ("created", "funds_withdrawn"):
        emit(world, call, f"charge.dispute.{what}", dispute, account)
    return dispute


def _new(charge: Object) -> Object:
    details = {
        "due_by": now() + ANSWER_WITHIN, "enhanced_eligibility": {}, "has_evidence": False,
        "past_due": False, "submission_count": 0,
    }  # fmt: skip
    return base("dp", "dispute") | {
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": details,
        "is_charge_refundable": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }


def decide(world: World, dispute_id: str, account: str, status: str) -> Object:
    """The bank's word: "won" gives the money back to the business, "lost" doesn't; "prevented" was none after all, so
    that it can be refunded; "warning_closed" ends a question."""
    dispute = _find(world, dispute_id, account)
    was_asked = dispute["status"].startswith("warning_")
    if status not in (("warning_closed",) if was_asked else ("won", "lost", "prevented")):
        raise ValueError(status)
    dispute["status"] = status
    world.store.save(dispute)
    if status == "prevented":
        charge = world.store.get("charge", dispute["charge"], account) or {}
        world.store.save(charge | {"disputed": False})
    if status not in ("lost", "warning_closed"):
        entry = ledger.record(world, account, "adjustment", dispute, dispute["amount"], [])
        dispute["balance_transactions"].append(entry)
        world.store.save(dispute)
        emit(world, None, "charge.dispute.funds_reinstated", dispute, account)
    emit(world, None, "charge.dispute.closed", dispute, account)
    return dispute


def retrieve(world: World, call: Call, dispute_id: str) -> Object:
    return _find(world, dispute_id, call.account)


def update(world: World, call: Call, dispute_id: str) -> Object:
    """Evidence is sent to the bank at once, and only once, unless `submit` is false."""
    read.allow(call.params, "evidence", "metadata", "submit")
    dispute = _open(world, call, dispute_id)
    evidence = call.params.get("evidence") or {}
    for name in FILES & evidence.keys():
        files.find(world, evidence[name], call.account)
    dispute["evidence"] |= evidence
    details = dispute["evidence_details"]
    details["has_evidence"] = bool(set(dispute["evidence"]) - {"enhanced_evidence"})
    if call.params.get("submit") != "false" and details["has_evidence"]:
        details["submission_count"] += 1
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    dispute["metadata"] |= read.metadata(call.params)
    world.store.save(dispute)
    emit(world, call, "charge.dispute.updated", dispute, call.account)
    return dispute


def close(world: World, call: Call, dispute_id: str) -> Object:
    """The business gives in."""
    read.allow(call.params)
    dispute = _open(world, call, dispute_id)
    return decide(world, dispute["id"], call.account, "lost")


def list_disputes(world: World, call: Call) -> dict[str, Any]:
    """Filters: payment_intent, created, and the usual paging."""
    read.allow(call.params, *PAGING, "payment_intent")
    parents = [call.params["payment_intent"]] if "payment_intent" in call.params else None
    return list_page(world.store, "dispute", call.account, call.params, "/v1/disputes", parents)


def _open(world: World, call: Call, dispute_id: str) -> Object:
    dispute = _find(world, dispute_id, call.account)
    if dispute["status"] not in WAITS_FOR_AN_ANSWER:
        raise StripeError("This dispute is already closed or under review.", code="dispute_already_closed")
    return dispute


def _find(world: World, dispute_id: str, account: str) -> Object:
    dispute = world.store.get("dispute", dispute_id, account)
    if dispute is None:
        raise no_such("dispute", dispute_id)
    return dispute

"""Charges: made when a PaymentIntent is confirmed, settled when it is captured."""

from __future__ import annotations

from typing import Any

from . import ledger
from . import params as read
from .cards import CARDS, Card, brand_of
from .errors import no_such
from .events import emit
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base

NO_ONE = {
    "address": {
        "city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None,
    },
    "email": None, "name": None, "phone": None, "tax_id": None,
}  # fmt: skip


def new_charge(world: World, call: Call, intent: Object, card: Card) -> Object:
    """The attempt to charge the intent's payment method; declined cards leave a failed charge, as at Stripe."""
    method = world.store.get("payment_method", intent["payment_method"], call.account) or {}
    code, decline_code, message = card.decline or (None, None, None)
    automatic = intent["capture_method"] != "manual"
    charge = base("ch", "charge") | {
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": ledger.APPLICATION if intent["application_fee_amount"] else None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": method.get("billing_details", NO_ONE),
        "calculated_statement_descriptor": "DEMO STRIPE",
        "captured": False,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": code,
        "failure_message": message,
        "fraud_details": {},
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(card.decline is None, decline_code or code),
        "paid": card.decline is None,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": _details(method, intent, card),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if card.decline else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        "_card": card.number,
    }
    world.store.insert(charge, call.account, parent=intent["id"])
    if card.decline:
        emit(world, call, "charge.failed", charge, call.account)
    elif automatic:
        settle(world, call, charge, intent["amount"])
        emit(world, call, "charge.succeeded", charge, call.account)
    else:
        emit(world, call, "charge.succeeded", charge, call.account)
    return charge


def settle(world: World, call: Call, charge: Object, amount: int, fee_amount: int | None = None) -> None:
    """Takes `amount` cents: the fee goes to the platform, the rest to the connected account's balance."""
    fee_amount = charge["application_fee_amount"] if fee_amount is None else fee_amount
    fees = [ledger.fee_detail(ledger.processing_fee(amount), charge["currency"], "stripe_fee")]
    if fee_amount:
        fees.append(ledger.fee_detail(fee_amount, charge["currency"], "application_fee"))
        charge["application_fee"] = ledger.take_fee(world, call, charge, fee_amount)["id"]
        charge["application_fee_amount"] = fee_amount
    entry = ledger.record(world, call.account, "charge", charge, amount, fees)
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": entry["id"]}
    world.store.save(charge)


def retrieve(world: World, call: Call, charge_id: str) -> Object:
    charge = world.store.get("charge", charge_id, call.account)
    if charge is None:
        raise no_such("charge", charge_id)
    return charge


def list_charges(world: World, call: Call) -> dict[str, Any]:
    read.allow(call.params, *PAGING, "payment_intent", "customer")
    parents = [call.params["payment_intent"]] if "payment_intent" in call.params else None
    return list_page(world.store, "charge", call.account, call.params, "/v1/charges", parents)


def card_of(charge: Object) -> Card:
    return CARDS[charge["_card"]]


def _outcome(paid: bool, reason: str | None) -> Object:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete." if paid else "The bank did not return any further details.",
        "type": "authorized" if paid else "issuer_declined",
    }


def _details(method: Object, intent: Object, card: Card) -> Object:
    shown = method.get("card", {})
    return {
        "type": "card",
        "card": {
            "amount_authorized": None if card.decline else intent["amount"],
            "brand": brand_of(card.number),
            "checks": shown.get("checks"),
            "country": "AU",
            "exp_month": shown.get("exp_month", 12),
            "exp_year": shown.get("exp_year", 2040),
            "fingerprint": f"demo{card.number[-8:]}",
            "funding": "credit",
            "last4": card.number[-4:],
            "network": brand_of(card.number),
            "three_d_secure": None,
            "wallet": None,
        },
    }

"""Balance transactions, application fees and the balance: where the cents of a charge or a refund went."""

from __future__ import annotations

from typing import Any

from . import params as read
from .errors import StripeError, no_such
from .events import emit
from .lists import PAGING, list_page
from .store import Object
from .world import PLATFORM, Call, World, base

TWO_DAYS = 2 * 86_400
APPLICATION = "ca_demo"


def processing_fee(amount: int) -> int:
    """Stripe's Australian price for a domestic card, in cents: 1.7 % + 30 c."""
    return (amount * 17 + 500) // 1000 + 30


def record(world: World, account: str, kind: str, source: Object, amount: int, fees: list[Object]) -> Object:
    """Stores a balance transaction of `amount` cents (negative: money leaves) less `fees`."""
    total = sum(fee["amount"] for fee in fees)
    entry = base("txn", "balance_transaction")
    del entry["livemode"]
    entry |= {
        "amount": amount,
        "available_on": entry["created"] + TWO_DAYS,
        "balance_type": "payments",
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": total,
        "fee_details": fees,
        "net": amount - total,
        "reporting_category": kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }
    return world.store.insert(entry, account)


def fee_detail(amount: int, currency: str, kind: str) -> Object:
    application = APPLICATION if kind == "application_fee" else None
    description = "Application fee" if application else "Stripe processing fees"
    return {
        "amount": amount, "application": application, "currency": currency,
        "description": description, "type": kind,
    }  # fmt: skip


def take_fee(world: World, call: Call, charge: Object, amount: int) -> Object:
    """The platform's application fee on a charge of a connected account; it belongs to the platform."""
    fee = base("fee", "application_fee") | {
        "account": call.account,
        "amount": amount,
        "amount_refunded": 0,
        "application": APPLICATION,
        "balance_transaction": None,
        "charge": charge["id"],
        "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "originating_transaction": None,
        "refunded": False,
    }
    fee["refunds"] = {
        "object": "list", "data": [], "has_more": False, "url": f"/v1/application_fees/{fee['id']}/refunds",
    }  # fmt: skip
    fee["balance_transaction"] = record(world, PLATFORM, "application_fee", fee, amount, [])["id"]
    world.store.insert(fee, PLATFORM, parent=charge["id"])
    emit(world, call, "application_fee.created", fee, PLATFORM)
    return fee


def refund_fee(world: World, call: Call, fee_id: str) -> Object:
    """The platform gives back of its fee by itself: it is a movement of its own on the connected account."""
    read.allow(call.params, "amount", "metadata")
    fee = retrieve_fee(world, call, fee_id)
    left = fee["amount"] - fee["amount_refunded"]
    amount = read.integer(call.params, "amount", left)
    if not 0 < amount <= left:
        message = f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on fee (${left / 100:.2f})"
        raise StripeError(message, param="amount")
    back = give_back_fee(world, call, fee_id, amount)
    record(world, fee["account"], "application_fee_refund", back, amount, [])
    return back


def give_back_fee(world: World, call: Call, fee_id: str, amount: int) -> Object:
    """Notes that `amount` cents of an application fee go back to the connected account."""
    fee = retrieve_fee(world, call, fee_id)
    back = base("fr", "fee_refund")
    del back["livemode"]
    back |= {"amount": amount, "currency": fee["currency"], "fee": fee_id, "metadata": {}}
    back["balance_transaction"] = record(world, PLATFORM, "application_fee_refund", back, -amount, [])["id"]
    world.store.insert(back, PLATFORM, parent=fee_id)
    fee["refunds"]["data"].insert(0, back)
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    world.store.save(fee)
    emit(world, call, "application_fee.refunded", fee, PLATFORM)
    return back


def retrieve_fee(world: World, call: Call, fee_id: str) -> Object:
    fee = world.store.get("application_fee", fee_id, PLATFORM)
    if fee is None:
        raise no_such("application_fee", fee_id)
    return fee


def list_fees(world: World, call: Call) -> dict[str, Any]:
    read.allow(call.params, *PAGING, "charge")
    parents = [call.params["charge"]] if "charge" in call.params else None
    return list_page(
        world.store, "application_fee", call.account, call.params, "/v1/application_fees", parents
    )


def retrieve_transaction(world: World, call: Call, transaction_id: str) -> Object:
    found = world.store.get("balance_transaction", transaction_id, call.account)
    if found is None:
        raise no_such("balance transaction", transaction_id)
    return found


def list_transactions(world: World, call: Call) -> dict[str, Any]:
    read.allow(call.params, *PAGING)
    return list_page(
        world.store, "balance_transaction", call.account, call.params, "/v1/balance_transactions"
    )


def balance(world: World, call: Call) -> dict[str, Any]:
    """Everything is still pending, though it can be paid out."""
    read.allow(call.params)
    cents = balance_cents(world, call.account)

    def amounts(value: int) -> list[dict[str, Any]]:
        return [{"amount": value, "currency": "aud", "source_types": {"card": value}}]

    return {"object": "balance", "livemode": False, "available": amounts(0), "pending": amounts(cents)}


def balance_cents(world: World, account: str) -> int:
    sql = "SELECT SUM(json_extract(body, '$.net')) FROM objects WHERE kind = 'balance_transaction' AND account = ?"
    return int(world.store.rows(sql, account)[0][0] or 0)

"""`expand[]`: replaces an id in an answer by the object that it names."""

from __future__ import annotations

from typing import Any

from .errors import StripeError
from .store import Object, Store, public

EXPANDABLE = {
    "application_fee": ("balance_transaction", "charge", "originating_transaction"),
    "balance_transaction": ("source",),
    "charge": ("application_fee", "balance_transaction", "payment_intent", "refunds"),
    "dispute": ("charge", "payment_intent"),
    "payout": ("balance_transaction", "failure_balance_transaction"),
    "payment_intent": ("latest_charge", "payment_method"),
    "refund": ("balance_transaction", "charge", "failure_balance_transaction", "payment_intent"),
}
DEEPEST = 4


def expanded(store: Store, obj: Object, paths: list[str]) -> Object:
    """The object as shown, with every path (such as `latest_charge.application_fee`) expanded."""
    shown = public(obj)
    if shown.get("object") == "list":
        shown["data"] = [public(item) for item in shown["data"]]
    for path in paths:
        _expand(store, shown, path.split("."), path)
    return shown


def _expand(store: Store, obj: Any, parts: list[str], path: str) -> None:
    if len(parts) > DEEPEST:
        raise StripeError(
            f"You cannot expand more than {DEEPEST} levels of a property ({path}).", param="expand"
        )
    name, rest = parts[0], parts[1:]
    if obj.get("object") == "list" and name == "data":
        for item in obj["data"]:
            _expand(store, item, rest, path)
        return
    if name not in EXPANDABLE.get(str(obj.get("object")), ()):
        message = f"This property cannot be expanded ({path})."
        raise StripeError(message, code="property_cannot_be_expanded", param="expand")
    if name == "refunds":
        obj[name] = _refunds_of(store, obj)
    elif isinstance(obj.get(name), str):
        obj[name] = public(store.by_id(obj[name]) or {})
    if rest and obj.get(name):
        _expand(store, obj[name], rest, path)


def _refunds_of(store: Store, charge: Object) -> Object:
    data = [public(refund) for refund in reversed(store.children("refund", charge["id"]))]
    return {
        "object": "list",
        "data": data[:10],
        "has_more": len(data) > 10,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }

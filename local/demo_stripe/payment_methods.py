"""Payment methods: the card that a PaymentIntent was confirmed with. The number itself is never stored in one."""

from __future__ import annotations

from .cards import CARDS, TEST_METHODS, Card, brand_of, card_of
from .charges import NO_ONE
from .errors import missing, no_such
from .params import Params
from .store import Object
from .world import Call, World, base


def method_of(world: World, call: Call) -> tuple[Object, Card]:
    """The payment method that a confirmation names: card data, one of Stripe's test methods, or an existing one."""
    params = call.params
    if "payment_method_data" in params:
        details = params["payment_method_data"].get("card") or {}
        return _new_method(world, call, card_of(details), details, params["payment_method_data"])
    method_id = params.get("payment_method")
    if method_id is None:
        raise missing("payment_method")
    if method_id in TEST_METHODS:
        details = {"exp_month": 12, "exp_year": 2040}
        return _new_method(world, call, CARDS[TEST_METHODS[method_id]], details, {})
    method = world.store.get("payment_method", method_id, call.account)
    if method is None:
        raise no_such("PaymentMethod", method_id, "payment_method")
    return method, CARDS[method["_card"]]


def retrieve(world: World, call: Call, method_id: str) -> Object:
    method = world.store.get("payment_method", method_id, call.account)
    if method is None:
        raise no_such("PaymentMethod", method_id, "payment_method")
    return method


def change_card(world: World, account: str, method_id: str, number: str) -> None:
    """From now on the saved card behaves like the one with that number: its bank thinks differently by now."""
    method = world.store.get("payment_method", method_id, account)
    if method is None:
        raise no_such("PaymentMethod", method_id, "payment_method")
    method["_card"] = CARDS[number].number
    world.store.save(method)


def _new_method(world: World, call: Call, card: Card, details: Params, data: Params) -> tuple[Object, Card]:
    given = data.get("billing_details") or {}
    address = NO_ONE["address"] | (given.get("address") or {})  # type: ignore[operator]
    year = int(details["exp_year"])
    method = base("pm", "payment_method") | {
        "allow_redisplay": "unspecified",
        "billing_details": NO_ONE | given | {"address": address},
        "card": {
            "brand": brand_of(card.number),
            "checks": {
                "address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass",
            },
            "country": "AU",
            "display_brand": brand_of(card.number),
            "exp_month": int(details["exp_month"]),
            "exp_year": year + 2000 if year < 100 else year,
            "fingerprint": f"demo{card.number[-8:]}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [brand_of(card.number)], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "customer": None,
        "customer_account": None,
        "metadata": {},
        "type": "card",
        "_card": card.number,
    }  # fmt: skip
    return world.store.insert(method, call.account), card

"""Customers, and the cards that are saved with them. Deleting a customer takes its cards along, for good."""

from __future__ import annotations

from typing import Any

from . import params as read
from .errors import StripeError, no_such
from .events import emit
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base

CREATE_PARAMS = ("description", "email", "metadata", "name", "phone")


def create(world: World, call: Call) -> Object:
    read.allow(call.params, *CREATE_PARAMS)
    customer = base("cus", "customer") | {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": read.text(call.params, "description", 350),
        "discount": None,
        "email": read.text(call.params, "email", 512),
        "invoice_prefix": "DEMO0001",
        "invoice_settings": {
            "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
        },
        "metadata": read.metadata(call.params),
        "name": read.text(call.params, "name", 256),
        "phone": read.text(call.params, "phone", 20),
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }  # fmt: skip
    world.store.insert(customer, call.account)
    emit(world, call, "customer.created", customer, call.account)
    return customer


def retrieve(world: World, call: Call, customer_id: str) -> Object:
    """Of one that was deleted Stripe still answers, with no more than that."""
    read.allow(call.params)
    return _known(world, call, customer_id)


def delete(world: World, call: Call, customer_id: str) -> Object:
    customer = _known(world, call, customer_id)
    if customer.get("deleted"):
        raise no_such("customer", customer_id)
    for method in world.store.children("payment_method", customer_id):
        _detach(world, call, method)
    emit(world, call, "customer.deleted", customer, call.account)
    gone = {"id": customer["id"], "object": "customer", "created": customer["created"], "deleted": True}
    world.store.save(gone)
    return _shown(gone)


def list_methods(world: World, call: Call, customer_id: str) -> dict[str, Any]:
    """The cards that are saved with a customer."""
    read.allow(call.params, *PAGING, "type", "allow_redisplay")
    require(world, call, customer_id)
    url = f"/v1/customers/{customer_id}/payment_methods"
    return list_page(world.store, "payment_method", call.account, call.params, url, [customer_id])


def require(world: World, call: Call, customer_id: str) -> Object:
    """The customer that a parameter names. Raises StripeError where there is none, or none any more."""
    customer = world.store.get("customer", customer_id, call.account)
    if customer is None or customer.get("deleted"):
        message = f"No such customer: '{customer_id}'"
        raise StripeError(message, code="resource_missing", param="customer")
    return customer


def save_card(world: World, call: Call, customer_id: str | None, method_id: str, usage: str | None) -> None:
    """The card is saved with the customer of its intent, where that says that it will be used again."""
    if not (customer_id and usage):
        return
    method = world.store.get("payment_method", method_id, call.account)
    if method is None or method["customer"]:
        return
    # A card whose holder passed the bank's check while it was being saved passes for what it was saved for.
    method |= {"customer": customer_id, "_set_up": usage == "off_session"}
    world.store.save(method)
    world.store.belong(method["id"], customer_id)
    emit(world, call, "payment_method.attached", method, call.account)


def detach(world: World, call: Call, method_id: str) -> Object:
    read.allow(call.params)
    method = world.store.get("payment_method", method_id, call.account)
    if method is None:
        raise no_such("PaymentMethod", method_id, "payment_method")
    if not method["customer"]:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise StripeError(message)
    return _detach(world, call, method)


def _detach(world: World, call: Call, method: Object) -> Object:
    method |= {"customer": None, "_detached": True}
    world.store.save(method)
    world.store.belong(method["id"], None)
    emit(world, call, "payment_method.detached", method, call.account)
    return method


def _known(world: World, call: Call, customer_id: str) -> Object:
    customer = world.store.get("customer", customer_id, call.account)
    if customer is None:
        raise no_such("customer", customer_id)
    return customer if not customer.get("deleted") else _shown(customer)


def _shown(gone: Object) -> Object:
    return {"id": gone["id"], "object": "customer", "deleted": True}

"""Websites that wallets may be offered on."""

from __future__ import annotations

from typing import Any

from . import params as read
from .errors import missing, no_such
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base

METHODS = ("amazon_pay", "apple_pay", "google_pay", "klarna", "link", "paypal")
UNSEEN = "The domain could not be verified."


def create(world: World, call: Call) -> Object:
    """One that is there already is the answer."""
    read.allow(call.params, "domain_name", "enabled")
    name = read.text(call.params, "domain_name")
    if not name:
        raise missing("domain_name")
    known = list_page(world.store, "payment_method_domain", call.account, {"limit": "100"}, "", [name])
    if known["data"]:
        return Object(known["data"][0])
    # No wallet's company can look at a machine that only its owner reaches.
    status: Object = {"status": "active"}
    if "." not in name:
        status = {"status": "inactive", "status_details": {"error_message": UNSEEN}}
    domain = base("pmd", "payment_method_domain") | {"domain_name": name, "enabled": True}
    domain |= dict.fromkeys(METHODS, status)
    world.store.insert(domain, call.account, parent=name)
    return domain


def list_domains(world: World, call: Call) -> dict[str, Any]:
    read.allow(call.params, *PAGING, "domain_name", "enabled")
    named = [call.params["domain_name"]] if "domain_name" in call.params else None
    return list_page(
        world.store, "payment_method_domain", call.account, call.params, "/v1/payment_method_domains", named
    )


def validate(world: World, call: Call, domain_id: str) -> Object:
    """Looks once more whether the website is there."""
    read.allow(call.params)
    domain = world.store.get("payment_method_domain", domain_id, call.account)
    if domain is None:
        raise no_such("payment_method_domain", domain_id)
    return domain

"""Connected accounts: the Accounts v2 API, and the v1 object that `account.updated` carries."""

from __future__ import annotations

import datetime
from typing import Any

from . import ledger
from .errors import StripeError, no_such
from .events import emit
from .store import Object, new_id, public
from .world import PLATFORM, Call, World, now

INCLUDABLE = (
    "configuration.customer", "configuration.merchant", "configuration.recipient", "defaults",
    "future_requirements", "identity", "requirements",
)  # fmt: skip
# What a new account is asked for.
ONBOARDING = (
    "identity.business_details.id_numbers", "identity.individual.documents.primary_verification",
    "external_account", "identity.attestations.terms_of_service.account.date",
)  # fmt: skip
CREATE_PARAMS = (
    "configuration", "contact_email", "contact_phone", "dashboard", "defaults", "display_name",
    "identity", "include", "metadata",
)  # fmt: skip


def create(world: World, call: Call) -> Object:
    """Card payments start as `restricted`: the onboarding page makes them `active`."""
    _refuse_strangers(call, CREATE_PARAMS)
    params = call.params
    merchant = (params.get("configuration") or {}).get("merchant")
    card_payments = ((merchant or {}).get("capabilities") or {}).get("card_payments") or {}
    account = _new_account(new_id("acct"), params, requested=bool(card_payments.get("requested")))
    world.store.insert(account, PLATFORM)
    return shown(account, params.get("include") or [])


def retrieve(world: World, call: Call, account_id: str) -> Object:
    _refuse_strangers(call, ("include",))
    account = _find_v2(world, account_id)
    if not is_open_to_us(world, account_id):
        raise no_access(world, account_id)
    return shown(account, call.params.get("include") or [])


def retrieve_v1(world: World, call: Call, account_id: str) -> Object:
    account = world.store.get("v2.core.account", account_id, PLATFORM)
    if account is None or not is_open_to_us(world, account_id):
        raise no_access(world, account_id)
    return as_v1(account)


def add_ready(world: World, account_id: str) -> None:
    """One of the accounts that the demo starts with; does nothing if it exists."""
    if world.store.get("v2.core.account", account_id, PLATFORM) is None:
        name = account_id.removeprefix("acct_").replace("_", " ").title()
        params = {
            "dashboard": "full", "display_name": name, "identity": {"country": "au"},
            "configuration": {"merchant": {}}, "contact_email": f"{account_id}@example.com",
        }  # fmt: skip
        account = _new_account(account_id, params, requested=True)
        _set_card_payments(account, "active")
        world.store.insert(account, PLATFORM)


def set_card_payments(world: World, account_id: str, status: str) -> None:
    """Stripe's decision on card payments, "active", "pending" or "restricted"; the application hears of it."""
    account = _find_v2(world, account_id)
    _set_card_payments(account, status)
    world.store.save(account)
    emit(world, None, "account.updated", as_v1(account), account_id)


def set_balance(world: World, account_id: str, balance: str) -> None:
    """Whether it covers refunds: "enough"; "waits": they are pending until it does; "refuses": they are refused."""
    if balance not in ("enough", "waits", "refuses"):
        raise ValueError(balance)
    account = _find_v2(world, account_id)
    account["_balance"] = balance
    world.store.save(account)


def balance_of(world: World, account_id: str) -> str:
    account = world.store.get("v2.core.account", account_id, PLATFORM) or {}
    return str(account.get("_balance", "enough"))


def disconnect(world: World, account_id: str) -> None:
    """The tradie disconnects the platform in their Stripe dashboard: from now on its key opens nothing there."""
    account = _find_v2(world, account_id)
    account["_disconnected"] = True
    world.store.save(account)
    application = {"id": ledger.APPLICATION, "object": "application", "name": "PeepoPay"}
    emit(world, None, "account.application.deauthorized", application, account_id)


def connect(world: World, account_id: str) -> None:
    """And lets it in again."""
    account = _find_v2(world, account_id)
    account.pop("_disconnected", None)
    world.store.save(account)


def is_open_to_us(world: World, account_id: str) -> bool:
    account = world.store.get("v2.core.account", account_id, PLATFORM)
    return account is not None and "_disconnected" not in account


def require_card_payments(world: World, account_id: str) -> None:
    """Raises StripeError while a connected account can't take cards yet."""
    if account_id == PLATFORM:
        return
    account = world.store.get("v2.core.account", account_id, PLATFORM)
    if account is None or _card_status(account) != "active":
        raise StripeError(
            "Your account cannot currently make charges. The `card_payments` capability must be active: "
            "finish onboarding first.",
            status=403,
        )


def no_access(world: World, account_id: str) -> StripeError:
    key = world.settings.secret_key
    return StripeError(
        f"The provided key '{key[:8]}***{key[-4:]}' does not have access to account '{account_id}' (or that "
        "account does not exist). Application access may have been revoked.",
        status=403,
        code="account_invalid",
    )


def shown(account: Object, include: list[str]) -> Object:
    """The account with the parts that `include` names; the others are null, as in Accounts v2."""
    for name in include:
        if name not in INCLUDABLE:
            raise StripeError(f"Invalid value for include: {name}", code="invalid_fields")
    body = public(account)
    for name in ("defaults", "future_requirements", "identity", "requirements"):
        if name not in include:
            body[name] = None
    configuration = {
        name: account["configuration"].get(name)
        for name in ("customer", "merchant", "recipient")
        if f"configuration.{name}" in include
    }
    body["configuration"] = configuration or None
    return body


def as_v1(account: Object) -> Object:
    active = _card_status(account) == "active"
    due = [] if active else ["business_profile.url", "external_account", "tos_acceptance.date"]
    return {
        "id": account["id"],
        "object": "account",
        "business_type": None,
        "capabilities": {"card_payments": "active" if active else "inactive"},
        "charges_enabled": active,
        "controller": {
            "fees": {"payer": "account"}, "is_controller": True, "losses": {"payments": "stripe"},
            "requirement_collection": "stripe", "stripe_dashboard": {"type": "full"}, "type": "application",
        },
        "country": "AU",
        "created": account["_created"],
        "default_currency": "aud",
        "details_submitted": active,
        "email": account["contact_email"],
        "metadata": account["metadata"],
        "payouts_enabled": active,
        "requirements": {
            "alternatives": [], "current_deadline": None, "currently_due": due, "disabled_reason": None,
            "errors": [], "eventually_due": due, "past_due": due, "pending_verification": [],
        },
        "type": "standard",
    }  # fmt: skip


def _new_account(account_id: str, params: dict[str, Any], requested: bool) -> Object:
    country = ((params.get("identity") or {}).get("country") or "au").lower()
    given = (params.get("defaults") or {}).get("responsibilities") or {}
    configuration = {}
    if "merchant" in (params.get("configuration") or {}):
        capabilities = {"card_payments": _capability("restricted")} if requested else {}
        configuration["merchant"] = {"applied": True, "capabilities": capabilities}
    return {
        "id": account_id,
        "object": "v2.core.account",
        "applied_configurations": list(configuration),
        "closed": False,
        "configuration": configuration,
        "contact_email": params.get("contact_email"),
        "contact_phone": params.get("contact_phone"),
        "created": timestamp(now()),
        "dashboard": params.get("dashboard"),
        "defaults": {
            "currency": "aud",
            "responsibilities": {
                "fees_collector": given.get("fees_collector", "stripe"),
                "losses_collector": given.get("losses_collector", "stripe"),
                "requirements_collector": "stripe",
            },
        },
        "display_name": params.get("display_name"),
        "future_requirements": {"entries": []},
        "identity": {"country": country},
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "requirements": {"entries": _entries("restricted") if requested else []},
        "_created": now(),
    }


def timestamp(seconds: int) -> str:
    """Accounts v2 writes instants as ISO 8601, in UTC."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _capability(status: str) -> Object:
    why = {"restricted": "requirements_past_due", "pending": "requirements_pending_verification"}
    due = [{"code": why[status], "resolution": "provide_info"}] if status in why else []
    return {"status": status, "status_details": due}


def _entries(status: str) -> list[Object]:
    """What Stripe still wants: from the tradie, or, while it checks, from itself."""
    asked = {"restricted": ("user", ONBOARDING), "pending": ("stripe", ONBOARDING[1:2])}
    who, descriptions = asked.get(status, ("user", ()))
    due = {"status": "past_due" if who == "user" else "currently_due"}
    capability = {"capability": "card_payments", "configuration": "merchant", "deadline": due}
    return [
        {
            "awaiting_action_from": who,
            "description": description,
            "errors": [],
            "impact": {"restricts_capabilities": [capability]},
            "minimum_deadline": due,
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for description in descriptions
    ]


def _card_status(account: Object) -> str:
    capabilities = account["configuration"].get("merchant", {}).get("capabilities", {})
    return str(capabilities.get("card_payments", {}).get("status", "unsupported"))


def _set_card_payments(account: Object, status: str) -> None:
    merchant = account["configuration"].setdefault("merchant", {"applied": True, "capabilities": {}})
    merchant["capabilities"]["card_payments"] = _capability(status)
    account["requirements"] = {"entries": _entries(status)}
    account["applied_configurations"] = list(account["configuration"])


def _find_v2(world: World, account_id: str) -> Object:
    account = world.store.get("v2.core.account", account_id, PLATFORM)
    if account is None:
        raise no_such("account", account_id)
    return account


def _refuse_strangers(call: Call, names: tuple[str, ...]) -> None:
    strangers = sorted(set(call.params) - set(names))
    if strangers:
        raise StripeError(f"Received unknown parameter: {strangers[0]}", code="invalid_fields")

"""SetupIntents: a card is saved with a customer while nothing is paid; declined or asked for 3-D Secure as ever."""

from __future__ import annotations

import secrets
from typing import Any

from . import accounts, customers
from . import params as read
from .cards import CARDS, Card
from .confirmation import BROWSER_PARAMS, challenge_page, require_same_customer, require_secret
from .errors import StripeError, no_such, unknown
from .events import emit
from .payment_methods import method_of
from .store import Object, public
from .world import Call, World, base

CREATE_PARAMS = (
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "customer",
    "description",
    "metadata",
    "usage",
)
CONFIRM_PARAMS = ("payment_method", "payment_method_data", "return_url", "use_stripe_sdk")
REASONS = ("abandoned", "duplicate", "requested_by_customer")
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
# What Stripe shows to a publishable key.
BROWSER_FIELDS = (
    "id", "object", "allowed_payment_method_types", "automatic_payment_methods", "cancellation_reason",
    "client_secret", "created", "description", "last_setup_error", "livemode", "next_action", "payment_method",
    "payment_method_configuration_details", "payment_method_types", "status", "usage",
)  # fmt: skip


def create(world: World, call: Call) -> Object:
    if "payment_method_types" in call.params:
        # Refused since 2026-10-28.endive, which has `allowed_payment_method_types` in its place.
        raise unknown(["payment_method_types"])
    read.allow(call.params, *CREATE_PARAMS)
    accounts.require_card_payments(world, call.account)
    if "customer" in call.params:
        customers.require(world, call, call.params["customer"])
    intent = base("seti", "setup_intent")
    intent |= {
        "allowed_payment_method_types": call.params.get("allowed_payment_method_types"),
        "application": "ca_demo",
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": f"{intent['id']}_secret_{secrets.token_hex(12)}",
        "customer": read.text(call.params, "customer"),
        "customer_account": None,
        "description": read.text(call.params, "description", 1000),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "mandate": None,
        "metadata": read.metadata(call.params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": read.choice(call.params, "usage", ("off_session", "on_session"), "off_session"),
    }
    world.store.insert(intent, call.account)
    emit(world, call, "setup_intent.created", intent, call.account)
    return intent


def retrieve(world: World, call: Call, intent_id: str) -> Object:
    intent = _find(world, call, intent_id)
    if not call.publishable:
        read.allow(call.params)
        return intent
    require_secret(call, intent, "SetupIntent")
    return _for_browser(intent)


def cancel(world: World, call: Call, intent_id: str) -> Object:
    read.allow(call.params, "cancellation_reason")
    reason = read.choice(call.params, "cancellation_reason", REASONS)
    intent = _find(world, call, intent_id)
    if intent["status"] not in OPEN:
        raise _unexpected_state("cancel", intent)
    intent |= {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    world.store.save(intent)
    emit(world, call, "setup_intent.canceled", intent, call.account)
    return intent


def confirm(world: World, call: Call, intent_id: str) -> Object:
    """With the secret key, or as Stripe.js does it. Raises StripeError 402 for a card that its bank refuses."""
    read.allow(call.params, *(BROWSER_PARAMS if call.publishable else CONFIRM_PARAMS))
    intent = _find(world, call, intent_id)
    if call.publishable:
        require_secret(call, intent, "SetupIntent")
    if intent["status"] not in OPEN:
        raise _unexpected_state("confirm", intent)
    method, card = method_of(world, call)
    require_same_customer(intent, method)
    intent |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    if card.decline:
        raise _declined(world, call, intent, card)
    if card.challenge:
        intent |= {
            "status": "requires_action",
            "next_action": challenge_page(world, call, intent),
            "_card": card.number,
        }
        world.store.save(intent)
        emit(world, call, "setup_intent.requires_action", intent, call.account)
        return _shown(call, intent)
    return _shown(call, _succeed(world, call, intent))


def authenticate(world: World, call: Call, intent_id: str) -> Object:
    """The cardholder's answer to the 3-D Secure challenge: `passed` is "true" or "false"."""
    passed = read.boolean(call.params, "passed")
    intent = _find(world, call, intent_id)
    require_secret(call, intent, "SetupIntent")
    if intent["status"] != "requires_action":
        raise _unexpected_state("confirm", intent)
    intent["next_action"] = None
    if passed and not CARDS[intent["_card"]].decline:
        return _for_browser(_succeed(world, call, intent))
    message = (
        "We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again."
    )
    refusal = StripeError(message, status=402, code="setup_intent_authentication_failure")
    return _for_browser(_fail(world, call, intent, refusal))


def _succeed(world: World, call: Call, intent: Object) -> Object:
    intent |= {"status": "succeeded", "next_action": None}
    world.store.save(intent)
    customers.save_card(world, call, intent["customer"], intent["payment_method"], intent["usage"])
    emit(world, call, "setup_intent.succeeded", intent, call.account)
    return intent


def _declined(world: World, call: Call, intent: Object, card: Card) -> StripeError:
    code, decline_code, message = card.decline or ("card_declined", None, "Your card was declined.")
    refusal = StripeError(
        message, status=402, kind="card_error", code=code, decline_code=decline_code, keeps=True
    )
    intent = _fail(world, call, intent, refusal)
    refusal.extra["setup_intent"] = _shown(call, intent)
    refusal.extra["payment_method"] = intent["last_setup_error"]["payment_method"]
    return refusal


def _fail(world: World, call: Call, intent: Object, refusal: StripeError) -> Object:
    """Back to waiting for a card, with the reason on the intent."""
    error = refusal.body()["error"]
    method = world.store.get("payment_method", intent["payment_method"], call.account)
    if method:
        error["payment_method"] = public(method)
    intent |= {
        "status": "requires_payment_method", "payment_method": None,
        "last_setup_error": error, "next_action": None,
    }  # fmt: skip
    world.store.save(intent)
    emit(world, call, "setup_intent.setup_failed", intent, call.account)
    return intent


def _unexpected_state(what: str, intent: Object) -> StripeError:
    return StripeError(
        f"You cannot {what} this SetupIntent because it has a status of {intent['status']}.",
        code="setup_intent_unexpected_state",
        setup_intent=_for_browser(intent),
    )


def _find(world: World, call: Call, intent_id: str) -> Object:
    intent = world.store.get("setup_intent", intent_id, call.account)
    if intent is None:
        raise no_such("setupintent", intent_id, "intent")
    return intent


def _shown(call: Call, intent: Object) -> Object:
    return _for_browser(intent) if call.publishable else public(intent)


def _for_browser(intent: Object) -> dict[str, Any]:
    return {name: intent[name] for name in BROWSER_FIELDS}

"""Confirming a PaymentIntent: the card is charged, refused, or challenged with 3-D Secure first."""

from __future__ import annotations

import hmac
from typing import Any

from . import charges, customers, disputes
from . import params as read
from .cards import CARDS, Card
from .errors import StripeError, no_such
from .events import emit
from .payment_methods import method_of
from .store import Object, public
from .world import Call, World

CONFIRM_PARAMS = ("off_session", "payment_method", "payment_method_data", "return_url", "use_stripe_sdk")
FROM_THE_BROWSER = ("payment_method", "payment_method_data", "return_url", "use_stripe_sdk")
BROWSER_PARAMS = (*FROM_THE_BROWSER, "client_secret", "expected_payment_method_type", "payment_user_agent")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")

# What Stripe shows to a publishable key: enough to pay, nothing of the merchant's.
BROWSER_FIELDS = (
    "id", "object", "allowed_payment_method_types", "amount", "amount_details", "automatic_payment_methods",
    "canceled_at", "cancellation_reason", "capture_method", "client_secret", "confirmation_method", "created",
    "currency", "description", "last_payment_error", "livemode", "next_action", "payment_method",
    "payment_method_configuration_details", "payment_method_types", "processing", "receipt_email",
    "setup_future_usage", "shipping", "status",
)  # fmt: skip


def confirm(world: World, call: Call, intent_id: str) -> Object:
    """With the secret key, or as Stripe.js does it: publishable key, client secret and card data."""
    read.allow(call.params, *(BROWSER_PARAMS if call.publishable else CONFIRM_PARAMS))
    if not call.publishable:
        return attempt(world, call, find_intent(world, call, intent_id))
    return for_browser(attempt(world, call, with_client_secret(world, call, intent_id)))


def attempt(world: World, call: Call, intent: Object) -> Object:
    """Raises StripeError 402 for a declined card, after recording the failed attempt."""
    if intent["status"] not in CONFIRMABLE:
        raise _not_confirmable(intent)
    method, card = method_of(world, call)
    require_same_customer(intent, method)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if "off_session" in call.params and read.boolean(call.params, "off_session"):
        # Nobody is there to answer the bank: what would be a challenge is a refusal.
        return charge(world, call, intent, card.off_session(set_up=bool(method.get("_set_up"))))
    if card.challenge:
        return _challenge(world, call, intent, card)
    return charge(world, call, intent, card)


def require_same_customer(intent: Object, method: Object) -> None:
    if method["customer"] and method["customer"] != intent["customer"]:
        message = (
            f"The customer does not have a payment method with the ID {method['id']}. "
            "The payment method must be attached to the customer."
        )
        raise StripeError(message, param="payment_method")
    if method.get("_detached"):
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
        )
        raise StripeError(message, param="payment_method")


def charge(world: World, call: Call, intent: Object, card: Card) -> Object:
    made = charges.new_charge(world, call, intent, card)
    intent["latest_charge"] = made["id"]
    if card.decline:
        raise decline(world, call, intent, card)
    customers.save_card(
        world, call, intent["customer"], intent["payment_method"], intent["setup_future_usage"]
    )
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"], "next_action": None}
        world.store.save(intent)
        emit(world, call, "payment_intent.amount_capturable_updated", intent, call.account)
        return intent
    succeed(world, call, intent, intent["amount"])
    if card.disputed:
        disputes.open_one(world, call, made, call.account)
    return intent


def succeed(world: World, call: Call, intent: Object, amount: int) -> Object:
    intent |= {
        "status": "succeeded", "amount_received": amount, "amount_capturable": 0, "next_action": None,
    }  # fmt: skip
    world.store.save(intent)
    emit(world, call, "payment_intent.succeeded", intent, call.account)
    return intent


def authenticate(world: World, call: Call, intent_id: str) -> Object:
    """The cardholder's answer to the 3-D Secure challenge: `passed` is "true" or "false"."""
    passed = read.boolean(call.params, "passed")
    intent = with_client_secret(world, call, intent_id)
    if intent["status"] != "requires_action":
        raise _not_confirmable(intent)
    intent["next_action"] = None
    if passed:
        return for_browser(charge(world, call, intent, CARDS[intent["_card"]]))
    message = (
        "We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again."
    )
    refusal = StripeError(message, status=402, code="payment_intent_authentication_failure")
    return for_browser(fail(world, call, intent, refusal))


def fail(world: World, call: Call, intent: Object, refusal: StripeError) -> Object:
    """Back to waiting for a payment method, with the reason on the intent."""
    error = refusal.body()["error"]
    method = world.store.get("payment_method", intent["payment_method"], call.account)
    if method:
        error["payment_method"] = public(method)
    intent |= {
        "status": "requires_payment_method", "payment_method": None,
        "last_payment_error": error, "next_action": None,
    }  # fmt: skip
    world.store.save(intent)
    emit(world, call, "payment_intent.payment_failed", intent, call.account)
    return intent


def decline(world: World, call: Call, intent: Object, card: Card) -> StripeError:
    """The card's refusal, recorded on the intent: what happened before it (a failed charge, events) stays."""
    code, decline_code, message = card.decline or ("card_declined", None, "Your card was declined.")
    refusal = StripeError(
        message, status=402, kind="card_error", code=code, decline_code=decline_code,
        charge=intent["latest_charge"], keeps=True,
    )  # fmt: skip
    intent = fail(world, call, intent, refusal)
    refusal.extra["payment_intent"] = for_browser(intent) if call.publishable else public(intent)
    refusal.extra["payment_method"] = intent["last_payment_error"]["payment_method"]
    return refusal


def with_client_secret(world: World, call: Call, intent_id: str) -> Object:
    intent = find_intent(world, call, intent_id)
    require_secret(call, intent, "PaymentIntent")
    return intent


def require_secret(call: Call, intent: Object, kind: str) -> None:
    """Raises StripeError unless the request brings the intent's client secret."""
    secret = call.params.get("client_secret")
    if not isinstance(secret, str) or not hmac.compare_digest(
        secret.encode(), intent["client_secret"].encode()
    ):
        message = (
            f"The client_secret provided does not match any associated {kind} on this account. "
            "Ensure the client_secret and account are correct."
        )
        raise StripeError(message, code=f"{intent['object']}_invalid_parameter", param="client_secret")


def find_intent(world: World, call: Call, intent_id: str) -> Object:
    intent = world.store.get("payment_intent", intent_id, call.account)
    if intent is None:
        raise no_such("payment_intent", intent_id, "intent")
    return intent


def for_browser(intent: Object) -> dict[str, Any]:
    return {name: intent[name] for name in BROWSER_FIELDS}


def _challenge(world: World, call: Call, intent: Object, card: Card) -> Object:
    action = challenge_page(world, call, intent)
    intent |= {"status": "requires_action", "next_action": action, "_card": card.number}
    world.store.save(intent)
    emit(world, call, "payment_intent.requires_action", intent, call.account)
    return intent


def challenge_page(world: World, call: Call, intent: Object) -> dict[str, Any]:
    """What its holder has to do next: answer the bank on a page of the demo's."""
    page = f"{world.origin}/_demo/challenge.html#{intent['client_secret']}/{call.account}"
    if call.params.get("use_stripe_sdk") == "true":
        return {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page},
        }
    return {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": page, "return_url": call.params.get("return_url")},
    }


def _not_confirmable(intent: Object) -> StripeError:
    why = f"a status of {intent['status']}. Only one that waits for a card or for 3-D Secure may be confirmed"
    if intent["status"] == "succeeded":
        why = "already succeeded after being previously confirmed"
    return StripeError(
        f"You cannot confirm this PaymentIntent because it has {why}.",
        code="payment_intent_unexpected_state",
        payment_intent=for_browser(intent),
    )

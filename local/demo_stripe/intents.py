"""PaymentIntents: create, look up, list, cancel, capture. Confirming is in `confirmation`."""

from __future__ import annotations

import secrets
from typing import Any

from . import accounts, charges, confirmation, customers
from . import params as read
from .errors import StripeError, unknown
from .events import emit
from .lists import PAGING, list_page
from .store import Object, public
from .world import PLATFORM, Call, World, base, now

CREATE_PARAMS = (
    "allowed_payment_method_types",
    "amount",
    "application_fee_amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "confirmation_method",
    "currency",
    "customer",
    "description",
    "metadata",
    "off_session",
    "payment_method",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
)
UPDATE_PARAMS = ("customer", "description", "metadata", "receipt_email", "setup_future_usage")
USAGES = ("off_session", "on_session")  # fmt: skip
CURRENCIES = ("aud", "nzd", "usd", "gbp", "eur")
SMALLEST = 50
CANCELLATION_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)


def create(world: World, call: Call) -> Object:
    if "payment_method_types" in call.params:
        # Refused since 2026-10-28.endive, which has `allowed_payment_method_types` in its place.
        raise unknown(["payment_method_types"])
    read.allow(call.params, *CREATE_PARAMS)
    amount, currency = _amount(call.params)
    fee = _fee(call, amount)
    accounts.require_card_payments(world, call.account)
    if "customer" in call.params:
        customers.require(world, call, call.params["customer"])
    if "off_session" in call.params and not read.boolean(call.params, "confirm"):
        message = "off_session may only be set when confirm is true."
        raise StripeError(message, param="off_session")
    intent = _new_intent(call, amount, currency, fee)
    world.store.insert(intent, call.account)
    emit(world, call, "payment_intent.created", intent, call.account)
    if read.boolean(call.params, "confirm"):
        return confirmation.attempt(world, call, intent)
    return intent


def retrieve(world: World, call: Call, intent_id: str) -> Object:
    if call.publishable:
        return confirmation.for_browser(confirmation.with_client_secret(world, call, intent_id))
    read.allow(call.params)
    return confirmation.find_intent(world, call, intent_id)


def list_intents(world: World, call: Call) -> dict[str, Any]:
    read.allow(call.params, *PAGING, "customer")
    return list_page(world.store, "payment_intent", call.account, call.params, "/v1/payment_intents")


def update(world: World, call: Call, intent_id: str) -> Object:
    """As long as it isn't settled."""
    read.allow(call.params, *UPDATE_PARAMS)
    intent = confirmation.find_intent(world, call, intent_id)
    if intent["status"] not in confirmation.CONFIRMABLE:
        raise _unexpected_state("update", "updated", intent, confirmation.CONFIRMABLE)
    if "customer" in call.params:
        intent["customer"] = customers.require(world, call, call.params["customer"])["id"]
    if "setup_future_usage" in call.params:
        intent["setup_future_usage"] = _usage(call.params)
    for name in ("description", "receipt_email"):
        if name in call.params:
            intent[name] = read.text(call.params, name)
    intent["metadata"] = intent["metadata"] | read.metadata(call.params)
    world.store.save(intent)
    return intent


def cancel(world: World, call: Call, intent_id: str) -> Object:
    read.allow(call.params, "cancellation_reason")
    reason = read.choice(call.params, "cancellation_reason", CANCELLATION_REASONS)
    intent = confirmation.find_intent(world, call, intent_id)
    if intent["status"] not in CANCELABLE:
        raise _unexpected_state("cancel", "canceled", intent, CANCELABLE)
    held = intent["status"] == "requires_capture"
    intent |= {
        "status": "canceled", "canceled_at": now(), "cancellation_reason": reason,
        "amount_capturable": 0, "next_action": None,
    }  # fmt: skip
    world.store.save(intent)
    if held:
        charge = charges.retrieve(world, call, intent["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        world.store.save(charge)
        emit(world, call, "charge.refunded", charge, call.account)
    emit(world, call, "payment_intent.canceled", intent, call.account)
    return intent


def capture(world: World, call: Call, intent_id: str) -> Object:
    read.allow(call.params, "amount_to_capture", "application_fee_amount", "metadata")
    intent = confirmation.find_intent(world, call, intent_id)
    if intent["status"] != "requires_capture":
        raise _unexpected_state("capture", "captured", intent, ("requires_capture",))
    amount = read.integer(call.params, "amount_to_capture", intent["amount_capturable"])
    if not 0 < amount <= intent["amount_capturable"]:
        message = f"The amount to capture, {amount}, must be between 1 and {intent['amount_capturable']}."
        raise StripeError(message, code="amount_too_large", param="amount_to_capture")
    fee = _fee(call, amount) if "application_fee_amount" in call.params else intent["application_fee_amount"]
    charge = charges.retrieve(world, call, intent["latest_charge"])
    charges.settle(world, call, charge, amount, fee)
    emit(world, call, "charge.captured", charge, call.account)
    intent["metadata"] = intent["metadata"] | read.metadata(call.params)
    return confirmation.succeed(world, call, intent, amount)


def _new_intent(call: Call, amount: int, currency: str, fee: int | None) -> Object:
    params = call.params
    allowed = params.get("allowed_payment_method_types")
    intent = base("pi", "payment_intent")
    return intent | {
        "allowed_payment_method_types": allowed,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": "ca_demo" if fee else None,
        "application_fee_amount": fee,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": read.choice(
            params, "capture_method", ("automatic", "automatic_async", "manual"), "automatic_async"
        ),
        "client_secret": f"{intent['id']}_secret_{secrets.token_hex(12)}",
        "confirmation_method": read.choice(
            params, "confirmation_method", ("automatic", "manual"), "automatic"
        ),
        "currency": currency,
        "customer": read.text(params, "customer"),
        "customer_account": None,
        "description": read.text(params, "description", 1000),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": read.metadata(params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {
            "installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic",
        }},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": read.text(params, "receipt_email"),
        "review": None,
        "setup_future_usage": _usage(params),
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": read.text(params, "statement_descriptor_suffix", 22),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }  # fmt: skip


def _usage(params: read.Params) -> str | None:
    """What its card may be used for later; an empty value takes that back."""
    return read.choice(params, "setup_future_usage", USAGES) if params.get("setup_future_usage") else None


def _amount(params: read.Params) -> tuple[int, str]:
    amount = read.integer(params, "amount")
    currency = read.text(params, "currency") or ""
    if currency.lower() not in CURRENCIES:
        message = f"Invalid currency: {currency}. Stripe currently supports these currencies: {CURRENCIES}"
        raise StripeError(message, param="currency")
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise StripeError(message, code="parameter_invalid_integer", param="amount")
    if amount < SMALLEST:
        message = f"Amount must be at least $0.50 {currency.lower()}"
        raise StripeError(message, code="amount_too_small", param="amount")
    if amount > 99_999_999:
        raise StripeError("Amount must be no more than $999,999.99", code="amount_too_large", param="amount")
    allowed = params.get("allowed_payment_method_types")
    if allowed is not None and (not isinstance(allowed, list) or "card" not in allowed):
        message = "No valid payment method types for this Payment Intent: the demo takes cards only."
        raise StripeError(message, param="allowed_payment_method_types")
    return amount, currency.lower()


def _fee(call: Call, amount: int) -> int | None:
    if "application_fee_amount" not in call.params:
        return None
    fee = read.integer(call.params, "application_fee_amount")
    if call.account == PLATFORM:
        message = (
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment "
            "(using an OAuth key or Stripe-Account header) or destination payment (using `transfer_data`)."
        )
        raise StripeError(message, param="application_fee_amount")
    if fee < 1:
        message = "This value must be greater than or equal to 1."
        raise StripeError(message, code="parameter_invalid_integer", param="application_fee_amount")
    if fee >= amount:
        raise StripeError(
            "Your application fee must be less than the amount of the charge.", param="application_fee_amount"
        )
    return fee


def _unexpected_state(verb: str, done: str, intent: Object, allowed: tuple[str, ...]) -> StripeError:
    return StripeError(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a "
        f"PaymentIntent with one of the following statuses may be {done}: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        payment_intent=public(intent),
    )

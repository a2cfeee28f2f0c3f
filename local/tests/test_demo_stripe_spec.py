"""The checker itself: it must find what Stripe would refuse, or the green of every other test means nothing."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import stripe
import typing_extensions

from local.testing.data.trim_stripe_spec import OPERATIONS
from local.testing.stripe_spec import stripe_spec, typed, unflattened

HEADERS = {
    "Stripe-Version": stripe.api_version,
    "Idempotency-Key": "pp-pi-1",
    "Content-Type": "application/x-www-form-urlencoded",
}
GOOD = (
    "amount=5000&currency=aud&application_fee_amount=125&allowed_payment_method_types[0]=card&metadata[a]=b"
)


def create_problems(body: str, **headers: str) -> list[str]:
    return stripe_spec().request_problems("POST", "/v1/payment_intents", "", body, HEADERS | headers)


def test_the_description_is_of_the_librarys_release():
    assert stripe_spec().version == stripe.api_version


@pytest.mark.parametrize("operation", [name for name, params in OPERATIONS.items() if params])
def test_the_description_knows_no_parameter_that_the_library_does_not(operation):
    module, _, name = OPERATIONS[operation].rpartition(".")
    library = getattr(importlib.import_module(module), name)
    assert typing_extensions.is_typeddict(library)

    known = set(stripe_spec().parameter_names(*operation.split()))

    assert known - {"client_secret"} <= set(library.__annotations__)


def test_a_good_request_has_no_problems():
    assert create_problems(GOOD) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (GOOD + "&payment_method_types[0]=card", "'payment_method_types' was unexpected"),
        (GOOD.replace("amount=5000&", ""), "'amount' is a required property"),
        (GOOD.replace("amount=5000", "amount=50.00"), "amount: '50.00' is not of type 'integer'"),
        (GOOD + "&capture_method=later", "capture_method: 'later' is not one of"),
        (GOOD + "&payment_method_options[card][colour]=red", "'colour' was unexpected"),
        (GOOD + "&description=" + "x" * 1001, "description: "),
    ],
)
def test_a_wrong_parameter_is_found(body, problem):
    assert problem in "; ".join(create_problems(body))


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Stripe-Version": "2026-08-26.dahlia"}, "Stripe-Version is '2026-08-26.dahlia'"),
        ({"Idempotency-Key": ""}, "a POST without Idempotency-Key"),
        ({"Content-Type": "application/json"}, "Content-Type is 'application/json'"),
    ],
)
def test_a_wrong_header_is_found(headers, problem):
    assert problem in "; ".join(create_problems(GOOD, **headers))


def test_an_unknown_operation_is_found():
    assert stripe_spec().request_problems("GET", "/v1/flowers", "", "", HEADERS) == [
        "no such operation: GET /v1/flowers"
    ]


def test_a_parameter_of_a_list_is_checked():
    problems = stripe_spec().request_problems("GET", "/v1/refunds", "limit=ten&colour=red", "", HEADERS)

    assert "'colour' was unexpected" in problems[0] + problems[1]
    assert "limit: 'ten' is not of type 'integer'" in problems[0] + problems[1]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"status": "paid"}, "status: 'paid' is not one of"),
        ({"amount": "5000"}, "amount: '5000' is not of type 'integer'"),
        ({"colour": "red"}, "'colour' was unexpected"),
        ({"id": None}, "id: None is not of type 'string'"),
        ({"last_payment_error": {"type": "bad_luck"}}, "last_payment_error.type: 'bad_luck' is not one of"),
    ],
)
def test_a_wrong_answer_is_found(stripe_world, stripe_client, changes, problem):
    params: Any = {"amount": 5000, "currency": "aud"}
    intent = stripe_client.v1.payment_intents.create(params, {"stripe_account": stripe_world.account})
    (good,) = stripe_world.intents()
    path = f"/v1/payment_intents/{intent.id}"

    assert stripe_spec().answer_problems("GET", path, 200, good) == []
    assert problem in "; ".join(stripe_spec().answer_problems("GET", path, 200, good | changes))


def test_an_error_must_have_stripes_shape():
    path = "/v1/payment_intents/pi_1"

    assert stripe_spec().answer_problems("GET", path, 404, {"error": {"type": "invalid_request_error"}}) == []
    assert stripe_spec().answer_problems("GET", path, 404, {"error": "not found"}) != []


def test_form_text_becomes_what_the_schema_asks_for():
    nested = unflattened("created[gte]=5&types[0]=a&types[1]=b&limit=3&expand[]=data.x&flag=true")
    schema = {
        "type": "object",
        "properties": {
            "created": {
                "anyOf": [{"type": "object", "properties": {"gte": {"type": "integer"}}}, {"type": "integer"}]
            },
            "limit": {"type": "integer"},
            "flag": {"type": "boolean"},
        },
    }

    assert typed(schema, nested) == {
        "created": {"gte": 5}, "types": ["a", "b"], "limit": 3, "expand": ["data.x"], "flag": True,
    }  # fmt: skip

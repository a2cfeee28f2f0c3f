"""Answers of the API against its own OpenAPI description: status, error code and every field."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

Json = Any
ERROR_NAMES = {"success", "error", "message", "code", "statusCode"}
MAY_BE_ADDED = {"VALIDATION_FAILED": {"fields"}, "SLOT_UNAVAILABLE": {"alternatives"}}
FORMS = {"uuid": r"[0-9a-fA-F-]{36}", "date": "[^/]+"}


@lru_cache(maxsize=1)
def description() -> Json:
    """The schema as the product generates it, made strict: what it does not describe is not allowed."""
    return _strict(
        json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
    )


def _strict(node: Json) -> Json:
    """OpenAPI 3.0 to JSON Schema for Python: `nullable` is a type, `$` the very end, and objects are closed."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: _strict(value) for name, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        node.setdefault("additionalProperties", False)
    if isinstance(node.get("pattern"), str):
        node["pattern"] = re.sub(r"\$$", r"\\Z", node["pattern"])
    if node.pop("nullable", False) is True:
        node = {"anyOf": [node, {"type": "null"}]}
    return node


XML = "text/xml"  # which Twilio wants


def operation(method: str, path: str) -> Json | None:
    """What is described for a request, or None."""
    for template, operations in description()["paths"].items():
        found = next(iter(operations.values()))
        forms = {
            p["name"]: FORMS.get(p["schema"].get("format", ""), "[-a-zA-Z0-9_]+")
            for p in found.get("parameters", [])
        }
        pattern = re.sub(r"\{(\w+)\}", lambda name, forms=forms: forms[name[1]], template)
        if re.fullmatch(pattern, path):
            return operations.get(
                method.lower(), {"responses": {"405": next(iter(operations.values()))["responses"]["405"]}}
            )
    return None


def problems(method: str, path: str, response: Any) -> list[str]:
    """What is wrong with an answer; empty if it is as described."""
    status, found = response.status_code, []
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    body = json.loads(response.content) if response.content and kind != XML else None
    if status >= 400:
        found += error_problems(status, body, response.headers)
    described = operation(method, path)
    if described is None:
        return (
            found
            if status in (400, 404)
            else [*found, f"{method} {path} answers {status} and is not described"]
        )
    answer = described["responses"].get(str(status))
    if answer is None:
        return [*found, f"{status} is not described"]
    if status >= 400 and body["code"] not in re.split(r"\W+", answer["description"]):
        found.append(f"{body['code']} is not described for {status}: {answer['description']}")
    if XML in answer.get("content", {}):
        return found if kind == XML else [*found, f"{kind} instead of {XML}"]
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [*found, f"{status} must have no body"] if body else found
    return found + [f"{e.json_path}: {e.message}" for e in _validator(json.dumps(schema)).iter_errors(body)]


def error_problems(status: int, body: Json, headers: Any) -> list[str]:
    """Whether an error has the one shape, agrees with itself and says when to come back."""
    if not isinstance(body, dict) or not set(body) >= ERROR_NAMES:
        return [f"not the error shape: {body!r}"]
    found = []
    more = set(body) - ERROR_NAMES
    if more != MAY_BE_ADDED.get(body["code"], set()):
        found.append(f"{body['code']} comes with {more or 'nothing'}")
    if body["success"] is not False or body["statusCode"] != status:
        found.append(f"success {body['success']}, statusCode {body['statusCode']} under {status}")
    if not re.fullmatch(r"[A-Z].{5,200}[.?]", body["message"]):
        found.append(f"not a sentence: {body['message']!r}")
    if status in (429, 503) and not headers.get("Retry-After", "").isdigit():
        found.append("without Retry-After")
    if status == 401 and headers.get("WWW-Authenticate", headers.get("Www-Authenticate")) != "Bearer":
        found.append("without WWW-Authenticate")
    if not headers.get("Content-Type", "").startswith("application/json"):
        found.append("not application/json")
    return found


_formats = FormatChecker(["date", "uuid", "email"])


@_formats.checks("date-time", raises=ValueError)
def _is_instant(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


@lru_cache(maxsize=100)
def _validator(schema: str) -> Draft202012Validator:
    whole = {**json.loads(schema), "components": description()["components"]}
    return Draft202012Validator(whole, format_checker=_formats)


def is_allowed(described: Json, place: str, value: Any) -> bool:
    """Whether an operation takes this value of a parameter, or of a field of its body ("customer.phone")."""
    found = [p["schema"] for p in described.get("parameters", []) if p["name"] == place]
    schema = found[0] if found else _of_body(described, place)
    return fits(schema, value)


def fits(schema: Json, value: Any) -> bool:
    """Whether a value is as described."""
    return bool(_validator(json.dumps(schema)).is_valid(value))


def _of_body(described: Json, place: str) -> Json:
    schema = body_of(described)
    for name in place.split("."):
        schema = next(
            one["properties"][name] for one in alternatives(schema) if name in one.get("properties", {})
        )
    return schema


def body_of(described: Json) -> Json:
    return described["requestBody"]["content"]["application/json"]["schema"]


def alternatives(schema: Json) -> list[Json]:
    """The components that a schema allows: itself, or those that it names."""
    if "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("anyOf", schema.get("allOf"))  # `allOf` holds one, beside words about it
    return [one for kind in kinds for one in alternatives(kind)] if kinds else [schema]


class CheckedClient:
    """Sends through Django's test client as a stranger's program would, and checks every answer."""

    def __init__(self, client: Any) -> None:
        self.client = client
        client.raise_request_exception = False

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """`body`: bytes as they are, anything else as JSON; headers as keyword arguments."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = sent.pop("content-type", "application/json")
        response = self.client.generic(method, path, raw, content_type=content_type, headers=sent)
        wrong = problems(method, path.partition("?")[0], response)
        assert not wrong, f"{method} {path} -> {response.status_code} {response.content[:500]!r}: {wrong}"
        return response

"""Checks requests and answers against Stripe's published OpenAPI description.

`data/stripe_openapi.json` holds the operations that PeepoPay uses, of the release it uses. Stricter than the
description itself: parameters and fields that it does not know are reported, at every depth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DESCRIPTION = Path(__file__).parent / "data" / "stripe_openapi.json"
BASE = "urn:stripe"
Json = dict[str, Any]


class StripeSpec:
    """`request_problems` and `answer_problems` return sentences; an empty list means all is well."""

    def __init__(self, path: Path = DESCRIPTION) -> None:
        document = json.loads(path.read_text())
        self.version: str = document["info"]["version"]
        self._document = _as_json_schema(document)
        resource: Resource[Any] = Resource(contents=self._document, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(BASE, resource)
        paths = sorted(self._document["paths"], key=lambda template: template.count("{"))
        self._paths = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z"), path) for path in paths]

    def request_problems(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> list[str]:
        """`headers` must be case-insensitive (as http.server's are) or spelled as Stripe's library does."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"no such operation: {method} {path}"]
        problems = list(self._header_problems(method, path, headers))
        schema = _parameters(operation) if method == "GET" else _body_schema(operation)
        if "multipart/form-data" in str(headers.get("Content-Type")):
            value = parts_of(body)
        elif path.startswith("/v2/") and method == "POST":
            value = json.loads(body or "{}")
        else:
            value = typed(schema, unflattened(query if method == "GET" else body))
        return problems + self._problems(schema, value)

    def answer_problems(self, method: str, path: str, status: int, body: Any) -> list[str]:
        operation = self._operation(method, path)
        if operation is None:
            return []
        answers = operation["responses"]
        content = (answers.get(str(status)) or answers["default"])["content"]
        if path.startswith("/v2/") and status == 200:
            body = _without_nulls(
                body
            )  # v2 schemas name no field as nullable; Stripe answers null for absent parts
        problems = self._problems(content["application/json"]["schema"], body)
        if status == 200 and path.startswith("/v1/events"):
            events = body["data"] if body["object"] == "list" else [body]
            problems += [problem for event in events for problem in self.event_problems(event)]
        return problems

    def event_problems(self, event: Json) -> list[str]:
        """Checks an event, and the object it carries against that object's own schema."""
        obj = event.get("data", {}).get("object", {})
        return self.object_problems("event", event) + self.object_problems(obj.get("object", ""), obj)

    def object_problems(self, kind: str, obj: Json) -> list[str]:
        if kind not in self._document["components"]["schemas"]:
            return [f"no such object: {kind!r}"]
        return self._problems({"$ref": f"{BASE}#/components/schemas/{kind}"}, obj)

    def parameter_names(self, method: str, path: str) -> list[str]:
        """`path` as the description writes it, such as /v1/refunds/{refund}."""
        operation = self._document["paths"][path][method.lower()]
        return list((_parameters(operation) if method == "GET" else _body_schema(operation))["properties"])

    def _operation(self, method: str, path: str) -> Json | None:
        for pattern, template in self._paths:
            if pattern.match(path) and method.lower() in self._document["paths"][template]:
                found: Json = self._document["paths"][template][method.lower()]
                return found
        return None

    def _header_problems(self, method: str, path: str, headers: Mapping[str, str]) -> Iterator[str]:
        if headers.get("Stripe-Version") != self.version:
            yield f"Stripe-Version is {headers.get('Stripe-Version')!r}, not {self.version!r}"
        if method == "POST" and not headers.get("Idempotency-Key"):
            yield "a POST without Idempotency-Key"
        if path == "/v1/files":
            if method == "POST" and not str(headers.get("Content-Type")).startswith("multipart/form-data;"):
                yield "a file that is not sent as multipart/form-data"
            return
        wanted = "application/json" if path.startswith("/v2/") else "application/x-www-form-urlencoded"
        if method == "POST" and headers.get("Content-Type") != wanted:
            yield f"Content-Type is {headers.get('Content-Type')!r}, not {wanted!r}"

    def _problems(self, schema: Json, value: Any) -> list[str]:
        validator = Draft202012Validator(schema, registry=self._registry)
        return [_sentence(error) for error in validator.iter_errors(value)]


@lru_cache(maxsize=1)
def stripe_spec() -> StripeSpec:
    return StripeSpec()


def unflattened(text: str) -> Json:
    """Form text as nested values: `a[b]=1&c[0]=x` -> {"a": {"b": "1"}, "c": ["x"]}."""
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        keys = [name.split("[", 1)[0], *re.findall(r"\[([^\]]*)\]", name)]
        node = root
        for key in keys[:-1]:
            node = node.setdefault(key or str(len(node)), {})
        node[keys[-1] or str(len(node))] = value
    return {key: _lists(value) for key, value in root.items()}


def parts_of(body: str) -> Json:
    """The names in a body of multipart/form-data, with the values of those that are no files."""
    parts = re.findall(
        r'content-disposition: form-data; name="([^"]+)"(; filename="[^"]*")?.*?\r?\n\r?\n(.*?)\r?\n--',
        body,
        re.DOTALL | re.IGNORECASE,
    )
    return {name: "(file)" if filename else value for name, filename, value in parts}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    converted = {key: _lists(item) for key, item in value.items()}
    if converted and all(key.isdigit() for key in converted):
        return [converted[key] for key in sorted(converted, key=int)]
    return converted


def typed(schema: Json, value: Any) -> Any:
    """Form values are strings: makes of them what the schema asks for, where that can be done."""
    if "anyOf" in schema:
        return _typed_by_branches(schema["anyOf"], value)
    kind = schema.get("type")
    if isinstance(value, str):
        return _typed_string(kind, value)
    if isinstance(value, list) and kind == "array":
        return [typed(schema["items"], item) for item in value]
    if isinstance(value, dict) and kind == "object":
        known, rest = schema.get("properties", {}), schema.get("additionalProperties")
        rest = rest if isinstance(rest, dict) else {}
        return {key: typed(known.get(key, rest), item) for key, item in value.items()}
    return value


def _typed_by_branches(branches: list[Json], value: Any) -> Any:
    for branch in branches:
        result = typed(branch, value)
        if not isinstance(result, str) or (
            branch.get("type") == "string" and value in branch.get("enum", [value])
        ):
            return result
    return value


def _typed_string(kind: str | None, value: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _parameters(operation: Json) -> Json:
    parameters = operation["parameters"]
    return {
        "type": "object",
        "properties": {parameter["name"]: parameter["schema"] for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter.get("required")],
        "additionalProperties": False,
    }


def _body_schema(operation: Json) -> Json:
    (content,) = operation["requestBody"]["content"].values()
    schema: Json = content["schema"]
    return schema


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: `nullable` becomes a branch, references absolute, objects closed."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if isinstance(schema.get("$ref"), str):
        schema["$ref"] = BASE + schema["$ref"]
    if schema.get("type") == "object" and schema.get("properties") and "additionalProperties" not in schema:
        schema["additionalProperties"] = False
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") is True else schema


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(item) for key, item in value.items() if item is not None}


def _sentence(error: ValidationError) -> str:
    """The deepest cause of a failed `anyOf`, and where it is."""
    where = list(error.absolute_path)
    while error.context:
        error = max(error.context, key=lambda cause: len(cause.absolute_path))
        where = list(error.absolute_path) or where
    return f"{'.'.join(map(str, where)) or '(root)'}: {error.message[:300]}"

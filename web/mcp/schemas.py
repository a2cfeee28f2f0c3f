"""JSON Schemas of what tools take, made of the serializers that judge it: the API's own description of them, with its
references filled in."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers
from rest_framework.views import APIView

COMPONENTS = "#/components/schemas/"


@cache
def schema_of(serializer_class: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    describing = AutoSchema()
    describing.registry, describing.method = ComponentRegistry(), "POST"
    describing.view = APIView(
        request=None, format_kwarg=None
    )  # the fields have no need of one; it asks for it
    return dict(_filled_in(describing._map_serializer(serializer_class(), "request"), describing.registry))


def _filled_in(schema: Any, registry: ComponentRegistry) -> Any:
    if isinstance(schema, list):
        return [_filled_in(part, registry) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        name = reference.removeprefix(COMPONENTS)
        return _filled_in(registry[(name, "schemas")].schema, registry)
    return {key: _filled_in(part, registry) for key, part in schema.items()}

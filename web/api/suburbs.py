"""GET /api/suburbs: what a customer may mean while they type their address."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts import localities
from accounts.places import AustralianState
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import ValidationFailed
from peepopay.freshness import etag_of, fresh_answer
from peepopay.throttling import PublicReads

from .bases import PublicAPI
from .fields import AnyTextField

A_DAY = "public, max-age=86400"


class SuburbsQuery(serializers.Serializer[Any]):
    q = AnyTextField(
        allow_empty=False,
        max_length=80,
        help_text="The beginning of a suburb, or of a postcode, or both: `newt`, `204`, `newtown nsw`.",
    )
    state = serializers.ChoiceField(
        AustralianState.choices, required=False, default="", help_text="Those of this state come first."
    )
    near = AnyTextField(
        max_length=80,
        required=False,
        default="",
        help_text="Of those the nearest to this place come first: `Marrickville NSW`.",
    )


class SuburbSerializer(serializers.Serializer[Any]):
    suburb = serializers.CharField()
    state = serializers.CharField()
    postcode = serializers.CharField()


class SuburbsSerializer(serializers.Serializer[Any]):
    suburbs = SuburbSerializer(
        many=True, help_text="At most eight; none for less than two letters or three digits."
    )


class Suburbs(PublicAPI):
    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="suburbs",
        summary="Suburbs with their postcodes that begin like this",
        parameters=[SuburbsQuery],
        responses={200: SuburbsSerializer, 304: None, **errors(ValidationFailed)},
    )
    def get(self, request: Request) -> HttpResponse:
        """For a list to choose from while the address is typed. No query of the database; may be kept for a day."""
        asked = validated(SuburbsQuery, request.query_params)
        found = localities.suggestions(asked["q"], first=asked["state"], near=asked["near"])
        of_each = [
            {"suburb": place.suburb, "state": place.state, "postcode": place.postcode} for place in found
        ]
        body = orjson.dumps({"suburbs": of_each})
        return fresh_answer(request, body, etag_of(body), A_DAY)

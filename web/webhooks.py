"""POST /webhooks/stripe: verify, store, 200. Everything else happens in a worker."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from payments import inbox
from payments.stripe_gateway import BadSignature, read_event
from peepopay.api_outputs import ErrorSerializer
from peepopay.errors import MalformedRequest, ServiceUnavailable

from .api.bases import PublicAPI

logger = logging.getLogger(__name__)
MOST_BYTES = 256 * 1024  # Stripe's events carry whole objects; the 64 kB of the API would lose some of them


class StripeWebhook(PublicAPI):
    """Stripe's door: the raw body, signed. Stored, seen before and not ours all answer 200; Stripe retries the rest."""

    parser_classes: list[Any] = []

    @extend_schema(
        operation_id="stripe_webhook",
        summary="Events from Stripe",
        parameters=[OpenApiParameter("Stripe-Signature", str, OpenApiParameter.HEADER, required=True)],
        request={"application/json": {"type": "object"}},
        responses={
            200: OpenApiResponse(
                {"type": "object", "properties": {"received": {"type": "boolean"}}}, "Received"
            ),
            400: OpenApiResponse(
                ErrorSerializer, "MALFORMED_REQUEST: not signed by Stripe, or more than 256 kB"
            ),
        },
    )
    def post(self, request: Request) -> Response:
        raw = request._request.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise MalformedRequest("That event is too large; the most is 256 kB.")
        try:
            event = read_event(raw, request.headers.get("Stripe-Signature", ""))
        except BadSignature as problem:
            raise MalformedRequest("The signature does not match.") from problem
        try:
            inbox.store(event)
        except DatabaseError as problem:
            logger.exception("stripe event %s could not be stored", event.id)
            raise ServiceUnavailable from problem
        return Response({"received": True})

"""GET /api/tradies/:slug/statement: what cancelling would cost, before anything is held."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.offers import service_on_offer
from bookings.call_outs import call_out_fee
from bookings.deposit_rules import raised_before_details
from bookings.terms import terms_for
from payments import checkout
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import NotFound, OutsideServiceArea, ValidationFailed
from peepopay.freshness import etag_of, fresh_answer
from peepopay.throttling import PublicReads

from .bases import PublicAPI
from .fields import IdField, InstantField, PatternField


class StatementQuery(serializers.Serializer[Any]):
    service = IdField(help_text="Its id.")
    start = InstantField(help_text="When the job would start.")
    postcode = PatternField(
        r"[0-9]{4}",
        "A postcode has four digits.",
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the job: with it a call-out fee is told of too.",
    )
    hold = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="A booking's token: moving its hold keeps the terms that it was made on.",
    )


class StatementSerializer(serializers.Serializer[Any]):
    policy_statement = serializers.ListField(
        child=serializers.CharField(),
        help_text="Sentences, as the booking would have them if it were made now.",
    )


class PolicyStatement(PublicAPI):
    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="policy_statement",
        summary="What cancelling a booking would cost",
        parameters=[StatementQuery],
        responses={
            200: StatementSerializer,
            304: None,
            **errors(ValidationFailed, NotFound, OutsideServiceArea),
        },
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """In words, for a service at a start. The time may be taken or not on offer: nothing is held, nothing promised.
        It changes as deadlines pass, and with the service; ETag."""
        asked = validated(StatementQuery, request.query_params)
        service = service_on_offer(slug, asked["service"])
        held, _ = checkout.hold_before(asked["hold"], service)
        now = timezone.now()
        raised = None if held else raised_before_details(service, asked["start"], now=now)
        terms = terms_for(service, held or raised)
        sentences = terms.policy_statement(
            asked["start"], service.tradie.timezone, now=now, is_asked=terms.requires_approval
        )
        if raised:
            sentences = [raised.sentence, *sentences]
        if fee := call_out_fee(service.tradie, terms, asked["postcode"]):
            sentences = [fee, *sentences]
        body = orjson.dumps(_statement.to_representation({"policy_statement": sentences}))
        return fresh_answer(request, body, etag_of(body), "private, no-cache")


_statement = StatementSerializer()  # once: see peepopay/api_outputs.py

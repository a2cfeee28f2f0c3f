"""GET /api/tradies/:slug"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import DepositKind, Service, Tradie
from accounts.profiles import profile_of
from payments.connected_accounts import browser_keys
from peepopay.api_schema import errors
from peepopay.errors import NotFound
from peepopay.throttling import PublicReads

from .bases import PublicAPI


class PolicySchema(serializers.Serializer[Any]):
    free_cancellation_hours = serializers.IntegerField(
        help_text="Before the start; until then all comes back."
    )
    late_fee_cents = serializers.IntegerField(help_text="Kept after that.")
    no_refund_hours = serializers.IntegerField(help_text="Before the start; from then on nothing comes back.")
    no_show_fee_cents = serializers.IntegerField()


class QuestionSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]


class ServiceSchema(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    price_cents = serializers.IntegerField(help_text="AUD cents, GST included.")
    price_from = serializers.BooleanField()
    deposit_cents = serializers.IntegerField()
    deposit_kind = serializers.ChoiceField(DepositKind.choices)
    requires_approval = serializers.BooleanField()
    questions = QuestionSchema(many=True)
    policy = PolicySchema()


class StripeSchema(serializers.Serializer[Any]):
    publishable_key = serializers.CharField()
    account = serializers.CharField(help_text="The tradie's own Stripe account.")
    js_url = serializers.URLField(help_text="Where Stripe.js is; load it only at the payment step.")


class TradieSchema(serializers.Serializer[Any]):
    slug = serializers.CharField()
    business_name = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA name; every time of this tradie is in it.")
    phone = serializers.CharField()
    suburb = serializers.CharField()
    state = serializers.CharField()
    licence_number = serializers.CharField()
    abn = serializers.CharField()
    logo_url = serializers.CharField()
    accent_colour = serializers.CharField()
    bookable = serializers.BooleanField()
    stripe = StripeSchema(allow_null=True)
    services = ServiceSchema(many=True)


def booking_terms(tradie: Tradie, services: list[Service]) -> dict[str, Any]:
    """Whether anything can be booked, and the keys that paying needs."""
    stripe = browser_keys(tradie.pk)
    return {"bookable": any(stripe or not service.deposit_cents for service in services), "stripe": stripe}


class TradieProfile(PublicAPI):
    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="tradie",
        summary="A tradie and what they sell",
        responses={200: TradieSchema, 304: None, **errors(NotFound)},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The public profile with the active services, in the tradie's order. Cached 10 min; ETag."""
        profile = profile_of(slug, booking_terms)
        unchanged = request.headers.get("If-None-Match") == profile.etag
        response = HttpResponse(
            b"" if unchanged else profile.body,
            status=304 if unchanged else 200,
            content_type="application/json",
        )
        response["ETag"] = profile.etag
        response["Cache-Control"] = "public, no-cache"
        return response

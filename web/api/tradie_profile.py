"""GET /api/tradies/:slug"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Offering:
    """A tradie with what they sell, in their order. `stripe`: the keys that paying needs, or None."""

    tradie: Tradie
    services: list[Service]
    stripe: dict[str, str] | None

    @property
    def bookable(self) -> bool:
        return any(self.stripe or not service.deposit_cents for service in self.services)


class PolicySerializer(serializers.Serializer[Any]):
    free_cancellation_hours = serializers.IntegerField(
        help_text="Before the start; until then all comes back."
    )
    late_fee_cents = serializers.IntegerField(help_text="Kept after that.")
    no_refund_hours = serializers.IntegerField(help_text="Before the start; from then on nothing comes back.")
    no_show_fee_cents = serializers.IntegerField()


class QuestionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]


class ServiceSerializer(serializers.Serializer[Service]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    price_cents = serializers.IntegerField(help_text="AUD cents, GST included.")
    price_from = serializers.BooleanField()
    deposit_cents = serializers.IntegerField()
    deposit_kind = serializers.ChoiceField(DepositKind.choices)
    requires_approval = serializers.BooleanField()
    questions = QuestionSerializer(many=True)
    policy = PolicySerializer()


class StripeKeysSerializer(serializers.Serializer[Any]):
    publishable_key = serializers.CharField()
    account = serializers.CharField(help_text="The tradie's own Stripe account.")
    js_url = serializers.URLField(help_text="Where Stripe.js is; load it only at the payment step.")


class TradieSerializer(serializers.Serializer[Offering]):
    slug = serializers.CharField(source="tradie.slug")
    business_name = serializers.CharField(source="tradie.business_name")
    timezone = serializers.CharField(
        source="tradie.timezone", help_text="IANA name; every time of this tradie is in it."
    )
    phone = serializers.CharField(source="tradie.phone")
    suburb = serializers.CharField(source="tradie.suburb")
    state = serializers.CharField(source="tradie.state")
    licence_number = serializers.CharField(source="tradie.licence_number")
    abn = serializers.CharField(source="tradie.abn")
    logo_url = serializers.CharField(source="tradie.logo_url")
    accent_colour = serializers.CharField(source="tradie.accent_colour")
    bookable = serializers.BooleanField()
    stripe = StripeKeysSerializer(allow_null=True)
    services = ServiceSerializer(many=True)


_offering = TradieSerializer()  # once: see peepopay/api_answers.py


def profile_answer(tradie: Tradie, services: list[Service]) -> dict[str, Any]:
    return _offering.to_representation(Offering(tradie, services, browser_keys(tradie.pk)))


class TradieProfile(PublicAPI):
    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="tradie",
        summary="A tradie and what they sell",
        responses={200: TradieSerializer, 304: None, **errors(NotFound)},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The public profile with the active services, in the tradie's order. Cached 10 min; ETag."""
        profile = profile_of(slug, profile_answer)
        unchanged = request.headers.get("If-None-Match") == profile.etag
        response = HttpResponse(
            b"" if unchanged else profile.body,
            status=304 if unchanged else 200,
            content_type="application/json",
        )
        response["ETag"] = profile.etag
        response["Cache-Control"] = "public, no-cache"
        return response

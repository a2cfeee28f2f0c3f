"""How a payment is described to the browser."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from payments.deposits import Offer
from peepopay.local_time import iso
from peepopay.money import CURRENCY


class PaymentSchema(serializers.Serializer[Any]):
    client_secret = serializers.CharField()
    publishable_key = serializers.CharField()
    account = serializers.CharField()
    amount_cents = serializers.IntegerField()
    currency = serializers.CharField(default="aud")
    expires_at = serializers.DateTimeField(help_text="When the hold lapses unless it is paid.")


def payment_body(offer: Offer, zone_name: str) -> dict[str, Any]:
    """The `payment` object of the API."""
    return {
        "client_secret": offer.client_secret,
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "account": offer.account_id,
        "amount_cents": offer.amount_cents,
        "currency": CURRENCY,
        "expires_at": iso(offer.expires_at, zone_name),
    }

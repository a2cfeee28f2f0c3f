"""How a payment is described to the browser."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PaymentSchema(serializers.Serializer[Any]):
    client_secret = serializers.CharField()
    publishable_key = serializers.CharField()
    account = serializers.CharField()
    amount_cents = serializers.IntegerField()
    currency = serializers.CharField(default="aud")
    expires_at = serializers.DateTimeField(help_text="When the hold lapses unless it is paid.")

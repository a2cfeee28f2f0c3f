"""How a payment is described to the browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from payments.card_consents import Asked
from payments.deposits import Offer
from peepopay.api_outputs import LocalTimeField
from peepopay.local_time import in_zone
from peepopay.money import CURRENCY


@dataclass(frozen=True)
class PayableOffer:
    """A deposit to be paid, on the tradie's clock."""

    offer: Offer
    timezone: str
    currency: str = CURRENCY

    @property
    def publishable_key(self) -> str:
        return settings.STRIPE_PUBLISHABLE_KEY

    @property
    def expires_at(self) -> datetime:
        return in_zone(self.offer.expires_at, self.timezone)


class ConsentSerializer(serializers.Serializer[Asked]):
    text = serializers.CharField(help_text="Word for word what the customer agrees to by ticking its box.")
    cap_cents = serializers.IntegerField(help_text="The most that may be charged.")
    required = serializers.BooleanField(  # type: ignore[assignment]
        help_text="Without it nothing can be paid: `client_secret` is empty until it is given."
    )
    given = serializers.BooleanField()


class PaymentSerializer(serializers.Serializer[PayableOffer]):
    client_secret = serializers.CharField(source="offer.client_secret")
    publishable_key = serializers.CharField()
    account = serializers.CharField(source="offer.account_id")
    amount_cents = serializers.IntegerField(
        source="offer.amount_cents",
        help_text="0: nothing is paid. A card is only saved; `client_secret` is a SetupIntent's.",
    )
    currency = serializers.CharField()
    expires_at = LocalTimeField(help_text="When the hold lapses unless it is paid.")
    extendable = serializers.BooleanField(
        source="offer.extendable", help_text="Whether `/api/payments/extension` makes the hold last longer."
    )
    consent = ConsentSerializer(
        source="offer.consent",
        allow_null=True,
        help_text="Whether their card may be charged for a no-show; null: it is not asked for.",
    )


_payment = PaymentSerializer()  # once: see peepopay/api_outputs.py


def payment_answer(offer: Offer, zone_name: str) -> dict[str, Any]:
    """The `payment` object of the API."""
    return _payment.to_representation(PayableOffer(offer, zone_name))

"""What a customer may send: every field bounded, phone numbers made one form."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils import timezone
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from accounts.places import AustralianState
from bookings.details import Details
from bookings.models import Booking
from bookings.terms import Terms
from peepopay.phone_column import NOT_A_NUMBER

# Control characters and line breaks have no place in a name or an address, nor in the subject of a mail.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
EARLIEST, LATEST = 2000, 2200


class LineField(serializers.CharField):
    """One line of text."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if _CONTROL.search(text):
            raise serializers.ValidationError("Please use one line of plain text.")
        return text


class PhoneField(PhoneNumberField):
    """An Australian number, mobile or landline, or a foreign one with its + prefix; answers E.164."""

    default_error_messages = {"invalid": NOT_A_NUMBER}

    def to_internal_value(self, data: Any) -> str:
        number: str = super().to_internal_value(data).as_e164
        return number


class InstantField(serializers.DateTimeField):
    """ISO 8601 with a UTC offset; a time without one could mean two."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40:
            raise serializers.ValidationError(
                "Use ISO 8601 with an offset, such as 2027-01-14T08:00:00+11:00."
            )
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or timezone.is_naive(instant):
            raise serializers.ValidationError(
                "Use ISO 8601 with an offset, such as 2027-01-14T08:00:00+11:00."
            )
        if not EARLIEST < instant.year < LATEST:
            raise serializers.ValidationError("That date is too far away.")
        return instant


class CustomerInput(serializers.Serializer[Any]):
    name = LineField(max_length=120)
    email = serializers.EmailField(max_length=254)
    phone = PhoneField(max_length=40)


class AddressInput(serializers.Serializer[Any]):
    line1 = LineField(max_length=200)
    suburb = LineField(max_length=80)
    state = serializers.ChoiceField(AustralianState.choices)
    postcode = serializers.RegexField(
        r"^[0-9]{4}\Z", error_messages={"invalid": "A postcode has four digits."}
    )


class BookingInput(serializers.Serializer[Any]):
    """Anything else that is sent (a price, a status, an end) is not looked at."""

    tradie = serializers.SlugField(max_length=60)
    service = serializers.UUIDField()
    start = InstantField()
    customer = CustomerInput()
    address = AddressInput()
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    answers = serializers.DictField(
        child=serializers.CharField(max_length=1000, allow_blank=True), required=False, default=dict
    )
    calendar = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Who is to come; without it, any who can do it.",
    )
    hold = serializers.CharField(max_length=64, required=False, allow_null=True, default=None)


def details_of(sent: dict[str, Any], terms: Terms, held: Booking | None = None) -> Details:
    """The validated body as a booking's details; answers are kept only to questions that were asked.

    A hold that moves keeps its questions: what was answered then counts where the form no longer asks it.
    Raises serializers.ValidationError where a required answer is missing.
    """
    given = {**(held.answers if held else {}), **sent["answers"]}
    answers = {question.id: given.get(question.id, "").strip() for question in terms.questions}
    missing = {
        question.id: ["Please answer this question."]
        for question in terms.questions
        if question.required and not answers[question.id]
    }
    if missing:
        raise serializers.ValidationError({"answers": missing})
    customer, address = sent["customer"], sent["address"]
    return Details(
        name=customer["name"],
        email=customer["email"].lower(),
        phone=customer["phone"],
        line1=address["line1"],
        suburb=address["suburb"],
        state=address["state"],
        postcode=address["postcode"],
        notes=sent["notes"],
        answers={key: value for key, value in answers.items() if value},
    )


class ChangeInput(serializers.Serializer[Any]):
    """One of: status confirmed ("I have paid"), status cancelled, or a new start."""

    status = serializers.ChoiceField(["confirmed", "cancelled"], required=False)
    start = InstantField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("status" in attrs) == ("start" in attrs):
            raise serializers.ValidationError("Send either a status or a start.")
        return attrs

"""What a customer may send: every field bounded, phone numbers made one form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from accounts import localities
from accounts.places import AustralianState
from bookings.details import Details
from bookings.models import Booking
from bookings.terms import Terms
from peepopay.phone_column import NOT_A_NUMBER

from .fields import AnyTextField, EmailField, IdField, InstantField, LineField, PatternField, TextField


class PhoneField(TextField, PhoneNumberField):
    """An Australian number, mobile or landline, or a foreign one with its + prefix; answers E.164."""

    default_error_messages = {"invalid": NOT_A_NUMBER}

    def to_internal_value(self, data: Any) -> str:
        if self.max_length and len(data) > self.max_length:  # as it was typed; kept it is shorter
            self.fail("max_length", max_length=self.max_length)
        number: str = PhoneNumberField.to_internal_value(self, data).as_e164
        return number


class CustomerInput(serializers.Serializer[Any]):
    name = LineField(max_length=120)
    email = EmailField(max_length=254)
    phone = PhoneField(max_length=40, help_text="Australian, or with its country's + prefix.")


class AddressInput(serializers.Serializer[Any]):
    line1 = LineField(max_length=200)
    suburb = LineField(max_length=80)
    state = serializers.ChoiceField(AustralianState.choices)
    postcode = PatternField(r"[0-9]{4}", "A postcode has four digits.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if wrong := localities.problems(**{name: attrs[name] for name in ("suburb", "state", "postcode")}):
            raise serializers.ValidationError(wrong)
        return attrs


class OnSiteInput(serializers.Serializer[Any]):
    name = LineField(max_length=120)
    phone = PhoneField(
        max_length=40, required=False, default="", help_text="An Australian mobile gets texts."
    )


class BookingInput(serializers.Serializer[Any]):
    """Anything else that is sent (a price, a status, an end) is not looked at."""

    tradie = PatternField(r"[-a-zA-Z0-9_]+", "This isn't the name of a business.", max_length=60)
    service = IdField()
    start = InstantField(help_text="One of the times on offer.")
    customer = CustomerInput()
    address = AddressInput()
    notes = AnyTextField(max_length=2000, required=False, default="")
    on_site = OnSiteInput(
        required=False, allow_null=True, default=None, help_text="Who is home, if it isn't the customer."
    )
    access_notes = AnyTextField(
        max_length=500, required=False, default="", help_text="How to get in: where the key is, a gate code."
    )
    answers = serializers.DictField(
        child=AnyTextField(max_length=1000),
        required=False,
        default=dict,
        help_text="To the service's questions, by their ids; to a required one some text, to one with `choices` one of"
        " them, to one for photos what they are called. Others are not kept.",
    )
    deposit_cents = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=100_000_000,
        help_text="What the customer was shown is due now. Where rules of the business ask for more, nothing is held"
        " and the answer is DEPOSIT_CHANGED with the amount to agree to.",
    )
    call_out_fee_cents = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=100_000_000,
        help_text="The call-out fee that the customer was shown. Where the address has a higher one, nothing is held"
        " and the answer is CALL_OUT_FEE with the amount to agree to.",
    )
    calendar = IdField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Who is to come; without it, any who can do it.",
    )
    hold = AnyTextField(
        max_length=64,
        required=False,
        allow_null=True,
        default=None,
        help_text="The token of a booking that is still to be paid: it moves, instead of a second one.",
    )


def details_of(sent: dict[str, Any], terms: Terms, held: Booking | None = None) -> Details:
    """The validated body as a booking's details; answers are kept only to questions that were asked.

    A hold that moves keeps its questions: what was answered then counts where the form no longer asks it.
    Raises serializers.ValidationError where a required answer is missing, or none of those to choose from.
    """
    given = {**(held.answers if held else {}), **sent["answers"]}
    answers = {question.id: given.get(question.id, "").strip() for question in terms.questions}
    wrong = {
        question.id: [said]
        for question in terms.questions
        if (said := question.what_is_wrong_with(answers[question.id]))
    }
    if wrong:
        raise serializers.ValidationError({"answers": wrong})
    customer, address, on_site = sent["customer"], sent["address"], sent["on_site"] or {}
    return Details(
        name=customer["name"],
        email=customer["email"].lower(),
        phone=customer["phone"],
        line1=address["line1"],
        suburb=address["suburb"],
        state=address["state"],
        postcode=address["postcode"],
        notes=sent["notes"],
        site_name=on_site.get("name", ""),
        site_phone=on_site.get("phone", ""),
        access_notes=sent["access_notes"].strip(),
        answers={key: value for key, value in answers.items() if value},
    )


class ChangeInput(serializers.Serializer[Any]):
    """One of: status confirmed ("I have paid"), status cancelled, or a new start."""

    status = serializers.ChoiceField(["confirmed", "cancelled"], required=False)
    start = InstantField(required=False)
    reason = AnyTextField(max_length=500, required=False, default="", help_text="Of cancelling.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("status" in attrs) == ("start" in attrs):
            raise serializers.ValidationError("Send either a status or a start.")
        return attrs


class DescribeChange(OpenApiSerializerExtension):
    """Says in the API's description what `ChangeInput.validate` says."""

    target_class = ChangeInput

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        described = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**described, "oneOf": [{"required": ["status"]}, {"required": ["start"]}]}

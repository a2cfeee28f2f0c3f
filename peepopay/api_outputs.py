"""How answers of the API are made: serializers say what an answer has and fill it in from an object.

A serializer that answers is made once and kept: `to_representation` changes nothing of it, and copying its fields for
every answer would cost eight times what filling them in does (0.6 ms for a booking, against 0.07).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from rest_framework import serializers

from .errors import Alternative, AppError
from .phone import as_written

Result = TypeVar("Result")


class LocalTimeField(serializers.DateTimeField):
    """An instant, told with the UTC offset that it comes with: that of the tradie's zone."""

    def to_representation(self, value: datetime) -> str:
        return value.isoformat(timespec="seconds")


class BriefSerializer(serializers.Serializer[Result]):
    # Leaves out what need not be said: a field with `required=False` that has nothing to tell. (No docstring: the
    # description of the API would repeat it for every answer.)

    def to_representation(self, instance: Result) -> dict[str, Any]:
        answer = super().to_representation(instance)
        for name in [name for name, value in answer.items() if value is None]:
            if not self.fields[name].required:
                del answer[name]
        return answer


class WrittenPhoneField(serializers.CharField):
    """E.164, given out the way Australians write it."""

    def to_representation(self, value: str) -> str:
        return as_written(value)


class SlotSerializer(serializers.Serializer[Alternative]):
    start = LocalTimeField(source="starts", help_text="ISO 8601 with the tradie's UTC offset.")
    end = LocalTimeField(source="ends")


class ChallengeSerializer(serializers.Serializer[Any]):
    script_url = serializers.URLField(help_text="Of a script as those of Turnstile and hCaptcha.")
    site_key = serializers.CharField(help_text="Which it needs to show the challenge.")


class ErrorSerializer(serializers.Serializer[AppError]):
    """The one shape of every error. `message` can be shown to people; programs switch on `code`."""

    success = serializers.BooleanField(help_text="false")
    error = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()
    statusCode = serializers.IntegerField(source="status")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Of VALIDATION_FAILED.",
    )
    alternatives = SlotSerializer(
        many=True, required=False, help_text="Of SLOT_UNAVAILABLE: the nearest free times."
    )
    deposit_cents = serializers.IntegerField(
        required=False, help_text="Of DEPOSIT_CHANGED: send it along to agree to it."
    )
    call_out_fee_cents = serializers.IntegerField(
        required=False, help_text="Of CALL_OUT_FEE: send it along to agree to it."
    )
    price_cents = serializers.IntegerField(required=False, help_text="Of CALL_OUT_FEE: the price with it.")
    challenge = ChallengeSerializer(
        required=False,
        help_text="Of CHALLENGE_ASKED: its answer goes into `Form-Check`, with the same request.",
    )


_error = ErrorSerializer()


def error_answer(error: AppError) -> dict[str, Any]:
    """The JSON body of an error."""
    return _error.to_representation(error)

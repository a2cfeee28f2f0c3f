"""What people of a business may ask about its bookings, and change of one."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.job_lists import NEVER_BOOKED
from bookings.models import Status
from peepopay.pages import MOST_PAGES

from .booking_inputs import ChangeInput
from .fields import AnyTextField, InstantField

DAY = r"^2[01][0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
LISTED = [choice for choice in Status.choices if choice[0] not in NEVER_BOOKED]
TO_BECOME = (Status.CONFIRMED, Status.DECLINED, Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW)


@extend_schema_field({"type": "string", "format": "date", "pattern": DAY})
class DayField(serializers.Field[date, str, str, Any]):
    """A date on the business's clock, in two centuries of ours."""

    default_error_messages = {"invalid": "Use a date such as 2027-01-14."}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(DAY.removesuffix("$"), data):
            self.fail("invalid")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")


class PageField(serializers.IntegerField):
    """From 1, in plain digits."""

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", data, re.ASCII):
            self.fail("invalid")
        return super().to_internal_value(data)


class PageQuery(serializers.Serializer[Any]):
    page = PageField(min_value=1, max_value=MOST_PAGES, required=False, help_text="From 1.")


class JobsQuery(PageQuery):
    status = serializers.ChoiceField(LISTED, required=False)
    q = AnyTextField(
        max_length=80, required=False, help_text="Words that are in name, phone, email, suburb or reference."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python's own."""
        days = {
            "from": DayField(required=False, help_text="The first day of those that jobs start on."),
            "to": DayField(required=False, help_text="The last of them."),
        }
        return {**super().get_fields(), **days}


class JobChangeInput(serializers.Serializer[Any]):
    """One of: a status (with a reason, if you like), a new start, or your private notes."""

    status = serializers.ChoiceField(
        [(status.value, status.label) for status in TO_BECOME],
        required=False,
        help_text="`confirmed` and `declined` answer a request; a job is `completed` or a `no_show` once it began. Here"
        " a no-show charges nothing: that is done on the booking's page, which shows the figure first.",
    )
    start = InstantField(required=False)
    notes = AnyTextField(max_length=4000, required=False, help_text="Private; answered as `tradie_notes`.")
    reason = AnyTextField(
        max_length=500,
        required=False,
        default="",
        help_text="Of declining or cancelling. The customer reads it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"status", "start", "notes"} & set(attrs)) != 1:
            raise serializers.ValidationError("Send either a status, a start or notes.")
        return attrs


class DescribeJobChange(OpenApiSerializerExtension):
    """Says in the API's description what `JobChangeInput.validate` says."""

    target_class = JobChangeInput

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        described = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**described, "oneOf": [{"required": [name]} for name in ("status", "start", "notes")]}


class AnyChangeInput(serializers.Serializer[Any]):
    """Only to describe an address that customers and the business share."""


class DescribeAnyChange(OpenApiSerializerExtension):
    target_class = AnyChangeInput

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        kinds = [
            auto_schema.resolve_serializer(kind, direction).ref for kind in (ChangeInput, JobChangeInput)
        ]
        return {
            "anyOf": kinds,
            "description": "With a booking's token the first; signed in, the second.",
        }

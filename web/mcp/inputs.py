"""What tools take: the API's fields, by its names."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from web.api.availability_query import FORMS
from web.api.booking_inputs import BookingInput
from web.api.fields import AnyTextField, IdField, InstantField, PatternField

LONGEST_TOKEN = 64


def tradie_field() -> PatternField:
    return PatternField(
        r"[-a-zA-Z0-9_]+", "This isn't the name of a business.", max_length=60, help_text="Its `slug`."
    )


def service_field(help_text: str | None = "Its id.") -> IdField:
    return IdField(
        help_text=help_text,
        error_messages={"invalid": "Use the `id` of a service as find_services answers it."},
    )


class FindInput(serializers.Serializer[Any]):
    words = AnyTextField(
        max_length=80,
        required=False,
        default="",
        help_text="All of them in the name, the trade or the suburb of a business, or in the name of a service of it.",
    )
    postcode = PatternField(
        r"[0-9]{4}",
        "A postcode has four digits.",
        required=False,
        default="",
        help_text="Where the job is: only businesses that work there.",
    )


class FreeTimesInput(serializers.Serializer[Any]):
    """Either `date` or `month`."""

    tradie = tradie_field()
    service = service_field()
    date = PatternField(
        FORMS["date"].pattern[1:-1], "Use a date such as 2027-01-14.", required=False, default=""
    )
    month = PatternField(
        FORMS["month"].pattern[1:-1], "Use a month such as 2027-01.", required=False, default=""
    )
    postcode = PatternField(
        r"[0-9]{4}",
        "A postcode has four digits.",
        required=False,
        default="",
        help_text="Of the job: the times are those at which the business goes there.",
    )


class TermsInput(serializers.Serializer[Any]):
    tradie = tradie_field()
    service = service_field()
    start = InstantField(help_text="One of the times on offer.")


class HoldInput(BookingInput):
    """The customer's details as they gave them."""

    calendar = None  # type: ignore[assignment]  # so fields are left out
    hold = None  # type: ignore[assignment]
    service = service_field(help_text=None)  # as in the API
    agreed_terms = PatternField(
        r"[0-9a-f]{64}",
        "Ask for the terms first.",
        help_text="`terms_id` of the terms that the customer was shown and agreed to.",
    )
    idempotency_key = IdField(
        help_text="A new UUID for each booking that is wanted; the same again when the answer did not arrive."
    )


def agreed_field() -> PatternField:
    return PatternField(
        r"[0-9a-f]{64}",
        "Call without agreed_terms first.",
        required=False,
        default="",
        help_text="Leave it out to hear what it would mean: nothing changes. Then `terms_id` of that answer, once the"
        " customer was shown it and agreed.",
    )


class CancelInput(serializers.Serializer[Any]):
    token = AnyTextField(allow_empty=False, max_length=LONGEST_TOKEN, help_text="From `hold`.")
    agreed_terms = agreed_field()


class MoveInput(CancelInput):
    start = InstantField(help_text="One of the times on offer for its service.")


class StatusInput(serializers.Serializer[Any]):
    token = AnyTextField(allow_empty=False, max_length=LONGEST_TOKEN, help_text="From `hold`.")

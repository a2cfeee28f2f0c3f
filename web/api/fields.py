"""Fields of what clients send. The API's description is made of the very rules that judge: a value is measured as it
was sent, and nothing is made of a value of another type."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from peepopay.api_schema import WITHOUT_NUL
from peepopay.ids import id_in

# Control characters and line breaks have no place in a name or an address, nor in the subject of a mail; nor has what
# turns the direction of the text around it.
NOT_IN_A_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
BLANKS = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
LINE = rf"^[{BLANKS}]*[^{BLANKS}{NOT_IN_A_LINE}][^{NOT_IN_A_LINE}]*\Z"
# RFC 3339 in two centuries of ours: a time without an offset could mean two, and none is too far for arithmetic.
INSTANT = (
    r"^2[01][0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)


FILL_IN = "Please fill this in."


class TextField(serializers.CharField):
    """Text, without spaces around it. `allow_empty`: none is fine too (`allow_blank` would take longer blanks). What is
    wrong with it customers read beside what they typed."""

    default_error_messages = {
        "required": FILL_IN,
        "blank": FILL_IN,
        "max_length": "That's too long: {max_length} characters at most.",
    }

    def __init__(self, *, allow_empty: bool = False, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
        self.allow_empty = allow_empty

    def run_validation(self, data: Any = empty) -> Any:
        if data == "" and self.allow_empty:
            return ""
        if data is not empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        found = super().run_validation(data)
        return found.strip() if isinstance(found, str) else found


class LineField(TextField):
    """One line of text that says something."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=1, **options)
        self.validators.append(RegexValidator(LINE, "Please use one line of plain text."))

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str) and not data.strip():
            self.fail("blank")
        return super().run_validation(data)


class AnyTextField(TextField):
    """Whatever somebody likes to write, in as many lines, or nothing."""

    def __init__(self, *, allow_empty: bool = True, **options: Any) -> None:
        super().__init__(allow_empty=allow_empty, **options)
        self.validators.append(RegexValidator(WITHOUT_NUL, "Please use plain text."))


class EmailField(serializers.EmailField):
    default_error_messages = {
        **TextField.default_error_messages,
        "invalid": "Enter an email address like jo@example.com.",
    }


class PatternField(TextField):
    """Text that matches, from end to end."""

    def __init__(self, pattern: str, message: str, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(rf"^{pattern}\Z", message))


class IdField(serializers.UUIDField):
    """A UUID in its usual form."""

    def to_internal_value(self, data: Any) -> UUID:
        found = id_in(data) if isinstance(data, str) else None
        if found is None:
            self.fail("invalid", value=data)
        return found


class WholeNumberField(serializers.IntegerField):
    """A number of JSON without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(data)


class CentsField(WholeNumberField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, **options)


class YesOrNoField(serializers.BooleanField):
    """`true` or `false`, no word for it."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return bool(data)


@extend_schema_field({"type": "string", "format": "date-time", "pattern": INSTANT})
class InstantField(serializers.DateTimeField):
    """ISO 8601, as RFC 3339 narrows it, with seconds and a UTC offset."""

    default_error_messages = {"invalid": "Use ISO 8601 with an offset, such as 2027-01-14T08:00:00+11:00."}

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not re.fullmatch(INSTANT, value):
            self.fail("invalid")
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail("invalid")

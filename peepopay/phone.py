"""Phone numbers, Australian or foreign with their country code: read as people write them, kept as E.164, shown as
Australians write them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import to_python

from .phone_column import NOT_A_NUMBER

HOME = 61


class PhoneField(PhoneNumberField):
    """Of a form. Gives E.164 or ""; shows `0412 345 678`."""

    default_error_messages = {"invalid": NOT_A_NUMBER}

    def __init__(self, **options: Any) -> None:
        # Not the library's widget: it would show `0412 345`, which is too short, as 412345.
        options.setdefault("widget", forms.TextInput({"type": "tel", "autocomplete": "tel"}))
        super().__init__(**options | {"max_length": 30})  # of what is typed

    def prepare_value(self, value: Any) -> Any:
        """What is kept as Australians write it; what a person typed stays as typed."""
        return as_written(value) if isinstance(value, str) and value.startswith("+") else value

    def clean(self, value: Any) -> str:
        number = super().clean(value)
        return number.as_e164 if number else ""


@lru_cache(maxsize=1024)  # 0.2 ms to read and write one, and a business's comes again and again
def as_written(stored: str) -> str:
    """`+61412345678` -> `0412 345 678`; a foreign number keeps its country code. Anything else stays as it is."""
    number = to_python(stored)
    if not number or not number.country_code:
        return stored
    written: str = number.as_national if number.country_code == HOME else number.as_international
    return written

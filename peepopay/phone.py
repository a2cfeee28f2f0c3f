"""Phone numbers: stored as E.164, written the way Australians read them."""

from __future__ import annotations

import phonenumbers

REGION = "AU"


def as_e164(text: str) -> str | None:
    """`0412 345 678` -> `+61412345678`; None if that is no phone number."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def as_written(stored: str) -> str:
    """`+61412345678` -> `0412 345 678`; a foreign number keeps its country code. Anything else stays as it is."""
    try:
        number = phonenumbers.parse(stored, REGION)
    except phonenumbers.NumberParseException:
        return stored
    home = number.country_code == phonenumbers.country_code_for_region(REGION)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)

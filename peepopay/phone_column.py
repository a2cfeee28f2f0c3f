"""Phone numbers in rows: E.164 as text.

Not the library's own column, which parses the number of each row that is loaded: 50 microseconds a number, and the
memory of the library in programs that show no pages.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

NOT_A_NUMBER = "Write a phone number such as 0412 345 678."


class PhoneColumn(models.CharField):
    """To be held to E.164 by a constraint on `is_e164`. In forms it is a `phone.PhoneField`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"max_length": 16})

    def formfield(self, **options: Any) -> Any:
        from .phone import PhoneField

        return super().formfield(**{"form_class": PhoneField, **options})


def is_e164(column: str) -> Q:
    return Q(**{f"{column}__regex": r"^\+[1-9][0-9]{6,14}$"})

"""What a query string of the availability endpoint asks, checked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.http import QueryDict

from peepopay.errors import ValidationFailed

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
POSTCODE = re.compile(r"\d{4}", re.ASCII)
LONGEST_HOLD = 64


@dataclass(frozen=True, slots=True)
class Question:
    """The times of a date, or of the month that begins on `first`; of a service, or of the tradie's first."""

    when: str  # as asked: "2027-01-14" or "2027-01"
    first: date
    is_month: bool
    service_id: uuid.UUID | None
    calendar_id: uuid.UUID | None  # who is to come; None: any who can do it
    postcode: str  # where the job is, or ""
    hold: str  # the token of a booking whose own time counts as free, or ""

    @property
    def key(self) -> str:
        """The name of the answer in the slot cache: whatever the answer may depend on is in it."""
        return f"{self.when} {self.service_id or ''} {self.calendar_id or ''} {self.postcode}"

    @property
    def is_personal(self) -> bool:
        """Its answer is for one person alone, and not kept."""
        return bool(self.hold)


@lru_cache(maxsize=4096)
def question_in(query_string: str) -> Question:
    """Raises ValidationFailed; and Django's SuspiciousOperation for more parameters than anybody needs."""
    return read_question(QueryDict(query_string.encode("latin-1")))


def read_question(query: Mapping[str, str]) -> Question:
    """Raises ValidationFailed with the fields that can't be used. What is no postcode counts as none."""
    day, month = query.get("date", ""), query.get("month", "")
    if bool(day) == bool(month):
        raise ValidationFailed(fields={"date": ["Give either a date or a month."]})
    postcode = query.get("postcode", "")
    return Question(
        when=day or month,
        first=_date("date", day, DATE, day) if day else _date("month", month, MONTH, f"{month}-01"),
        is_month=bool(month),
        service_id=_id("service", query.get("service", "")),
        calendar_id=_id("calendar", query.get("calendar", "")),
        postcode=postcode if POSTCODE.fullmatch(postcode) else "",
        hold=query.get("hold", "")[:LONGEST_HOLD],
    )


def _date(field: str, text: str, pattern: re.Pattern[str], iso: str) -> date:
    try:
        if pattern.fullmatch(text):
            return date.fromisoformat(iso)
    except ValueError:
        pass
    example = "2027-01-14" if field == "date" else "2027-01"
    raise ValidationFailed(fields={field: [f"Use a {field} such as {example}."]})


def _id(field: str, text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise ValidationFailed(fields={field: [f"This isn't the id of a {field}."]}) from None

"""What a query string of the availability endpoint asks, checked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.http import QueryDict

from peepopay.errors import ValidationFailed
from peepopay.ids import id_in

POSTCODE = re.compile(r"[0-9]{4}")
LONGEST_HOLD = 64
MINUTES = "minutes"


class Form(NamedTuple):
    """How a date or a month is written; `first_day` makes a month a date."""

    pattern: str
    example: str
    first_day: str = ""


YEAR = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
MONTH = "(0[1-9]|1[0-2])"
FORMS = {
    "date": Form(rf"^{YEAR}-{MONTH}-(0[1-9]|[12][0-9]|3[01])$", "2027-01-14"),
    "month": Form(rf"^{YEAR}-{MONTH}$", "2027-01", "-01"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """The times of a date, or of the month that begins on `first`; of a service, or of the tradie's first."""

    when: str  # as asked: "2027-01-14" or "2027-01"
    first: date
    is_month: bool
    service_id: uuid.UUID | None
    calendar_id: uuid.UUID | None  # who is to come; None: any who can do it
    postcode: str  # where the job is, or ""
    hold: str  # the token of a booking whose own time counts as free, or ""
    in_minutes: bool = False  # a month, told in few bytes

    @property
    def key(self) -> str:
        """The name of the answer in the slot cache: whatever the answer may depend on is in it."""
        form = " minutes" if self.in_minutes else ""
        return f"{self.when} {self.service_id or ''} {self.calendar_id or ''} {self.postcode}{form}"

    @property
    def is_personal(self) -> bool:
        """Its answer is for one person alone, and not kept."""
        return bool(self.hold)


@lru_cache(maxsize=4096)
def query_in(query_string: str) -> Query:
    """Raises ValidationFailed; and Django's SuspiciousOperation for more parameters than anybody needs."""
    return read_query(QueryDict(query_string.encode("latin-1")))


def read_query(query: Mapping[str, str]) -> Query:
    """What is empty counts as not given, and so does what is no postcode. Raises ValidationFailed with the fields that
    can't be used."""
    units = [unit for unit in FORMS if query.get(unit)]
    if len(units) != 1:
        raise ValidationFailed(fields={"date": ["Give either a date or a month."]})
    (unit,) = units
    postcode = query.get("postcode", "")
    return Query(
        when=query[unit],
        first=_first_day(unit, query[unit]),
        is_month=unit == "month",
        service_id=_id("service", query.get("service", "")),
        calendar_id=_id("calendar", query.get("calendar", "")),
        postcode=postcode if POSTCODE.fullmatch(postcode) else "",
        hold=query.get("hold", "")[:LONGEST_HOLD],
        in_minutes=_in_minutes(query.get("times", ""), unit),
    )


def _in_minutes(form: str, unit: str) -> bool:
    if form and (form, unit) != (MINUTES, "month"):
        raise ValidationFailed(fields={"times": [f"Only a month can be told in {MINUTES}."]})
    return bool(form)


def _first_day(unit: str, text: str) -> date:
    form = FORMS[unit]
    try:
        if re.fullmatch(form.pattern, text):
            return date.fromisoformat(text + form.first_day)
    except ValueError:
        pass
    raise ValidationFailed(fields={unit: [f"Use a {unit} such as {form.example}."]})


def _id(field: str, text: str) -> uuid.UUID | None:
    found = id_in(text)
    if text and found is None:
        raise ValidationFailed(fields={field: [f"This isn't the id of a {field}."]})
    return found

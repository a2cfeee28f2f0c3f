"""Several ranges of hours a day as fields: rows can be added, removed and copied without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from itertools import pairwise

from django import forms

from availability.models import MINUTES_IN_A_DAY
from availability.wall_clock import Span
from peepopay.forms import TimeInput

MOST_RANGES = 6
Row = tuple[str, str]  # opens, closes, as typed: "07:00"
BLANK: Row = ("", "")


class RangeForm(forms.Form):
    """From and to; both empty is no range. Midnight as the end is the end of the day."""

    opens = forms.TimeField(label="From", required=False, widget=TimeInput)
    closes = forms.TimeField(label="To", required=False, widget=TimeInput)
    span: Span | None = None

    def clean(self) -> None:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if self.errors or opens is closes is None:
            return
        if opens is None or closes is None:
            self.add_error("opens" if opens is None else "closes", "Fill in both times, or neither.")
        elif _minute(opens) >= (_minute(closes) or MINUTES_IN_A_DAY):
            self.add_error("closes", "This must be later than the start.")
        else:
            self.span = (_minute(opens), _minute(closes) or MINUTES_IN_A_DAY)


class RangesForm:
    """The rows of one day. `prefix` tells the days of a page apart; `label` names the day for screen readers."""

    def __init__(self, prefix: str, label: str, rows: Iterable[Row], *, bound: bool) -> None:
        self.prefix, self.label, self.overlap = prefix, label, False
        self.rows = list(rows)[:MOST_RANGES] or [BLANK]
        self.forms = [self._form(number, row, bound) for number, row in enumerate(self.rows)]

    def _form(self, number: int, row: Row, bound: bool) -> RangeForm:
        prefix = f"{self.prefix}-{number}"
        values = dict(zip(("opens", "closes"), row, strict=True))
        if bound:
            return RangeForm({f"{prefix}-{name}": value for name, value in values.items()}, prefix=prefix)
        return RangeForm(initial=values, prefix=prefix)

    def is_valid(self) -> bool:
        judged = [form.is_valid() for form in self.forms]  # every row, so that all errors show at once
        spans = sorted(self.spans)
        self.overlap = any(one[1] > other[0] for one, other in pairwise(spans))
        return all(judged) and not self.overlap

    @property
    def spans(self) -> list[Span]:
        return [form.span for form in self.forms if form.span]

    @property
    def can_grow(self) -> bool:
        return len(self.rows) < MOST_RANGES


def rows_of(data: Mapping[str, str], prefix: str) -> list[Row]:
    """What was typed for one day, as it was typed."""
    names = (f"{prefix}-{number}" for number in range(MOST_RANGES))
    return [
        (data.get(f"{name}-opens", ""), data.get(f"{name}-closes", ""))
        for name in names
        if f"{name}-opens" in data
    ]


def rows_from(spans: Iterable[Span]) -> list[Row]:
    return [(_typed(opens), _typed(closes)) for opens, closes in spans]


def edited(rows: list[Row], prefix: str, data: Mapping[str, str]) -> list[Row]:
    """The rows after the button that was pressed: `add` names a day, `remove` a row of it."""
    if data.get("add") == prefix:
        return [*rows, BLANK]
    return [row for number, row in enumerate(rows) if data.get("remove") != f"{prefix}-{number}"]


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _typed(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"

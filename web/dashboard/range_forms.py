"""Several ranges of hours a day as a formset: rows can be added, removed and copied without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from itertools import pairwise
from typing import Any, cast

from django import forms

from availability.hours import MOST_RANGES
from availability.models import MINUTES_IN_A_DAY, hours_text
from availability.wall_clock import Span
from peepopay.forms import TimeInput, is_whole

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


class BaseRanges(forms.BaseFormSet):
    """The rows of one day. `prefix` tells the days of a page apart; `label` names the day for screen readers.

    How many rows the page had comes with them (Django's management form): what did not arrive can't be taken for a
    day off.
    """

    def __init__(self, *args: Any, label: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label = label
        self.stored: list[Span] | None = None  # where it is another than the page was opened with

    @property
    def is_whole(self) -> bool:
        return self.management_form.is_valid() and all(is_whole(form) for form in self.forms)

    def clean(self) -> None:
        if self.stored is not None and self.spans != self.stored:
            written = ", ".join(hours_text(*span) for span in self.stored) or "closed"
            raise forms.ValidationError(f"{self.label}: saved elsewhere: {written}")
        if any(one[1] > other[0] for one, other in pairwise(sorted(self.spans))):
            raise forms.ValidationError(f"{self.label}: these hours overlap.")

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, each with the id of where."""
        if not self.is_bound:
            return []
        said = [(f"{self.prefix}", str(error)) for error in self.non_form_errors()]
        for form in self.forms:
            for name, errors in form.errors.items():
                where = str(form[name].id_for_label)
                said += [(where, f"{self.label}: {error}") for error in errors]
        return said

    @property
    def spans(self) -> list[Span]:
        return [form.span for form in self.forms if form.span]

    @property
    def rows(self) -> list[Row]:
        """As typed."""
        return [(form["opens"].value() or "", form["closes"].value() or "") for form in self.forms]

    @property
    def can_grow(self) -> bool:
        return len(self.forms) < MOST_RANGES

    def after_the_press(self, data: Mapping[str, str]) -> list[Row]:
        """The rows after a button: `add` names a day, `remove` a row of one."""
        if data.get("add") == self.prefix:
            return [*self.rows, BLANK]
        return [
            row for form, row in zip(self.forms, self.rows, strict=True) if data.get("remove") != form.prefix
        ]


Ranges = cast(
    type[BaseRanges],
    forms.formset_factory(
        RangeForm,
        formset=BaseRanges,
        extra=0,
        min_num=1,  # a day without hours has one empty row
        max_num=MOST_RANGES,
        absolute_max=MOST_RANGES,
        validate_max=True,
    ),
)


def ranges_of(rows: Iterable[Row], prefix: str, label: str) -> BaseRanges:
    """These rows to be looked at and typed into; nothing is judged."""
    initial = [{"opens": opens, "closes": closes} for opens, closes in rows][:MOST_RANGES]
    return Ranges(initial=initial, prefix=prefix, label=label)


def rows_from(spans: Iterable[Span]) -> list[Row]:
    return [(_typed(opens), _typed(closes)) for opens, closes in spans]


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _typed(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"

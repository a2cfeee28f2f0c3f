"""Which days the reports are about."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from peepopay.forms import DateInput
from peepopay.periods import Named, Period, named

OWN = "own"
LABELS = {
    Named.FOUR_WEEKS: "Last 4 weeks",
    Named.THREE_MONTHS: "3 months",
    Named.TWELVE_MONTHS: "12 months",
    Named.THIS_YEAR: "This financial year",
    Named.LAST_YEAR: "Last financial year",
}
MOST_DAYS = 731
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


class PeriodForm(forms.Form):
    """`period` is a name, or "own" with `first` and `last`."""

    period = forms.CharField(required=False, widget=forms.HiddenInput)
    first = forms.DateField(label="From", required=False, widget=DateInput)
    last = forms.DateField(label="To", required=False, widget=DateInput)

    @property
    def is_own(self) -> bool:
        return bool(self.data.get("period") == OWN)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.is_own or self.errors:
            return given
        for name in ("first", "last"):
            if not given[name]:
                self.add_error(name, "Choose a date.")
            elif not EARLIEST <= given[name] <= LATEST:
                self.add_error(name, "Choose a date from 2000 to 2099.")
        if not self.errors and given["last"] < given["first"]:
            self.add_error("last", "Choose the first day, or a later one.")
        elif not self.errors and (given["last"] - given["first"]).days >= MOST_DAYS:
            self.add_error("last", "Choose two years at most.")
        return given

    def chosen(self, today: date) -> tuple[str, Period, Period]:
        """The name, that period, and the one it is compared with; anything odd is the last four weeks."""
        name = self.data.get("period", "")
        if self.is_own and self.is_valid():
            own = Period.of_days(self.cleaned_data["first"], self.cleaned_data["last"])
            return OWN, own, own.just_before()
        known = Named(name) if name in list(Named) else Named.FOUR_WEEKS
        return known, *named(known, today)

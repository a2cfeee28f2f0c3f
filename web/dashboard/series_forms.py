"""How often a job comes round, as people of the business choose it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from bookings.models import Booking, Visit
from bookings.series_rule import Every
from payments.series import DAYS_BEFORE, may_ask
from peepopay.forms import DateInput, TimeInput
from peepopay.local_time import day_of, in_zone

from .hours_forms import within_reason

LONGEST = timedelta(days=3 * 366)
TOO_EARLY = "Choose a day after the first visit, or leave it empty."
TOO_LATE = "Choose a day within three years, or leave it empty."


class RepeatForm(forms.Form):
    """`until` comes after the booking that is the first visit."""

    every = forms.ChoiceField(label="How often", choices=Every.choices)
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=DateInput,
        validators=[within_reason],
        help_text="Empty: until you end it.",
    )

    deposit_days = forms.TypedChoiceField(
        label="Deposit for each visit",
        coerce=int,
        empty_value="0",
        required=False,
        choices=[(0, "None"), *((days, f"Ask {days} days before, by a link") for days in DAYS_BEFORE)],
        help_text="A visit whose deposit isn’t paid a day before is off, and we tell you.",  # noqa: RUF001
    )

    def __init__(self, *args: Any, booking: Booking, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_ask(booking):
            del self.fields["deposit_days"]
        self.first = in_zone(booking.starts_at, booking.tradie.timezone).date()

    def clean_deposit_days(self) -> int:
        return int(self.cleaned_data["deposit_days"])  # Django doesn't coerce what is as if empty

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until <= self.first:
            raise forms.ValidationError(TOO_EARLY)
        if until and until > self.first + LONGEST:
            raise forms.ValidationError(TOO_LATE)
        return until


class DayForm(forms.Form):
    day = forms.DateField(label="From which day on", widget=DateInput, validators=[within_reason])


class MoveSeriesForm(forms.Form):
    """`from_day`: one of the visits ahead; that one and all later ones go to `new_day` and what follows from it."""

    from_day = forms.DateField(label="From which visit on", widget=forms.Select, validators=[within_reason])
    new_day = forms.DateField(
        label="New day of that visit",
        widget=DateInput,
        validators=[within_reason],
        help_text="The others follow from it.",
    )
    at = forms.TimeField(label="New time", widget=TimeInput)

    def __init__(self, *args: Any, visits: Sequence[Visit], **options: Any) -> None:
        super().__init__(*args, **options)
        self.has_visits = bool(visits)
        choices = [(str(visit.on), day_of(visit.on)) for visit in visits]
        self.fields["from_day"].widget.choices = choices

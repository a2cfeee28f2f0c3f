"""How often a job comes round, as people of the business choose it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from bookings.models import Booking
from bookings.series_rule import Every
from peepopay.forms import DateInput
from peepopay.local_time import in_zone

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

    def __init__(self, *args: Any, booking: Booking, **options: Any) -> None:
        super().__init__(*args, **options)
        self.first = in_zone(booking.starts_at, booking.tradie.timezone).date()

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until <= self.first:
            raise forms.ValidationError(TOO_EARLY)
        if until and until > self.first + LONGEST:
            raise forms.ValidationError(TOO_LATE)
        return until


class DayForm(forms.Form):
    day = forms.DateField(label="Which visit", widget=DateInput, validators=[within_reason])

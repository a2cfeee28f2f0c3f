"""What the address of the calendar says, and what people type there."""

from __future__ import annotations

import datetime
from uuid import UUID

from django import forms
from django.db.models import TextChoices

from peepopay.forms import DateInput
from web.dashboard.hours_forms import within_reason


class Show(TextChoices):
    DAY = "day", "Day"
    WEEK = "week", "Week"
    LIST = "list", "List"


class LookForm(forms.Form):
    show = forms.ChoiceField(choices=Show.choices, required=False)
    date = forms.DateField(required=False, widget=DateInput, validators=[within_reason])
    calendar = forms.UUIDField(required=False)

    def wanted(self, today: datetime.date) -> tuple[Show, datetime.date, UUID | None]:
        """(view, day, whose); an odd address shows this week of everybody."""
        self.full_clean()
        given = self.cleaned_data
        return Show(given.get("show") or Show.WEEK), given.get("date") or today, given.get("calendar")

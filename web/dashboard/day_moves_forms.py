"""What people say when they can't make a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from bookings.day_moves import Deadline
from peepopay.forms import DateInput, WholeForm


class DayForm(forms.Form):
    day = forms.DateField(label="Which day?", widget=DateInput)


class MoveDayForm(WholeForm):
    reason = forms.CharField(
        label="Why? Your customers read this.",
        help_text="Such as: the van broke down. Say no more of your health than you like.",
        max_length=200,
        required=False,
    )
    answer_by = forms.ChoiceField(
        label="Until when may they answer?",
        help_text="The times we keep for them are kept until then. Who hasn't answered goes on your list of calls.",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "That time has come too near. Choose another."},
    )

    def __init__(self, *args: Any, deadlines: Sequence[Deadline], zone_name: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.deadlines = {one.key: one for one in deadlines}
        choices = [(one.key, one.label(zone_name)) for one in deadlines]
        self.fields["answer_by"].choices = choices  # type: ignore[attr-defined]
        self.fields["answer_by"].initial = choices[0][0] if choices else None

    @property
    def until(self) -> datetime:
        return self.deadlines[self.cleaned_data["answer_by"]].at

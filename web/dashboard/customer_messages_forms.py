"""What customers are sent, as the business chooses it."""

from __future__ import annotations

from typing import Any

from django import forms

from notifications.models import MessageSettings
from peepopay.forms import WholeModelForm
from web.dashboard.versions import Versioned

ON_OR_OFF = [("True", "On"), ("False", "Off")]


def switch(label: str, help_text: str) -> Any:
    """Two words rather than a box: a box that isn't ticked is never sent, so a page that arrived in half would
    switch it off."""
    return forms.TypedChoiceField(
        label=label, help_text=help_text, choices=ON_OR_OFF, coerce=lambda value: value == "True"
    )


class RemindersForm(Versioned, WholeModelForm):
    reminds_day_before = switch("A day before the job", "By email and SMS.")
    reminds_hours_before = switch("Two hours before the job", "By SMS, or by email where there is no mobile.")

    class Meta:
        model = MessageSettings
        fields = ("reminds_day_before", "reminds_hours_before")

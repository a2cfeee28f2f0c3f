"""What an owner says about an API key."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms

from accounts.key_models import Scope
from peepopay.forms import WholeForm

LASTS = {"0": "Until I revoke it", "30": "30 days", "90": "90 days", "365": "A year"}


class ApiKeyForm(WholeForm):
    name = forms.CharField(label="What it is for", max_length=80, help_text="For you, such as “Job sheets”.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope.value, f"{scope.label[0].upper()}{scope.label[1:]}") for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    lasts = forms.ChoiceField(label="It works for", choices=list(LASTS.items()))

    def expires_at(self, now: datetime) -> datetime | None:
        days = int(self.cleaned_data["lasts"])
        return now + timedelta(days=days) if days else None

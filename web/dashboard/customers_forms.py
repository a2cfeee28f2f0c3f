"""What people type on the pages about customers."""

from __future__ import annotations

from django import forms

from peepopay.forms import WholeForm
from web.dashboard.versions import Versioned


class CustomerSearchForm(forms.Form):
    q = forms.CharField(label="Name, phone or email", max_length=80, required=False)

    def words(self) -> str:
        self.full_clean()
        return (self.cleaned_data.get("q") or "").strip()


class CustomerNotesForm(Versioned, WholeForm):
    notes = forms.CharField(
        label="Notes about them",
        help_text="Only people of your business see them. Write what you would say to their face: they may ask for it.",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )

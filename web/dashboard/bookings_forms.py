"""What people type on the pages about bookings."""

from __future__ import annotations

from django import forms

from bookings.job_lists import Show
from peepopay.forms import WholeForm


class SearchForm(forms.Form):
    q = forms.CharField(label="Name, phone, suburb or reference", max_length=80, required=False)
    show = forms.ChoiceField(choices=Show.choices, required=False, widget=forms.HiddenInput)

    def wanted(self) -> tuple[str, str]:
        """(tab, search words); an odd address shows what is upcoming."""
        self.full_clean()
        return self.cleaned_data.get("show") or Show.UPCOMING, self.cleaned_data.get("q") or ""


class NotesForm(WholeForm):
    tradie_notes = forms.CharField(
        label="Private notes",
        help_text="Only people of your business see these.",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )


class ReasonForm(WholeForm):
    reason = forms.CharField(
        label="Why? The customer reads this.",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

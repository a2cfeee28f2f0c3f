"""What somebody types about a calendar that they keep elsewhere."""

from __future__ import annotations

from django import forms

from peepopay.forms import WholeForm
from peepopay.outbound import LONGEST_URL, clean_url


class OutsideForm(WholeForm):
    is_new = True

    name = forms.CharField(
        label="What you call it", max_length=60, help_text="Such as “Google” or “Family”. Your team sees it."
    )
    url = forms.CharField(
        label="Its private address in iCal format",
        max_length=2 * LONGEST_URL,
        help_text="It begins with https:// or webcal:// and often ends in .ics.",
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        scheme, colon, rest = url.partition(":")
        return clean_url(f"https:{rest}" if colon and scheme.lower() in ("webcal", "webcals") else url)

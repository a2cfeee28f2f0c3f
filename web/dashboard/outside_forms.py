"""What somebody types about a calendar that they keep elsewhere."""

from __future__ import annotations

from datetime import datetime

from django import forms

from peepopay.forms import PART_MISSING, WholeForm
from peepopay.outbound import LONGEST_URL, clean_url


def _https(typed: str) -> str:
    """An address as calendars give it."""
    url = typed.strip()
    scheme, colon, rest = url.partition(":")
    return clean_url(f"https:{rest}" if colon and scheme.lower() in ("webcal", "webcals", "caldavs") else url)


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
        return _https(self.cleaned_data["url"])


class AccountForm(OutsideForm):
    url = forms.CharField(
        label="Its CalDAV address",
        max_length=2 * LONGEST_URL,
        help_text="Apple: https://caldav.icloud.com. Fastmail: https://caldav.fastmail.com.",
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
    )
    user = forms.CharField(label="User name", max_length=254, widget=forms.TextInput({"autocomplete": "off"}))
    password = forms.CharField(
        label="App password",
        max_length=254,
        strip=False,
        help_text="Make one for PeepoPay alone, in the settings of your account. You can end it there at any time.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class ChoiceForm(WholeForm):
    """`collection`: the address of one of those that the account has."""

    collection = forms.CharField(max_length=500)


class CopyForm(WholeForm):
    """`copy`: the job as it stands in a calendar kept elsewhere."""

    copy = forms.IntegerField()


class PutBackForm(CopyForm):
    """`wanted_at`: the time that the page spoke of."""

    wanted_at = forms.CharField(max_length=40)

    def clean_wanted_at(self) -> datetime:
        try:
            at = datetime.fromisoformat(self.cleaned_data["wanted_at"])
        except ValueError as problem:
            raise forms.ValidationError(PART_MISSING) from problem
        if at.tzinfo is None:
            raise forms.ValidationError(PART_MISSING)
        return at

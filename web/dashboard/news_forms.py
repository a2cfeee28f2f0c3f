"""A box for each thing that happens and each way to hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from bookings.news import Choice, for_sms
from notifications.models import News
from peepopay.forms import WholeForm
from peepopay.phone import PhoneField
from web.dashboard.versions import Versioned

WAYS = {"email": "email", "sms": "SMS", "push": "phone"}
NO_NUMBER = "Give a mobile number for the texts, or untick them."


class NewsForm(Versioned, WholeForm):
    """`business_mobile`: where texts go if no number is given; nothing where there is none. `on_phones`: whether they
    have one that is told."""

    mobile = PhoneField(
        label="Your mobile", required=False, help_text="For texts. Only people of your business see it."
    )

    def __init__(
        self, *args: Any, choice: Choice, business_mobile: str, on_phones: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.business_mobile = business_mobile if not choice.own_mobile else ""
        self.fields["mobile"].initial = choice.own_mobile
        wanted_by = {"email": choice.by_email, "sms": choice.by_sms, "push": choice.by_push}
        self.ways = {way: name for way, name in WAYS.items() if way != "push" or on_phones}
        for news in News:
            for way, name in self.ways.items():
                label, wanted = f"{news.label}: {name}", wanted_by[way]
                self.fields[f"{way}_{news}"] = forms.BooleanField(
                    required=False, label=label, initial=news in wanted
                )

    def clean_mobile(self) -> str:
        number: str = self.cleaned_data["mobile"]
        if number and not for_sms(number):
            raise forms.ValidationError("Give an Australian mobile number, such as 0412 345 678.")
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self._ticked("sms") and "mobile" in data and not (data["mobile"] or self.business_mobile):
            self.add_error("mobile", NO_NUMBER)
        return data

    @property
    def said(self) -> dict[str, Any]:
        """What `news.choose` takes."""
        mobile = self.cleaned_data["mobile"]
        return {**{f"by_{way}": self._ticked(way) for way in self.ways}, "mobile": mobile}

    def rows(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """What happens, and a box for each way to hear of it."""
        for news in News:
            yield news.label, [self[f"{way}_{news}"] for way in self.ways]

    def _ticked(self, way: str) -> list[str]:
        return [news.value for news in News if self.cleaned_data.get(f"{way}_{news}")]

"""What a business decides about its booking page."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.models import Tradie
from accounts.page_language import PageLanguage
from accounts.sites import LONGEST_SITE, MOST_SITES, origin_of
from peepopay.forms import WholeModelForm
from web.dashboard.customer_messages_forms import switch
from web.dashboard.versions import Versioned

COLOUR = r"#[0-9a-fA-F]{6}"


class SitesField(forms.CharField):
    """A website a line, as people write them; gives their origins."""

    widget = forms.Textarea({"rows": 3, "placeholder": "www.example.com.au", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> list[str]:
        found = []
        for line in re.split(r"[\s,]+", super().clean(value)):
            try:
                found += [origin_of(line)] if line else []
            except ValueError as problem:
                raise forms.ValidationError(
                    f"“{line[:60]}” is no address of a website, such as www.example.com.au."
                ) from problem
        sites = list(dict.fromkeys(found))
        if len(sites) > MOST_SITES:
            raise forms.ValidationError(f"{MOST_SITES} websites are the most.")
        return sites


class WidgetForm(Versioned, WholeModelForm):
    allowed_sites = SitesField(
        label="Only on these websites",
        max_length=MOST_SITES * LONGEST_SITE,
        required=False,
        help_text="One a line. Empty: on any. With and without “www.” are two. Your own link always works.",
    )

    shows_kept_promises = switch(
        "Show how many jobs went as promised", "From 20 jobs in a year on. Reports has the figure."
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        language = self.fields["page_language"]
        language.choices = [("", "What the visitor's browser speaks"), *PageLanguage.choices]  # type: ignore[attr-defined]

    class Meta:
        model = Tradie
        fields = ("accent_colour", "page_language", "allowed_sites", "for_assistants", "shows_kept_promises")
        labels = {
            "accent_colour": "Colour of your buttons",
            "page_language": "Language",
            "for_assistants": "AI assistants may book",
        }
        help_texts = {
            "page_language": "Visitors change it by a link, and what you paste into a website may say another. "
            "What you wrote, mails and texts stay as they are."
        }
        widgets = {"accent_colour": forms.TextInput({"type": "color"})}


class SampleForm(forms.Form):
    colour = forms.RegexField(COLOUR + r"\Z")

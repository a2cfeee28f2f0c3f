"""What an owner types about where their events go."""

from __future__ import annotations

from typing import Any

from django import forms

from notifications.webhooks import event_types
from peepopay.forms import WholeForm
from peepopay.outbound import LONGEST_URL, clean_url
from web.dashboard.versions import Versioned


def choices() -> list[tuple[str, str]]:
    return [(kind.name, f"{kind.when.rstrip('.')} ({kind.name})") for kind in event_types.to_choose_from()]


class WebhookForm(Versioned, WholeForm):
    url = forms.CharField(
        label="Address",
        max_length=2 * LONGEST_URL,
        help_text="Where your system takes events; it begins with https://.",
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label="What it is for", max_length=80, required=False, help_text="For you, such as “Job sheets”."
    )
    event_types = forms.MultipleChoiceField(
        label="Tell it when", choices=choices, widget=forms.CheckboxSelectMultiple
    )

    def clean_url(self) -> str:
        return clean_url(self.cleaned_data["url"])


class NewSecretForm(WholeForm):
    """`instead_of`: the number of the secret that the page spoke of."""

    instead_of = forms.IntegerField(widget=forms.HiddenInput)


def initial(endpoint: Any) -> dict[str, Any]:
    return {"url": endpoint.url, "description": endpoint.description, "event_types": endpoint.event_types}

"""What customers are sent, as the business chooses it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django import forms

from notifications.models import Channel, MessageSettings
from peepopay.forms import WholeForm, WholeModelForm
from web.dashboard.versions import Versioned

ON_OR_OFF = [("True", "On"), ("False", "Off")]
LINK = re.compile(r"https?:|www\.|\.(?:com|net|org|au|io|ly)\b", re.IGNORECASE)


def switch(label: str, help_text: str) -> Any:
    """Two words rather than a box: a box that isn't ticked is never sent, so a page that arrived in half would
    switch it off."""
    return forms.TypedChoiceField(
        label=label, help_text=help_text, choices=ON_OR_OFF, coerce=lambda value: str(value) == "True"
    )


class RemindersForm(Versioned, WholeModelForm):
    reminds_day_before = switch("The first reminder", "By email and SMS.")
    reminds_hours_before = switch("The last reminder", "By SMS, or by email where there is no mobile.")

    takes_replies = switch(
        "Replies to texts",
        "Reminders ask for YES or LATE; whatever customers text back stands with their booking and is sent to you.",
    )

    class Meta:
        model = MessageSettings
        fields = (
            "reminds_day_before",
            "first_reminder_hours",
            "reminds_hours_before",
            "last_reminder_hours",
            "takes_replies",
            "review_url",
        )
        labels = {
            "first_reminder_hours": "When the first goes",
            "last_reminder_hours": "When the last goes",
            "review_url": "Your page for reviews",
        }
        help_texts = {
            "review_url": "At Google, Facebook or the like. Everybody is asked once, the day after their job is done."
            " Empty: nobody is asked."
        }
        widgets = {"review_url": forms.TextInput({"inputmode": "url", "spellcheck": "false"})}


class WordsForm(Versioned, WholeForm):
    """`channels`: by which the message goes."""

    email = forms.CharField(
        label="In the email",
        max_length=1000,
        required=False,
        help_text="A paragraph or two, before ours. Leave it empty to add nothing.",
        widget=forms.Textarea({"rows": 4}),
    )
    sms = forms.CharField(
        label="In the text message",
        max_length=80,
        required=False,
        help_text="A few words, behind ours. Emoji can’t be sent.",  # noqa: RUF001
    )

    def __init__(self, *args: Any, channels: Collection[Channel], **options: Any) -> None:
        super().__init__(*args, **options)
        if Channel.SMS not in channels:
            del self.fields["sms"]

    def clean_sms(self) -> str:
        text: str = self.cleaned_data["sms"]
        if LINK.search(text):
            raise forms.ValidationError("No links, please: networks stop texts with several.")
        return text

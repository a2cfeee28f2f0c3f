"""A page of the tradie's website, to be looked at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings

from accounts.models import Tradie
from accounts.site_check import Finding, look_at
from peepopay.outbound import LONGEST_URL, NotReached, clean_url
from peepopay.throttling import count_try

MOST_LOOKS, WINDOW = 10, timedelta(minutes=10)  # of one business
TOO_MANY = "That was often enough for now. Try again in ten minutes."


class SiteForm(forms.Form):
    page = forms.CharField(
        label="Its address",
        max_length=LONGEST_URL,
        widget=forms.TextInput(
            {"placeholder": "www.example.com.au/contact", "inputmode": "url", "spellcheck": "false"}
        ),
        help_text="The page that your booking page is on, without signing in.",
    )

    def clean_page(self) -> str:
        typed: str = self.cleaned_data["page"]
        return clean_url(typed if "://" in typed else f"https://{typed}")

    def look_at(self, tradie: Tradie, *, now: datetime) -> list[Finding]:
        """None where it can't be; the form then says why."""
        if settings.RATE_LIMITS and count_try(f"look:{tradie.pk}", window=WINDOW, now=now) > MOST_LOOKS:
            self.add_error(None, TOO_MANY)
            return []
        try:
            return look_at(tradie, self.cleaned_data["page"])
        except NotReached as problem:
            self.add_error("page", f"We couldn't open that page. {problem}")
            return []


class WalletsForm(forms.Form):
    """On which of `hosts` Stripe is to offer wallets. Of where the page was only seen, its owner has to say that it is
    theirs: anybody can have put it there."""

    hosts = forms.MultipleChoiceField(
        label="Your websites", widget=forms.CheckboxSelectMultiple, help_text="Tick only what is yours."
    )

    def __init__(self, *given: Any, hosts: list[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["hosts"].choices = [(host, host) for host in hosts]  # type: ignore[attr-defined]

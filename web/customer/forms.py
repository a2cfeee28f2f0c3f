"""What a customer types on the page of their booking."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.calls import BestTime
from bookings.models import Booking
from peepopay.form_check import Filled, require_person, seconds_since, shown_now
from peepopay.forms import WholeForm
from peepopay.phone import PhoneField


class StrangersForm(WholeForm):
    """A program gives itself away by `shown`, when the page was, and by `website`, a field that nobody sees: programs
    fill in whatever there is."""

    website = forms.CharField(
        max_length=200, required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"})
    )
    shown = forms.CharField(max_length=200, required=False, initial=shown_now, widget=forms.HiddenInput)

    def by_a_person(self) -> dict[str, Any]:
        """What they gave. Raises PressAgain, with the field emptied: perhaps their browser filled it in."""
        given = dict(self.cleaned_data)
        filled = Filled(seconds_since(given.pop("shown")), bool(given.pop("website")))
        self.data = {**self.data.dict(), "website": ""}  # type: ignore[attr-defined]
        require_person(filled)
        return given


class CustomerCancelForm(WholeForm):
    """`refund_cents` is what the page promised when the button was pressed."""

    refund_cents = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Would you like to say why?",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class CustomerMoveForm(WholeForm):
    """`from_start` is the time that the page showed when the button was pressed; both with their offset from UTC."""

    start = forms.DateTimeField(widget=forms.HiddenInput)
    from_start = forms.DateTimeField(widget=forms.HiddenInput)


class TakeForm(WholeForm):
    """`held` by the button of a time that is kept for them."""

    held = forms.UUIDField()


class RebookForm(WholeForm):
    """`start` by the button of a time, with its offset from UTC."""

    start = forms.DateTimeField()


class AcceptForm(WholeForm):
    """What the page of a quote said when the button was pressed: which version, and which time with its offset."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    start = forms.DateTimeField(widget=forms.HiddenInput)


class DeclineForm(WholeForm):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Would you like to say why? (optional)",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class CallForm(WholeForm):
    best_time = forms.ChoiceField(label="When is a good time?", choices=BestTime)
    words = forms.CharField(
        label="What is it about? (optional)",
        max_length=400,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class OnSiteForm(WholeForm):
    name = forms.CharField(
        label="Who is home, if it isn't you? (optional)",
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    phone = PhoneField(
        label="Their mobile (optional)",
        required=False,
        region="AU",
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    access_notes = forms.CharField(
        label="How do they get in? (optional)",
        help_text="Such as: the key is under the pot, gate code 1234.",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    @staticmethod
    def of(booking: Booking) -> dict[str, str]:
        return {
            "name": booking.site_name,
            "phone": booking.site_phone,
            "access_notes": booking.access_notes,
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("phone") and not given.get("name"):
            self.add_error("name", "Whose number is it?")
        return given


class NewLinkForm(WholeForm):
    """`instead_of` is the number of the link that the page was opened by."""

    instead_of = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

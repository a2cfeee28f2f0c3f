"""What people type on the pages about bookings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from availability.models import Calendar
from bookings.models import Booking
from bookings.running_late import MOST_MINUTES
from peepopay.forms import DollarsField, WholeForm
from web.dashboard.versions import Versioned

BY_HOW_MUCH = f"Write by how many minutes you are late: 1 to {MOST_MINUTES}."


class NotesForm(WholeForm):
    tradie_notes = forms.CharField(
        label="Private notes",
        help_text="Only people of your business see these.",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )


class NotesOnPage(Versioned, NotesForm):
    pass


class ReasonForm(WholeForm):
    reason = forms.CharField(
        label="Why? The customer reads this.",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class PressForm(forms.Form):
    """`key`: of the page whose button was pressed, however often."""

    key = forms.UUIDField()


class NoShowForm(forms.Form):
    """`charge_cents`: the figure on the button that was pressed; 0 where nothing is charged."""

    charge_cents = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def clean_charge_cents(self) -> int:
        return self.cleaned_data["charge_cents"] or 0


class RefundForm(WholeForm):
    amount_cents = DollarsField(label="How much goes back?")
    note = forms.CharField(
        label="Why? The customer reads this.",
        max_length=400,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # however often the button is pressed: one refund

    def clean_amount_cents(self) -> int:
        cents: int = self.cleaned_data["amount_cents"]
        if not cents:
            raise forms.ValidationError("Write an amount such as 30 or 82.50.")
        return cents


class RunningLateForm(forms.Form):
    """By how many minutes: by one of the buttons, or typed."""

    calendar = forms.UUIDField(error_messages={"required": "Choose by how much you are late."})
    minutes = forms.IntegerField(min_value=0, max_value=MOST_MINUTES, required=False)
    typed = forms.IntegerField(
        label="Or so many minutes",
        min_value=1,
        max_value=MOST_MINUTES,
        required=False,
        error_messages={
            "min_value": BY_HOW_MUCH,
            "max_value": BY_HOW_MUCH,
            "invalid": BY_HOW_MUCH,
        },
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and given.get("minutes") is None and given.get("typed") is None:
            raise forms.ValidationError(BY_HOW_MUCH)
        return given

    @property
    def by_minutes(self) -> int:
        pressed, typed = self.cleaned_data["minutes"], self.cleaned_data["typed"]
        return int(typed if pressed is None else pressed)


class EvidenceForm(WholeForm):
    words = forms.CharField(
        label="What should the bank know?",
        help_text="What was done and when, and what the customer said. It goes first in the document.",
        max_length=5000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
    )


class MoveForm(WholeForm):
    """`from_start` is the time that the page showed when the button was pressed; both with their offset from UTC."""

    start = forms.DateTimeField(widget=forms.HiddenInput)
    from_start = forms.DateTimeField(widget=forms.HiddenInput)
    tell = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, booking: Booking, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tell"].label = f"Tell {booking.customer_name} by email and SMS"
        if booking.asked_to_move_at:
            self.fields["tell"].disabled = True
            self.fields["tell"].help_text = "You asked them for another time, so they are told."


class HandOverForm(forms.Form):
    """To whom, of those who are free then."""

    to = forms.TypedChoiceField(
        label="Hand over to",
        coerce=UUID,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose somebody.",
            "invalid_choice": "They aren't free then any more. Choose somebody else.",
        },
    )
    tell = forms.BooleanField(required=False)

    def __init__(self, *args: Any, booking: Booking, free: Sequence[Calendar], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (str(calendar.pk), calendar.name) for calendar in free
        ]
        self.fields["to"].initial = str(free[0].pk) if len(free) == 1 else None
        self.fields["tell"].initial = booking.calendar_asked_for
        self.fields["tell"].label = f"Tell {booking.customer_name} by email who comes"

"""What a customer types on the page of their booking."""

from __future__ import annotations

from django import forms

from bookings.calls import BestTime
from peepopay.forms import WholeForm


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


class NewLinkForm(WholeForm):
    """`instead_of` is the number of the link that the page was opened by."""

    instead_of = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

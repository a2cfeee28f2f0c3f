"""What a customer types on the page of their booking."""

from __future__ import annotations

from django import forms

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

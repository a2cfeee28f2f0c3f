"""What people type about who works in a business."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.roles import IN_SHORT, Role
from peepopay.forms import WholeForm
from web.dashboard.versions import Versioned

ROLES = [(role, f"{role.label}: {IN_SHORT[role]}") for role in Role]
LONGEST_NAME = 80


def role_field(**options: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="What they may do", choices=ROLES, coerce=Role, widget=forms.RadioSelect, **options
    )


class InvitationForm(WholeForm):
    name = forms.CharField(
        max_length=LONGEST_NAME, required=False, help_text="As it will stand in the history of bookings."
    )
    email = forms.EmailField(label="Email", max_length=254, help_text="They sign in with this address.")
    role = role_field(initial=Role.WORKER)


class RoleForm(Versioned, forms.Form):
    role = role_field()


class YouForm(Versioned, forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=LONGEST_NAME,
        required=False,
        help_text="It stands in the history of bookings. Customers don't see it.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    theme = forms.ChoiceField(
        label="How pages look on this device",
        choices=[("device", "Like the device: light or dark"), ("light", "Light"), ("dark", "Dark")],
        widget=forms.RadioSelect,
    )

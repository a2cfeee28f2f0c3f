"""Where a job is, as people of the business type it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import localities
from accounts.places import AustralianState
from peepopay.forms import WholeForm

ADDRESS = "address_"


class AddressForm(WholeForm):
    address_line1 = forms.CharField(label="Street address of the job", max_length=200)
    address_suburb = forms.CharField(label="Suburb", max_length=80)
    address_state = forms.ChoiceField(label="State", choices=AustralianState.choices)
    address_postcode = forms.RegexField(
        r"^[0-9]{4}$",
        label="Postcode",
        widget=forms.TextInput({"inputmode": "numeric", "maxlength": 4}),
        error_messages={"invalid": "A postcode has four digits."},
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        place = {name: given.get(ADDRESS + name, "") for name in ("suburb", "state", "postcode")}
        if all(place.values()):
            for name, said in localities.problems(**place).items():
                self.add_error(ADDRESS + name, said)
        return given

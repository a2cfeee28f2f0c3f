"""For whom a job is and where, as people of the business type it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import localities
from accounts.places import AustralianState
from bookings.details import Details
from peepopay.forms import WholeForm

ADDRESS = "address_"


class AddressForm(WholeForm):
    """Further fields, of who it is for: `customer_name`, `customer_email`, `customer_phone`, and perhaps `notes`."""

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

    @property
    def details(self) -> Details:
        """Once it is valid."""
        given = self.cleaned_data
        return Details(
            name=given["customer_name"],
            email=given["customer_email"].lower(),
            phone=given["customer_phone"],
            **{name: given[ADDRESS + name] for name in ("line1", "suburb", "state", "postcode")},
            notes=given.get("notes", ""),
            answers={},
        )

"""A quote, as people of the business type it. Its lines are a formset of their own (`lines_forms.py`)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Service, Tradie
from accounts.service_rules import LONGEST_JOB_MINUTES, DepositKind
from bookings.models import Booking
from invoicing.line_items import Line
from invoicing.quote_models import Quote, QuoteVersion
from invoicing.quote_states import QuoteState
from invoicing.quote_terms import Pricing, last_day_of
from invoicing.quotes import Writing
from peepopay.errors import ValidationFailed
from peepopay.forms import DateInput, DollarsField, add_refusal
from peepopay.phone import PhoneField

from .address_forms import AddressForm
from .versions import Versioned

USUALLY_VALID = timedelta(days=14)
MOST_SERVICES = 200


class QuoteForm(Versioned, AddressForm):
    """Everything but the lines. `lines`: those of the quote that is changed; its version tells of them too."""

    customer_name = forms.CharField(label="Name", max_length=120)
    customer_phone = PhoneField(label="Mobile", help_text="The link goes there as a text, too.")
    customer_email = forms.EmailField(label="Email", max_length=254)
    service = forms.TypedChoiceField(
        label="Kind of job",
        coerce=UUID,
        help_text="Says who can do it, the time around it and your cancellation terms. Its price doesn’t matter here.",  # noqa: RUF001
    )
    title = forms.CharField(
        label="What it is",
        max_length=120,
        help_text="The customer reads it first, such as “New hot water system”.",
    )
    message = forms.CharField(
        label="Message",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="What is included, what isn’t, what you need from them.",  # noqa: RUF001
    )
    duration_minutes = forms.IntegerField(
        label="How long it takes",
        min_value=5,
        max_value=LONGEST_JOB_MINUTES,
        required=False,
        help_text="Minutes, 5 to 720. Empty: as long as that kind of job takes.",
    )
    deposit_kind = forms.ChoiceField(
        label="To accept, the customer pays", choices=DepositKind.choices, widget=forms.RadioSelect
    )
    deposit_fixed_cents = DollarsField(
        label="Deposit amount", required=False, help_text="In dollars, for “A fixed amount”."
    )
    deposit_percent = forms.IntegerField(
        label="Deposit percentage",
        required=False,
        min_value=0,
        max_value=99,
        help_text="1 to 99, for “A percentage of the price”.",
    )
    cap_override_reason = forms.CharField(
        label="Why a deposit above the cap is allowed",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="Only for residential building work with a deposit above its cap. Kept on record with your name.",
    )
    last_day = forms.DateField(label="Valid until", widget=DateInput(), help_text="That day included.")

    def __init__(self, *args: Any, tradie: Tradie, lines: list[Line] | None = None, **options: Any) -> None:
        self.lines, self.is_new = lines, lines is None
        super().__init__(*args, **options)
        self.services = {service.pk: service for service in tradie.services.all()[:MOST_SERVICES]}
        for service in self.services.values():
            service.tradie = tradie
        self.fields["service"].choices = [  # type: ignore[attr-defined]
            (str(key), service.name) for key, service in self.services.items()
        ]

    def stored(self) -> dict[str, Any]:
        return {**super().stored(), "lines": self.lines}

    def writing(self, lines: list[Line]) -> Writing:
        """Of a valid form."""
        given = self.cleaned_data
        service: Service = self.services[given["service"]]
        deposit = Pricing(
            DepositKind(given["deposit_kind"]),
            given["deposit_fixed_cents"],
            given["deposit_percent"] or 0,
            given["cap_override_reason"],
        )
        return Writing(
            customer=self.details,
            service=service,
            title=given["title"],
            message=given["message"],
            lines=lines,
            duration_minutes=given["duration_minutes"] or service.duration_minutes,
            deposit=deposit,
            last_day=given["last_day"],
        )

    def add_refusal(self, refusal: ValidationFailed) -> None:
        """What the rules for services say, in the words of this form."""
        fields = {"title" if name == "name" else name: said for name, said in refusal.fields.items()}
        if policy := {name: said for name, said in fields.items() if name not in self.fields}:
            whose = self.services[self.cleaned_data["service"]].name
            fields = {name: said for name, said in fields.items() if name in self.fields}
            fields["service"] = [
                f"The cancellation terms of {whose} don't suit this deposit. {sentence}"
                for sentences in policy.values()
                for sentence in sentences
            ]
        add_refusal(self, ValidationFailed(refusal.message, fields=fields))


CUSTOMER_COLUMNS = (
    "customer_name",
    "customer_phone",
    "customer_email",
    "address_line1",
    "address_suburb",
    "address_state",
    "address_postcode",
)


def new_quote(tradie: Tradie, today: date, customer: Booking | None = None) -> dict[str, Any]:
    """What a new form begins with; `customer`: somebody known, by a booking of theirs."""
    known = {name: getattr(customer, name) for name in CUSTOMER_COLUMNS} if customer else {}
    return {
        "address_state": tradie.state,
        "deposit_kind": DepositKind.PERCENT,
        "deposit_percent": 10,
        "last_day": today + USUALLY_VALID,
        **known,
    }


def as_written(quote: Quote, version: QuoteVersion, today: date) -> dict[str, Any]:
    """A quote to be written on; one whose time is up begins with a new one."""
    last_day = last_day_of(version, quote.tradie.timezone)
    return {
        **{name: getattr(quote, name) for name in CUSTOMER_COLUMNS},
        "service": str(version.service_id),
        "title": version.title,
        "message": version.message,
        "duration_minutes": version.duration_minutes,
        "deposit_kind": version.deposit_kind,
        "deposit_fixed_cents": version.deposit_fixed_cents,
        "deposit_percent": version.deposit_percent,
        "cap_override_reason": version.cap_override_reason,
        "last_day": last_day if last_day >= today else today + USUALLY_VALID,
    }


class QuoteSearchForm(forms.Form):
    q = forms.CharField(label="Name, phone, email or reference", max_length=80, required=False)
    show = forms.ChoiceField(choices=QuoteState.choices, required=False)

    def wanted(self) -> tuple[str, str]:
        """(state, search words); an odd address shows all."""
        self.full_clean()
        return self.cleaned_data.get("show") or "", self.cleaned_data.get("q") or ""

"""A service and cancellation terms, as people type them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import Service, Tradie
from accounts.policy_columns import POLICY_FIELDS
from accounts.policy_templates import TEMPLATES, Trade
from accounts.service_rules import DepositKind
from availability.models import Calendar
from peepopay.forms import DollarsField, WholeModelForm
from peepopay.local_time import spoken
from web.dashboard.versions import Versioned

WINDOWS = (0, 60, 120, 180, 240)
DEPOSIT_BUT_NONE = "“No deposit” is chosen. Choose how much the customer pays, or empty this."
POLICY_LABELS = {
    "free_cancellation_hours": "Free to cancel until",
    "late_fee_kind": "Kept after that",
    "no_refund_hours": "Nothing comes back from",
}
POLICY_HELP = {
    "free_cancellation_hours": "Hours before the start, 720 (30 days) at most.",
    "no_refund_hours": "Hours before the start, 168 (7 days) at most.",
}


def _window_words(minutes: int) -> str:
    return f"Within {spoken(minutes)}" if minutes else "At the exact time"


class PolicyFields(Versioned, WholeModelForm):
    """`start_from`: the trade whose template is filled in when that is pressed (`filled_in`)."""

    start_from = forms.ChoiceField(
        label="Fill in what suits a trade",
        choices=[("", "Choose a trade"), *Trade.choices],
        required=False,
    )
    late_fee_cents = DollarsField(
        label="Amount kept",
        required=False,
        help_text="In dollars, for “A fixed amount”. At most the deposit.",
    )
    late_fee_percent = forms.IntegerField(
        label="Part kept, percent",
        required=False,
        min_value=0,
        max_value=100,
        help_text="0 to 100, for “A part of the deposit”.",
    )
    no_show_fee_cents = DollarsField(
        label="No-show fee",
        required=False,
        help_text="In dollars, at most the price. The deposit counts towards it, and customers are asked whether their"
        " card may be charged for the rest. Only you can charge it, after the start. No deposit, no card.",
    )

    def clean_late_fee_percent(self) -> int:
        return self.cleaned_data["late_fee_percent"] or 0

    def filled_in(self) -> dict[str, Any]:
        """What was typed, with the policy of the chosen trade in place of the one that was there. The row has it too,
        as far as what was typed can be: nothing of it is saved."""
        typed = {name: self[name].value() for name in self.fields}
        template = TEMPLATES.get(str(typed["start_from"]))
        columns = template.columns if template else {}
        self.is_valid()
        for name, value in columns.items():
            setattr(self.instance, name, value)
        return typed | columns | {self.version_field: self.data.get(self.version_field)}


class BusinessTermsForm(PolicyFields):
    """The usual terms of a business, for services without their own."""

    class Meta:
        model = Tradie
        fields = POLICY_FIELDS
        labels = POLICY_LABELS
        help_texts = POLICY_HELP
        widgets = {"late_fee_kind": forms.RadioSelect}


class ServiceForm(PolicyFields):
    price_cents = DollarsField(label="Price", help_text="In dollars, including GST. 0 is free.")
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
    arrival_window_minutes = forms.TypedChoiceField(
        label="When you arrive",
        coerce=int,
        help_text="What a customer who books 8:00 am reads: “8:00 am”, or with 2 hours “between 8:00 and 10:00 am”."
        " Bookings made before keep what they were promised.",
    )
    follows_business_policy = forms.TypedChoiceField(
        label="Cancellation terms",
        choices=((True, "Our usual terms"), (False, "Terms of its own")),
        coerce=lambda text: text == "True",
        widget=forms.RadioSelect,
    )
    calendars = forms.MultipleChoiceField(
        label="Who can do it?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Somebody has to do it. To take no bookings for it, stop offering it."},
    )

    class Meta:
        model = Service
        fields = (
            "name",
            "description",
            "duration_minutes",
            "arrival_window_minutes",
            "price_cents",
            "price_from",
            "deposit_kind",
            "deposit_fixed_cents",
            "deposit_percent",
            "deposit_is",
            "is_residential_building",
            "cap_override_reason",
            "requires_approval",
            "buffer_before_minutes",
            "buffer_after_minutes",
            "follows_business_policy",
            *POLICY_FIELDS,
        )
        labels = {
            "duration_minutes": "How long it takes",
            "price_from": "Show the price as “from”",
            "deposit_kind": "When booking, the customer pays",
            "requires_approval": "I approve each booking first",
            "buffer_before_minutes": "Free time before",
            "buffer_after_minutes": "Free time after",
            "deposit_is": "To the tax office the deposit is",
            "is_residential_building": "This is residential building work",
            "cap_override_reason": "Why a deposit above the cap is allowed",
            **POLICY_LABELS,
        }
        help_texts = {
            "duration_minutes": "Minutes, 5 to 720.",
            "price_from": "For work whose final price depends on the job.",
            "requires_approval": "Customers ask for a time and you say yes or no. Till then a deposit is only held.",
            "buffer_before_minutes": "Minutes, for driving or setting up.",
            "buffer_after_minutes": "Minutes, for cleaning up or driving.",
            "deposit_is": "Only if you are registered for GST does it matter. The full price is always a part payment.",
            "is_residential_building": "Building, renovating or repairing a home. States cap its deposit.",
            "cap_override_reason": "Only where the deposit is above it. Kept on record with your name.",
            **POLICY_HELP,
        }
        widgets = {
            "description": forms.Textarea({"rows": 3}),
            "deposit_kind": forms.RadioSelect,
            "deposit_is": forms.RadioSelect,
            "cap_override_reason": forms.Textarea({"rows": 2}),
            "late_fee_kind": forms.RadioSelect,
        }

    def __init__(self, *args: Any, crew: Sequence[Calendar], **options: Any) -> None:
        """`crew`: who there is to do it, where there are several."""
        if instance := options.get("instance"):
            follows = instance.follows_business_policy or instance._state.adding
            options["initial"] = {"follows_business_policy": follows, **(options.get("initial") or {})}
        super().__init__(*args, **options)
        windows = sorted({*WINDOWS, self.instance.arrival_window_minutes})
        self.fields["arrival_window_minutes"].choices = [(m, _window_words(m)) for m in windows]  # type: ignore[attr-defined]
        self.is_new = self.instance._state.adding
        named = [] if self.instance._state.adding or not crew else list(self.instance.calendars.all())
        self.crew = [*crew, *(calendar for calendar in named if calendar not in crew)]
        if crew:
            field = self.fields["calendars"]
            field.choices = [(str(calendar.pk), calendar.name) for calendar in self.crew]  # type: ignore[attr-defined]
            field.initial = [str(calendar.pk) for calendar in named or crew]
        else:
            del self.fields["calendars"]

    @property
    def who(self) -> list[Calendar] | None:
        """Those that are named as able to do it: nobody where all are. None: it wasn't asked."""
        ticked = self.cleaned_data.get("calendars")
        if ticked is None:
            return None
        who = [calendar for calendar in self.crew if str(calendar.pk) in ticked]
        return [] if who == self.crew else who

    def clean_deposit_percent(self) -> int:
        return self.cleaned_data["deposit_percent"] or 0

    def clean(self) -> dict[str, Any]:
        """A deposit that was typed now is not left out unseen; one from before is kept for the next time."""
        given = super().clean() or {}
        if given.get("deposit_kind") == DepositKind.NONE:
            for name in {"deposit_fixed_cents", "deposit_percent"} & set(self.changed_data):
                if given.get(name):
                    self.add_error(name, DEPOSIT_BUT_NONE)
        return given

"""A business and its services, as people type them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.models import AnonymousUser

from accounts.businesses import LONGEST_SLUG, TAKEN, propose_slug
from accounts.models import Service, Tradie, User
from accounts.places import AustralianState
from availability.models import Calendar
from peepopay.forms import DollarsField, WholeForm, WholeModelForm
from peepopay.phone import PhoneField


class SetUpForm(WholeForm):
    business_name = forms.CharField(
        max_length=120, widget=forms.TextInput({"autocomplete": "organization", "autofocus": True})
    )
    phone = PhoneField(help_text="Customers see it and call it.")
    state = forms.ChoiceField(
        choices=[("", "Choose your state"), *AustralianState.choices],
        help_text="Sets your time zone and public holidays.",
    )
    slug = forms.SlugField(
        label="Your booking address",
        max_length=LONGEST_SLUG,
        required=False,
        help_text="Leave it empty and we make one from the name, such as joes-plumbing.",
    )

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].lower()
        if slug and Tradie.objects.filter(slug=slug).exists():
            raise forms.ValidationError(TAKEN)
        return slug or propose_slug(self.cleaned_data.get("business_name", ""))


class BusinessForm(WholeModelForm):
    abn = forms.CharField(label="ABN", required=False, max_length=20, help_text="11 digits.")

    class Meta:
        model = Tradie
        fields = (
            "business_name",
            "email",
            "phone",
            "mobile",
            "suburb",
            "state",
            "timezone",
            "abn",
            "licence_number",
            "accent_colour",
            "is_open",
        )
        labels = {
            "email": "Email for booking news",
            "timezone": "Time zone",
            "accent_colour": "Colour of your buttons",
            "is_open": "Take bookings online",
        }
        help_texts = {
            "phone": "Customers see it and call it.",
            "mobile": "Where we text you. Only you see it.",
            "email": "One of your own: add and confirm another under “Email address”.",
            "timezone": "All your times are shown in it.",
            "is_open": "Off: nobody can open your booking page. Bookings you have stay.",
        }
        widgets = {"accent_colour": forms.TextInput({"type": "color"})}

    def __init__(self, *args: Any, user: User | AnonymousUser, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_email(self) -> str:
        """Booking news goes to no one who hasn't confirmed that they read it there, or it could be sent to anybody."""
        email: str = self.cleaned_data["email"]
        confirmed = EmailAddress.objects.filter(user_id=self.user.pk, email__iexact=email, verified=True)
        if "email" in self.changed_data and not confirmed.exists():
            raise forms.ValidationError("First add and confirm this address under “Email address”.")
        return email

    def clean_abn(self) -> str:
        return "".join(self.cleaned_data["abn"].split())  # people write 51 824 753 556


class ServiceForm(WholeModelForm):
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
    late_fee_cents = DollarsField(
        label="Kept after that",
        required=False,
        help_text="In dollars, of the deposit, when a customer cancels late.",
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
            "price_cents",
            "price_from",
            "deposit_kind",
            "deposit_fixed_cents",
            "deposit_percent",
            "requires_approval",
            "buffer_before_minutes",
            "buffer_after_minutes",
            "free_cancellation_hours",
            "late_fee_cents",
            "no_refund_hours",
        )
        labels = {
            "duration_minutes": "How long it takes",
            "price_from": "Show the price as “from”",
            "deposit_kind": "When booking, the customer pays",
            "requires_approval": "I approve each booking first",
            "buffer_before_minutes": "Free time before",
            "buffer_after_minutes": "Free time after",
            "free_cancellation_hours": "Free to cancel until",
            "no_refund_hours": "Nothing comes back from",
        }
        help_texts = {
            "duration_minutes": "Minutes, 5 to 720.",
            "price_from": "For work whose final price depends on the job.",
            "requires_approval": "Customers ask for a time and you say yes or no. Till then a deposit is only held.",
            "buffer_before_minutes": "Minutes, for driving or setting up.",
            "buffer_after_minutes": "Minutes, for cleaning up or driving.",
            "free_cancellation_hours": "Hours before the start.",
            "no_refund_hours": "Hours before the start.",
        }
        widgets = {"description": forms.Textarea({"rows": 3}), "deposit_kind": forms.RadioSelect}

    def __init__(self, *args: Any, crew: Sequence[Calendar], **options: Any) -> None:
        """`crew`: who there is to do it, where there are several."""
        super().__init__(*args, **options)
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

"""A business, as its people type it."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.models import AnonymousUser

from accounts.abn import is_abn
from accounts.businesses import LONGEST_SLUG, NOT_TO_BE_HAD, RESERVED, TAKEN, propose_slug
from accounts.models import Tradie, User
from accounts.places import AustralianState
from accounts.policy_templates import Trade
from bookings.news import for_sms
from peepopay.forms import WholeForm, WholeModelForm
from peepopay.phone import PhoneField
from web.dashboard.versions import Versioned


class AbnField(forms.CharField):
    """As people write it, `51 824 753 556`; gives the digits."""

    def __init__(self) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(
            label="ABN", required=False, max_length=20, help_text="11 digits, for invoices.", widget=widget
        )

    def clean(self, value: Any) -> str:
        digits = "".join(super().clean(value).split())
        if digits and not is_abn(digits):
            raise forms.ValidationError("That is no ABN: check its 11 digits.")
        return digits


class SetUpForm(WholeForm):
    business_name = forms.CharField(
        max_length=120, widget=forms.TextInput({"autocomplete": "organization", "autofocus": True})
    )
    phone = PhoneField(help_text="Customers see it and call it.")
    state = forms.ChoiceField(
        choices=[("", "Choose your state"), *AustralianState.choices],
        help_text="Sets your time zone and public holidays.",
    )
    trade = forms.ChoiceField(
        choices=[("", "Something else"), *Trade.choices],
        required=False,
        help_text="Sets your usual cancellation terms to what suits the trade.",
    )
    abn = AbnField()
    licence_number = forms.CharField(
        max_length=40, required=False, help_text="Customers see it, where your trade needs one."
    )
    slug = forms.SlugField(
        label="Your booking address",
        max_length=LONGEST_SLUG,
        required=False,
        help_text="Leave it empty and we make one from the name, such as joes-plumbing.",
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].lower()
        if slug in RESERVED:
            raise forms.ValidationError(NOT_TO_BE_HAD)
        if slug and Tradie.objects.filter(slug=slug).exists():
            raise forms.ValidationError(TAKEN)
        return slug or propose_slug(self.cleaned_data.get("business_name", ""))


class BusinessForm(Versioned, WholeModelForm):
    abn = AbnField()

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
            "gst_registered",
            "licence_number",
            "area_km",
            "area_postcode",
            "accent_colour",
            "is_open",
        )
        labels = {
            "email": "Email for booking news",
            "timezone": "Time zone",
            "gst_registered": "Registered for GST",
            "area_km": "How far you go, in kilometres",
            "area_postcode": "From which postcode",
            "accent_colour": "Colour of your buttons",
            "is_open": "Take bookings online",
        }
        help_texts = {
            "phone": "Customers see it and call it.",
            "mobile": "Where we text you. Only you see it.",
            "email": "One of your own: add and confirm another under “Email address”.",
            "gst_registered": "Your prices include it, and receipts say when it is due.",
            "timezone": "All your times are shown in it.",
            "area_km": "As the crow flies. Further away customers are asked to call you. Empty: anywhere.",
            "area_postcode": "Where you start from, such as 2042.",
            "is_open": "Off: your booking page says to call you instead. Bookings you have stay.",
        }
        widgets = {"accent_colour": forms.TextInput({"type": "color"})}

    def __init__(self, *args: Any, user: User | AnonymousUser, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_mobile(self) -> str:
        number: str = self.cleaned_data["mobile"]
        if "mobile" in self.changed_data and number and not for_sms(number):
            raise forms.ValidationError("We can text Australian mobiles only, such as 0412 345 678.")
        return number

    def clean_email(self) -> str:
        """Booking news goes to no one who hasn't confirmed that they read it there, or it could be sent to anybody."""
        email: str = self.cleaned_data["email"]
        confirmed = EmailAddress.objects.filter(user_id=self.user.pk, email__iexact=email, verified=True)
        if "email" in self.changed_data and not confirmed.exists():
            raise forms.ValidationError("First add and confirm this address under “Email address”.")
        return email

"""What people type about bills: beside the lines (`lines_forms.py`)."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.abn import is_abn
from invoicing.invoice_models import How
from invoicing.models import PayTo
from peepopay.forms import DateInput, DollarsField, WholeForm, WholeModelForm
from web.dashboard.versions import Versioned


class InvoiceForm(WholeForm):
    """`key`: however often the button is pressed, it is one invoice. `instead_of`: the one that it corrects."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    instead_of = forms.UUIDField(widget=forms.HiddenInput, required=False)


class ReceiptForm(WholeForm):
    amount_cents = DollarsField(label="How much was paid?")
    how = forms.ChoiceField(label="How?", choices=How, widget=forms.RadioSelect)
    received_on = forms.DateField(label="When?", widget=DateInput)
    key = forms.UUIDField(widget=forms.HiddenInput)  # however often the button is pressed: one payment


class GiveBackForm(ReceiptForm):
    amount_cents = DollarsField(label="How much did you hand back?")


class CreditForm(WholeForm):
    amount_cents = DollarsField(label="How much comes off?")
    reason = forms.CharField(label="Why? It stands on the credit note.", max_length=150)
    key = forms.UUIDField(widget=forms.HiddenInput)


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


class PayToForm(Versioned, WholeModelForm):
    bsb = forms.CharField(label="BSB", required=False, max_length=10, help_text="6 digits, such as 062-000.")
    account_number = forms.CharField(required=False, max_length=16)

    class Meta:
        model = PayTo
        fields = ("payid", "account_name", "bsb", "account_number")
        help_texts = {
            "payid": "A mobile number, an email address or an ABN, as you registered it with your bank.",
            "account_name": "As your bank knows it.",
        }

    def clean_payid(self) -> str:
        given: str = self.cleaned_data["payid"].strip()
        if given and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?[\d\s-]{8,20}", given):
            raise forms.ValidationError("Write a mobile number, an email address or an ABN.")
        digits = "" if "@" in given else _digits(given)
        if len(digits) == 11 and not digits.startswith("61") and not is_abn(digits):  # 61 begins mobiles too
            raise forms.ValidationError("That is no ABN: check its 11 digits.")
        return given

    def clean_bsb(self) -> str:
        given = _digits(self.cleaned_data["bsb"])
        if given and not re.fullmatch(r"\d{6}", given):
            raise forms.ValidationError("A BSB has 6 digits.")
        return given

    def clean_account_number(self) -> str:
        given = _digits(self.cleaned_data["account_number"])
        if given and not re.fullmatch(r"\d{4,10}", given):
            raise forms.ValidationError("An account number has 4 to 10 digits.")
        return given

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and bool(given["bsb"]) != bool(given["account_number"]):
            self.add_error("account_number", "An account needs its BSB and its number.")
        return given

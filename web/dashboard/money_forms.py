"""What people type about their books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from ledger.chart import XERO_CODES, Account
from peepopay.forms import WholeForm

CODE = RegexValidator(r"\A[0-9A-Za-z][0-9A-Za-z.\-]*\Z", "Write the code as Xero shows it, such as 200.")


class CodesForm(WholeForm):
    """A code for each account that lines of the file go to."""

    def __init__(self, *args: Any, codes: Mapping[Account, str], **options: Any) -> None:
        super().__init__(*args, **options)
        for account, known in XERO_CODES.items():
            self.fields[account.value] = forms.CharField(
                label=account.label,
                max_length=10,
                initial=codes[account],
                help_text=f"Usually {known.code}: {known.note}.",
                validators=[CODE],
            )

    def codes(self) -> dict[Account, str]:
        return {account: self.cleaned_data[account.value] for account in XERO_CODES}

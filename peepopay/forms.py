"""Form building blocks: dollars on the page and cents in the row, constraints as sentences, pages that arrived in
half."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .errors import ValidationFailed
from .money import MOST_CENTS
from .row_checks import beside_fields

# No exponents; a comma only where Australians write one: 12,50 is no $1,250.
AMOUNT = re.compile(r"([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})(\.[0-9]{0,6})?|\.[0-9]{1,6}")


class DollarsField(forms.Field):
    """Reads `1,200.50`, `$30`; gives cents. A row's cents are shown as `1200.50`."""

    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "dollars"})
    default_error_messages = {"invalid": "Write an amount such as 30 or 82.50."}

    def to_python(self, value: Any) -> int | None:
        text = str(value if value is not None else "").strip().removeprefix("$").strip()
        if not text:
            return None
        cents = Decimal(text.replace(",", "")) * 100 if AMOUNT.fullmatch(text) else Decimal(-1)
        if not 0 <= cents <= MOST_CENTS or cents % 1:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(cents)

    def clean(self, value: Any) -> int:
        return super().clean(value) or 0

    def prepare_value(self, value: Any) -> Any:
        """Cents of the row as dollars; what a person typed stays as typed."""
        if not isinstance(value, int):
            return value
        whole, rest = divmod(value, 100)
        return f"{whole}.{rest:02}" if rest else str(whole)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            before = initial if isinstance(initial, int) else self.to_python(initial)
            after = self.to_python(data)
        except ValidationError:
            return True
        return bool(before != (0 if after is None and before == 0 else after))


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%d", **options)


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)


PART_MISSING = "Part of this page didn't reach us, so nothing was changed. Please reload it and try again."


def is_whole(form: forms.BaseForm) -> bool:
    """Whether every field of the page was sent. One left empty is sent as empty, so a missing one means that the
    request is not what the page would send. (A box that isn't ticked is never sent: of it nothing can be told.)"""
    return not any(
        field.widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    )


def add_refusal(form: forms.BaseForm, refusal: ValidationFailed) -> None:
    """Say at its fields what a rule refused."""
    for name, sentences in refusal.fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
    if not refusal.fields:
        form.add_error(None, refusal.message)


class WholePages:
    """A form that refuses half a page: a field that was not sent must not empty what is stored."""

    def _clean_form(self) -> None:
        super()._clean_form()  # type: ignore[misc]
        if not is_whole(self):  # type: ignore[arg-type]
            self.add_error(None, PART_MISSING)  # type: ignore[attr-defined]


class WholeForm(WholePages, forms.Form):
    pass


class RowForm(forms.ModelForm):
    """Says what a constraint of the table says, beside the field that it names in its `violation_error_code`."""

    def add_error(self, field: str | None, error: Any) -> None:
        if field is None and hasattr(error, "error_dict"):
            error = ValidationError(beside_fields(error.error_dict, self.fields))
        super().add_error(field, error)


class WholeModelForm(WholePages, RowForm):
    pass

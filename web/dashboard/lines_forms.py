"""Lines of a quote or an invoice as a formset: typed on a phone; added and removed without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms

from invoicing.line_items import MOST_LINES, Line, LineTotals, totals, what_is_wrong
from peepopay.forms import DollarsField, is_whole
from peepopay.money import dollars
from peepopay.templatetags.reading import plain_number

WITH_GST, GST_FREE, DISCOUNT = "gst", "gst_free", "discount"
KINDS = [(WITH_GST, "Price, GST included"), (GST_FREE, "Price, GST-free"), (DISCOUNT, "Discount")]
KINDS_WITHOUT_GST = [(WITH_GST, "Price"), (DISCOUNT, "Discount")]
BLANK: Mapping[str, Any] = {"description": "", "quantity": "1", "unit_price_cents": "", "kind": WITH_GST}


class LineForm(forms.Form):
    """One line; with neither words nor a price it is none. A discount is typed as what comes off: phones show no minus
    beside digits."""

    description = forms.CharField(label="What", max_length=200, required=False)
    quantity = forms.DecimalField(
        label="How many",
        max_digits=7,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "Write a number such as 2 or 1.5."},
    )
    unit_price_cents = DollarsField(label="Each ($)", required=False)
    kind = forms.ChoiceField(label="Kind", choices=KINDS)
    line: Line | None = None

    def __init__(self, *args: Any, gst_registered: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not gst_registered:
            self.fields["kind"].choices = KINDS_WITHOUT_GST  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.errors or self.is_blank:
            return
        given = self.cleaned_data
        if not given["description"]:
            self.add_error("description", "Write what this is for.")
        if not self.typed["unit_price_cents"]:
            self.add_error("unit_price_cents", "Write what one costs; 0 if nothing.")
        if not self.errors:
            cents = given["unit_price_cents"]
            self.line = Line(
                given["description"],
                Decimal(1) if given["quantity"] is None else given["quantity"],
                -cents if given["kind"] == DISCOUNT else cents,
                given["kind"] == GST_FREE,
            )

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in each field."""
        return {name: str(self[name].value() or "").strip() for name in self.fields}

    @property
    def is_blank(self) -> bool:
        return not self.typed["description"] and not self.typed["unit_price_cents"]


class BaseLines(forms.BaseFormSet):
    """The lines of one page. How many the page had comes with them: what did not arrive can't be taken for none.

    Valid: `lines` come to something that can be asked for.
    """

    def __init__(self, *args: Any, gst_registered: bool, **options: Any) -> None:
        self.gst_registered = gst_registered
        self.stored: list[Line] | None = None  # where they are others than the page was opened with
        options["form_kwargs"] = {"gst_registered": gst_registered}
        super().__init__(*args, **options)

    @property
    def is_whole(self) -> bool:
        return self.management_form.is_valid() and all(is_whole(form) for form in self.forms)

    def clean(self) -> None:
        if self.stored is not None and self.lines != self.stored:
            told = "; ".join(in_words(line) for line in self.stored) or "no lines"
            raise forms.ValidationError(f"Saved elsewhere: {told}")
        if not any(self.errors) and (wrong := what_is_wrong(self.lines, gst_registered=self.gst_registered)):
            raise forms.ValidationError(wrong)

    @property
    def lines(self) -> list[Line]:
        """Of a valid page, in their order, without those left blank."""
        return [form.line for form in self.forms if form.line]

    @property
    def totals(self) -> LineTotals:
        return totals(self.lines, gst_registered=self.gst_registered)

    @property
    def can_grow(self) -> bool:
        return len(self.forms) < MOST_LINES

    @property
    def was_resized(self) -> bool:
        """The button pressed was add or remove: show the page with `after_the_press`, and judge nothing."""
        return bool({"add_line", "remove_line"} & set(self.data))

    def after_the_press(self) -> BaseLines:
        """As typed, with a line more or less."""
        removed = self.data.get("remove_line")
        rows = [form.typed for form in self.forms if form.prefix != removed]
        return lines_form([*rows, BLANK] if "add_line" in self.data else rows, self.gst_registered)


_Lines = cast(
    type[BaseLines],
    forms.formset_factory(
        LineForm,
        formset=BaseLines,
        extra=0,
        min_num=1,
        max_num=MOST_LINES,
        absolute_max=MOST_LINES,
        validate_max=True,
    ),
)


def posted_lines(data: Mapping[str, str], *, gst_registered: bool) -> BaseLines:
    """What was typed."""
    return _Lines(data, prefix="line", gst_registered=gst_registered)


def lines_form(rows: Iterable[Mapping[str, Any]], gst_registered: bool) -> BaseLines:
    """These rows to be typed into (`typed_from`, `BLANK`)."""
    initial = [dict(row) for row in rows][:MOST_LINES] or [dict(BLANK)]
    return _Lines(initial=initial, prefix="line", gst_registered=gst_registered)


def in_words(line: Line) -> str:
    """`Tap (2 x $45)`, with a real multiplication sign."""
    times = f"{plain_number(line.quantity)} \N{MULTIPLICATION SIGN} {dollars(line.unit_price_cents)}"
    return f"{line.description} ({times})"


def typed_from(line: Line) -> dict[str, Any]:
    """A line as its form shows it."""
    kind = DISCOUNT if line.unit_price_cents < 0 else GST_FREE if line.is_gst_free else WITH_GST
    return {
        "description": line.description,
        "quantity": plain_number(line.quantity),
        "unit_price_cents": abs(line.unit_price_cents),
        "kind": kind,
    }

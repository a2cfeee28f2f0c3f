"""A service's own questions as a formset: added, removed and put in order without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms

from accounts.questions import (
    LONGEST_CHOICE,
    LONGEST_QUESTION,
    MOST_CHOICES,
    MOST_QUESTIONS,
    QuestionRow,
    new_id,
    what_is_wrong_with,
)
from peepopay.forms import is_whole

BLANK: Mapping[str, Any] = {"id": "", "label": "", "choices": "", "photo": False, "required": False}
PRESSES = {"add_line", "remove_line", "up", "down"}


class QuestionForm(forms.Form):
    """One question; with neither words nor answers it is none."""

    id = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    label = forms.CharField(label="What you ask", max_length=LONGEST_QUESTION, required=False)
    choices = forms.CharField(
        label="Answers to choose from",
        help_text="One on each line. Leave it empty, and the customer types the answer.",
        max_length=MOST_CHOICES * (LONGEST_CHOICE + 2),
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    photo = forms.BooleanField(
        label="They answer with photos",
        help_text="They choose or take them in the form, and you see them in the booking.",
        required=False,
    )
    required = forms.BooleanField(label="It must be answered", required=False)

    def clean_choices(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        choices = list(dict.fromkeys(line for line in lines if line))
        if wrong := what_is_wrong_with(choices):
            raise forms.ValidationError(wrong)
        return choices

    def clean(self) -> None:
        if not self.cleaned_data.get("label") and (
            self.cleaned_data.get("choices") or self.cleaned_data.get("photo")
        ):
            self.add_error("label", "Write what you ask.")
        if self.cleaned_data.get("choices") and self.cleaned_data.get("photo"):
            self.add_error("photo", "A photo chooses none of the answers above: leave one of the two away.")

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in each field."""
        return {name: self[name].value() or BLANK[name] for name in self.fields}


class BaseQuestions(forms.BaseFormSet):
    """The questions of one page; see `lines_forms.BaseLines`."""

    @property
    def is_whole(self) -> bool:
        return self.management_form.is_valid() and all(is_whole(form) for form in self.forms)

    def rows(self, known: Iterable[str]) -> list[QuestionRow]:
        """Of a valid page, in its order, without those left blank. `known`: the ids that these may have already."""
        free = set(known)
        found: list[QuestionRow] = []
        for form in self.forms:
            given = form.cleaned_data
            if given.get("label"):
                own = given["id"] if given["id"] in free else new_id()
                free.discard(own)
                rest = {name: given[name] for name in ("label", "required", "choices", "photo")}
                found.append(cast(QuestionRow, {"id": own, **rest}))
        return found

    @property
    def can_grow(self) -> bool:
        return len(self.forms) < MOST_QUESTIONS

    @property
    def was_arranged(self) -> bool:
        """The button pressed was one of the questions' own: show the page with `after_the_press`, and judge nothing."""
        return bool(PRESSES & set(self.data))

    def after_the_press(self) -> BaseQuestions:
        """As typed, with one more, one less, or in another order."""
        rows = {form.prefix: form.typed for form in self.forms}
        order = [name for name in rows if name != self.data.get("remove_line")]
        for button, by in (("up", -1), ("down", 1)):
            if (name := self.data.get(button)) in order:
                at = order.index(name)
                order.insert(max(at + by, 0), order.pop(at))
        more = [BLANK] if "add_line" in self.data else []
        return questions_form([*(rows[name] for name in order), *more])


_Questions = cast(
    type[BaseQuestions],
    forms.formset_factory(
        QuestionForm,
        formset=BaseQuestions,
        extra=0,
        max_num=MOST_QUESTIONS,
        absolute_max=MOST_QUESTIONS,
        validate_max=True,
    ),
)


def posted_questions(data: Mapping[str, str]) -> BaseQuestions:
    """What was typed."""
    return _Questions(data, prefix="question")


def questions_form(rows: Iterable[Mapping[str, Any]]) -> BaseQuestions:
    """These rows to be typed into."""
    return _Questions(initial=[dict(row) for row in rows][:MOST_QUESTIONS], prefix="question")


def typed_from(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored question as its form shows it."""
    return {
        "id": str(row["id"]),
        "label": row["label"],
        "choices": "\n".join(row.get("choices", ())),
        "photo": bool(row.get("photo")),
        "required": bool(row.get("required")),
    }


def asked_in(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What they ask, whichever ids they have."""
    return [{**typed_from(row), "id": ""} for row in rows]

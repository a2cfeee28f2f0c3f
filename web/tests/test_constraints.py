"""What a table refuses is said in a sentence, beside the field to change, wherever a person fills in a row of it.

The dashboard's forms are tried in `dashboard/`; here are those with every column.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError
from django.db.models import BaseConstraint, Model
from django.forms import modelform_factory

from accounts.models import Tradie
from availability.models import Calendar, DateException, TimeOff, WorkingHours
from peepopay.forms import RowForm
from web.admin.base import BoundedAdmin, ReadOnlyAdmin

FILLED_IN = [
    *(Calendar, WorkingHours, DateException, TimeOff),
    *(
        model
        for model, page in admin.site._registry.items()
        if isinstance(page, BoundedAdmin) and not isinstance(page, ReadOnlyAdmin)
    ),
]


def says_what_to_change(model: type[Model], constraint: BaseConstraint) -> bool:
    try:
        model._meta.get_field(constraint.violation_error_code or "")
    except FieldDoesNotExist:
        return False
    return constraint.violation_error_message != BaseConstraint.default_violation_error_message


def test_every_constraint_on_what_people_fill_in_has_a_sentence_and_a_field() -> None:
    constraints = [
        (model, constraint)
        for model in FILLED_IN
        for constraint in model._meta.constraints
        if not {"id", "source"} & {*getattr(constraint, "fields", ())}  # nobody fills those in
    ]
    assert len(constraints) > 20
    assert [one.name for model, one in constraints if not says_what_to_change(model, one)] == []


@pytest.mark.parametrize(
    ("model", "typed", "field", "said"),
    [
        (
            Calendar,
            {"name": "SAM'S PLUMBING"},
            "name",
            "You already have one with that name. Choose another.",
        ),
        (
            Calendar,
            {"slot_step_minutes": 7},
            "slot_step_minutes",
            "Choose 5, 10, 15, 20, 30 or 60 minutes.",
        ),
        (
            Calendar,
            {"max_bookings_per_day": 0},
            "max_bookings_per_day",
            "At least 1. Leave it empty for no limit.",
        ),
        (
            WorkingHours,
            {"weekday": 0, "opens_minute": 900, "closes_minute": 1000},
            "opens_minute",
            "This overlaps other hours of the day.",
        ),
        (
            WorkingHours,
            {"weekday": 0, "opens_minute": 1100, "closes_minute": 1050},
            "closes_minute",
            "This must be later than the start, and at most midnight.",
        ),
        (
            DateException,
            {"date": "2027-03-01", "opens_minute": 500},
            "closes_minute",
            "Fill in neither time, or both, in order and until midnight at most.",
        ),
        (
            TimeOff,
            {
                "starts_at": "2027-03-02 08:00",
                "ends_at": "2027-03-02 08:00",
                "repeats": "never",
            },
            "ends_at",
            "It must end after it starts.",
        ),
    ],
)
def test_whoever_fills_in_a_form_of_the_row_reads_it_beside_the_field(
    model: type[Model], typed: dict[str, Any], field: str, said: str, sam: Tradie
) -> None:
    whose = {"tradie": sam.pk} if model is Calendar else {"calendar": sam.calendars.get().pk}
    usual = {"slot_step_minutes": 30, "minimum_notice_minutes": 120, "position": 1, "name": "Kim"}
    form = modelform_factory(model, form=RowForm, fields="__all__")(usual | whose | typed)
    assert form.errors == {field: [said]}


@pytest.mark.parametrize("half", [{"opens_minute": 500}, {"closes_minute": 500}])
def test_a_date_has_both_times_or_none(half: dict[str, int], sam: Tradie) -> None:
    with pytest.raises(IntegrityError, match="date_exception_closed_or_a_range"):
        DateException.objects.create(calendar=sam.calendars.get(), date=date(2027, 3, 1), **half)

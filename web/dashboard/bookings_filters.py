"""What the list of bookings is narrowed to, by its address: `?q=zoë&service=ID&first=2026-12-01`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, ModelChoiceFilter

from accounts.models import Membership
from bookings import job_lists
from bookings.models import Booking, Status
from peepopay.forms import DateInput
from peepopay.local_time import day_of
from web.dashboard.hours_forms import within_reason

NOT_THERE = {"invalid_choice": "That isn't there any more. Choose another."}
STATUSES = [
    (status.value, status.label) for status in Status if status not in (Status.EXPIRING, Status.EXPIRED)
]
FOLDED = ("status", "service", "first", "last")  # behind "Filter"


@dataclass(frozen=True)
class Chosen:
    """One thing that the list is narrowed to; `without`: the same address without it."""

    label: str
    value: str
    without: str


class InOrder(forms.Form):
    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", "That is before the first day.")
        return given


def _day(label: str, method: str) -> DateFilter:
    return DateFilter(
        label=label,
        method=method,
        widget=DateInput,
        input_formats=["%Y-%m-%d"],
        validators=[within_reason],
        error_messages={"invalid": "Choose a day."},
    )


class BookingFilter(FilterSet):
    """Anything odd in the address narrows nothing; what a person chose wrong is said at its field."""

    q = CharFilter(max_length=80, method="with_words")
    calendar = ModelChoiceFilter()
    status = ChoiceFilter(
        label="How it stands", choices=STATUSES, empty_label="Any", error_messages=NOT_THERE
    )
    service = ModelChoiceFilter(label="Service", empty_label="Any", error_messages=NOT_THERE)
    first = _day("From", "not_before")
    last = _day("To", "not_after")

    class Meta:
        model = Booking
        fields: list[str] = []
        form = InOrder

    def __init__(self, asked: QueryDict, rows: QuerySet[Booking], member: Membership) -> None:
        super().__init__(asked, rows)
        self.zone_name = member.tradie.timezone
        self.filters["calendar"].queryset = job_lists.calendars_of(member)
        self.filters["service"].queryset = member.tradie.services.order_by("name")

    def with_words(self, rows: QuerySet[Booking], name: str, text: str) -> QuerySet[Booking]:
        return job_lists.with_text(rows, text)

    def not_before(self, rows: QuerySet[Booking], name: str, day: date) -> QuerySet[Booking]:
        return rows.filter(starts_at__gte=job_lists.day_bounds(day, self.zone_name)[0])

    def not_after(self, rows: QuerySet[Booking], name: str, day: date) -> QuerySet[Booking]:
        return rows.filter(starts_at__lt=job_lists.day_bounds(day, self.zone_name)[1])

    def given(self, name: str) -> Any:
        """What this one is set to; None, or nothing, where it narrows nothing."""
        return self.form.cleaned_data.get(name) if self.errors is not None else None

    @property
    def chosen(self) -> list[Chosen]:
        """Those that are folded away, as a person reads them."""
        return [
            Chosen(str(self.form.fields[name].label), _said(name, self.given(name)), self._without(name))
            for name in FOLDED
            if self.given(name)
        ]

    def _without(self, name: str) -> str:
        rest = self.data.copy()
        for gone in (name, "page"):
            rest.pop(gone, None)
        return f"?{rest.urlencode()}"


def _said(name: str, value: Any) -> str:
    if name == "status":
        return str(Status(value).label)
    return day_of(value) if isinstance(value, date) else str(value)

"""Rows as an operator reads them: money in dollars, times in the business's own zone and named, terms as sentences, and
a way from each to its booking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import Any

from django.contrib import admin
from django.db import models
from django.forms.utils import pretty_name
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from availability.models import MINUTES_IN_A_DAY
from bookings.models import Booking
from bookings.policy import in_short, read_policy
from peepopay.local_time import clock, clock_of, day_of, in_zone, zone_label
from peepopay.money import dollars
from peepopay.phone import as_written
from peepopay.phone_column import PhoneColumn

UTC = "UTC"
# From a row to its business; the first that a row has counts.
WAYS = (
    *(
        "tradie",
        "former_tradie",
        "booking.tradie",
        "payment.booking.tradie",
        "dispute.payment.booking.tradie",
    ),
    *("calendar.tradie", "invoice.tradie", "quote.tradie", "endpoint.tradie", "member.tradie"),
    *("series.tradie", "move.tradie"),
)


class Readable(admin.ModelAdmin):
    """What lists and pages name as `price_cents` or `starts_at` is shown as `$120` and `Tue 14 Jan 2027, 8:00 am AEDT,
    Sydney time`. A list whose times are of several businesses names the way there in `list_select_related`."""

    def get_list_display(self, request: HttpRequest) -> Any:
        return [self._readable(name) for name in super().get_list_display(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What can be typed stays as it is typed."""
        typed = (
            ()
            if not self.has_change_permission(request, obj)
            else self.get_form(request, obj, fields=None).base_fields
        )
        return [
            (title, {**options, "fields": [self._readable(name, typed) for name in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [self._readable(name) for name in super().get_readonly_fields(request, obj)]

    def _readable(self, name: Any, typed: Iterable[str] = ()) -> Any:
        if not isinstance(name, str) or name in typed:
            return name
        return readable(self.model, name)


def readable(model: type[models.Model], name: Any) -> Any:
    """The name itself, or what shows its column in words: always the same for a column, since Django compares what it
    shows with what it leaves out."""
    if (model, str(name)) not in _known:
        _known[model, str(name)] = _in_words(model, name)
    return _known[model, str(name)]


_known: dict[tuple[type[models.Model], str], Any] = {}


def _in_words(model: type[models.Model], name: Any) -> Any:
    column = {field.name: field for field in model._meta.concrete_fields}.get(name)
    if isinstance(column, models.DateTimeField):
        return _shown(name, column, moment_of)
    if name == "cents" or name.endswith("_cents"):  # also what is no column: a total
        return _shown(name, column, lambda row, value: dollars(value))
    if isinstance(column, models.TimeField):
        return _shown(name, column, lambda row, value: clock_of(value))
    if isinstance(column, PhoneColumn):
        return _shown(name, column, lambda row, value: as_written(value) if value else "-")
    if column is not None and name.endswith("_minute"):
        return _shown(name, column, lambda row, value: _of_the_day(value))
    if column is not None and name == "policy":
        return _shown(name, column, lambda row, value: in_short(read_policy(value)) if value else "-")
    return name


def _shown(name: str, column: Any, say: Callable[[Any, Any], str]) -> Any:
    def show(row: Any) -> str:
        value = getattr(row, name)
        return "-" if value is None else say(row, value)

    label = str(column.verbose_name if column is not None else pretty_name(name)).removesuffix(" cents")
    return admin.display(description=label, ordering=name if column is not None else None)(show)


def _of_the_day(minute: int) -> str:
    return "midnight" if minute == MINUTES_IN_A_DAY else clock_of(time(*divmod(minute, 60)))


def moment_of(row: Any, instant: datetime) -> str:
    """`Tue 14 Jan 2027, 8:00 am AEDT, Sydney time`; of a row that is no business's in UTC."""
    zone_name = _zone_of(row)
    named = zone_label(instant, zone_name) if zone_name != UTC else UTC
    parts = f"{day_of(in_zone(instant, zone_name))},", clock(instant, zone_name), named
    return " ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)  # so that a list stays low


def _zone_of(row: Any) -> str:
    if hasattr(row, "timezone"):
        return str(row.timezone)
    for way in WAYS:
        found = row
        for step in way.split("."):
            found = getattr(found, step, None)
        if found is not None:
            return str(found.timezone)
    return UTC


def link_to(row: models.Model | None) -> str:
    if row is None:
        return "-"
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, row)


def booking_link(booking_id: Any) -> str:
    """Of a row that only knows the id; it may be about something else."""
    return link_to(Booking.objects.filter(pk=booking_id).first() if booking_id else None)

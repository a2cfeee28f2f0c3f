"""Calendars with their hours, special dates and time off, for the operator. Every change is marked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from availability.calendars import mark_changed, mark_offer_changed
from availability.models import Calendar, DateException, OutsideCalendar, TimeOff, WorkingHours
from peepopay.forms import RowForm
from web.admin.base import BoundedAdmin, OutboxAdmin


class CalendarForm(RowForm):
    def clean(self) -> None:
        super().clean()
        worker, tradie = self.cleaned_data.get("worker"), self.cleaned_data.get("tradie")
        if worker and tradie and not tradie.memberships.filter(user=worker).exists():
            self.add_error("worker", "They don't belong to this business.")


@admin.register(Calendar)
class CalendarAdmin(BoundedAdmin):
    list_display = ("name", "tradie", "worker", "is_active", "position")
    list_filter = ("is_active",)
    list_select_related = ("tradie", "worker")
    search_fields = ("name", "tradie__business_name", "tradie__slug")
    autocomplete_fields = ("tradie", "worker", "services")
    form = CalendarForm

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # stop it instead: bookings point at it

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        mark_offer_changed(form.instance.tradie)


class HoursAdmin(BoundedAdmin):
    list_select_related = ("calendar__tradie",)
    search_fields = ("calendar__name", "calendar__tradie__business_name", "calendar__tradie__slug")
    autocomplete_fields = ("calendar",)

    @admin.display(ordering="calendar__tradie__business_name")
    def tradie(self, row: Any) -> str:
        return str(row.calendar.tradie)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        mark_changed(obj.calendar.tradie_id)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        mark_changed(obj.calendar.tradie_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        touched = set(queryset.order_by().values_list("calendar__tradie_id", flat=True))
        super().delete_queryset(request, queryset)
        for tradie_id in touched:
            mark_changed(tradie_id)


@admin.register(WorkingHours)
class WorkingHoursAdmin(HoursAdmin):
    list_display = ("tradie", "calendar", "weekday", "opens_minute", "closes_minute")
    list_filter = ("weekday",)


@admin.register(DateException)
class DateExceptionAdmin(HoursAdmin):
    list_display = ("tradie", "calendar", "date", "opens_minute", "closes_minute", "reason")


@admin.register(TimeOff)
class TimeOffAdmin(HoursAdmin):
    list_display = ("tradie", "calendar", "starts_at", "ends_at", "repeats", "repeat_until", "reason")
    list_filter = ("repeats",)


@admin.register(OutsideCalendar)
class OutsideCalendarAdmin(OutboxAdmin):
    list_display = ("name", "host", "calendar", "state", "read_at", "failing_since", "problem")
    list_select_related = ("calendar__tradie",)
    search_fields = ("host", "calendar__tradie__business_name", "calendar__tradie__slug")
    exclude = ("sealed", "address_hash")

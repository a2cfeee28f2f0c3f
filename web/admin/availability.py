"""Calendars with their hours, special dates and time off, for the operator to look at. They are changed on the
business's own pages, in its own time: an operator opens those to help (`web/visits.py`)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from availability.models import Calendar, DateException, OutsideCalendar, TimeOff, WorkingHours
from web.admin.base import OutboxAdmin, ReadOnlyAdmin


@admin.register(Calendar)
class CalendarAdmin(ReadOnlyAdmin):
    list_display = ("name", "tradie", "worker", "is_active", "position")
    list_filter = ("is_active",)
    list_select_related = ("tradie", "worker")
    search_fields = ("name", "tradie__business_name", "tradie__slug")


class HoursAdmin(ReadOnlyAdmin):
    list_select_related = ("calendar__tradie",)
    search_fields = ("calendar__name", "calendar__tradie__business_name", "calendar__tradie__slug")

    @admin.display(ordering="calendar__tradie__business_name")
    def tradie(self, row: Any) -> str:
        return str(row.calendar.tradie)


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

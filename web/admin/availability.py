"""Working hours, special dates and time off, for the operator. Every change marks the tradie's calendar."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from availability.calendar import touch_calendar
from availability.models import DateException, TimeOff, WorkingHours
from web.admin.base import BoundedAdmin


class CalendarAdmin(BoundedAdmin):
    list_select_related = ("tradie",)
    search_fields = ("tradie__business_name", "tradie__slug")
    autocomplete_fields = ("tradie",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        touch_calendar(obj.tradie_id)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        touch_calendar(obj.tradie_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        touched = set(queryset.order_by().values_list("tradie_id", flat=True))
        super().delete_queryset(request, queryset)
        for tradie_id in touched:
            touch_calendar(tradie_id)


@admin.register(WorkingHours)
class WorkingHoursAdmin(CalendarAdmin):
    list_display = ("tradie", "weekday", "opens_minute", "closes_minute")
    list_filter = ("weekday",)


@admin.register(DateException)
class DateExceptionAdmin(CalendarAdmin):
    list_display = ("tradie", "date", "opens_minute", "closes_minute", "reason")


@admin.register(TimeOff)
class TimeOffAdmin(CalendarAdmin):
    list_display = ("tradie", "starts_at", "ends_at", "repeats", "repeat_until", "reason")
    list_filter = ("repeats",)

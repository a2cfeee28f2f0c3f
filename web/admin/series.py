"""Jobs that come round, and days that could not be made, for the operator to look at."""

from __future__ import annotations

from django.contrib import admin

from bookings.day_move_models import DayMove, DayMoveJob
from bookings.series_models import Series, Visit
from web.admin.base import ReadOnlyAdmin, ReadOnlyInline


class VisitsInline(ReadOnlyInline):
    model = Visit
    fields = readonly_fields = ("on", "state", "booking")
    show_change_link = False


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ("in_full", "tradie", "like", "made_until", "created_at")
    list_filter = ("every",)
    list_select_related = ("tradie", "like")
    search_fields = ("like__reference", "like__customer_name", "tradie__business_name", "tradie__slug")
    ordering = ("-created_at",)
    inlines = (VisitsInline,)


class JobsInline(ReadOnlyInline):
    model = DayMoveJob
    fields = readonly_fields = ("booking", "starts_at", "answer", "answered_at")
    show_change_link = False


@admin.register(DayMove)
class DayMoveAdmin(ReadOnlyAdmin):
    list_display = ("day", "tradie", "calendar", "answer_by", "lapsed_at", "reopened_at")
    list_select_related = ("tradie", "calendar")
    search_fields = ("tradie__business_name", "tradie__slug")
    ordering = ("-created_at",)
    inlines = (JobsInline,)

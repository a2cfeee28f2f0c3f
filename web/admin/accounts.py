"""Users, tradies and their services, for the operator."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest

from accounts.models import Service, Tradie, User
from accounts.profiles import forget_profile
from availability.businesses import require_calendar
from availability.calendars import mark_changed
from web.admin.base import BoundedAdmin, ReadOnlyInline


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class PersonAdmin(UserAdmin):
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("email", "first_name", "last_name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")


class ServicesInline(ReadOnlyInline):
    model = Service
    fields = ("name", "duration_minutes", "price_cents", "deposit_kind", "is_active", "position")
    readonly_fields = fields


@admin.register(Tradie)
class TradieAdmin(BoundedAdmin):
    list_display = ("business_name", "slug", "state", "email", "phone", "is_open", "created_at")
    list_filter = ("state", "is_open")
    search_fields = ("business_name", "slug", "email", "phone")
    autocomplete_fields = ("owner",)
    readonly_fields = ("created_at", "calendar_version")
    inlines = (ServicesInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # close it instead: bookings and money hang on it

    def save_model(self, request: HttpRequest, obj: Tradie, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        require_calendar(obj)
        _changed(obj)


@admin.register(Service)
class ServiceAdmin(BoundedAdmin):
    list_display = (
        "name",
        "tradie",
        "duration_minutes",
        "price_cents",
        "deposit_kind",
        "is_active",
        "position",
    )
    list_filter = ("is_active", "deposit_kind", "requires_approval")
    list_select_related = ("tradie",)
    search_fields = ("name", "tradie__business_name", "tradie__slug")
    autocomplete_fields = ("tradie",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # stop offering it instead: bookings point at it

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _changed(obj.tradie)


def _changed(tradie: Tradie) -> None:
    """The admin saves in one transaction, and this is part of it."""
    mark_changed(tradie.pk)
    forget_profile(tradie)

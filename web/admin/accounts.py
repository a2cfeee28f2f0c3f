"""Users, tradies, who works there and what they sell, for the operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa import admin as second_steps  # first, so that what follows stays
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as socials
from allauth.socialaccount.models import SocialApp, SocialToken
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Invitation, Membership, Service, Tradie, User
from accounts.people import add_member, change_role, remove_member
from accounts.roles import Role
from availability.calendars import mark_offer_changed
from availability.first_calendar import require_calendar
from peepopay.forms import WholeForm
from web import visits
from web.admin import changes
from web.admin.base import BoundedAdmin, FoundAsWritten, ReadOnlyAdmin, ReadOnlyInline
from web.admin.changes import note_what_an_operator_changed
from web.admin.reading import Readable
from web.form_pages import posted

# Google's keys are those of the settings alone (web/sign_in/google.py), and its tokens are not kept.
socials.admin.site.unregister([SocialApp, SocialToken])
second_steps.admin.site.unregister(Authenticator)


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Which second steps people have, never what they are made of. One that is lost can be taken off."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-created_at",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super(ReadOnlyAdmin, self).has_delete_permission(request, obj)


@admin.register(User)
class PersonAdmin(FoundAsWritten, Readable, UserAdmin):
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("name",)}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")


class VisitForm(WholeForm):
    reason = forms.CharField(max_length=300, label="Why? The business reads it.")


class ServicesInline(ReadOnlyInline):
    model = Service
    fields = ("name", "duration_minutes", "price_cents", "deposit_kind", "is_active", "position")
    readonly_fields = fields


class PeopleInline(ReadOnlyInline):
    model = Membership
    fields = readonly_fields = ("user", "role", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")


@admin.register(Tradie)
class TradieAdmin(BoundedAdmin):
    """Businesses are opened by their owners, who sign up; a business without one could be run by nobody."""

    list_display = ("business_name", "slug", "state", "email", "phone", "is_open", "created_at")
    list_filter = ("state", "is_open")
    search_fields = ("business_name", "slug", "email", "phone", "mobile")
    readonly_fields = ("created_at", "closed_at", "calendar_version", "visit", "settings_changed")
    inlines = (PeopleInline, ServicesInline)

    @admin.display(description="dashboard")
    def visit(self, tradie: Tradie) -> str:
        return format_html(
            '<a href="{}">Open it, to help</a>', reverse("admin:accounts_tradie_visit", args=[tradie.pk])
        )

    @admin.display(description="who changed what")
    def settings_changed(self, tradie: Tradie) -> str:
        return changes.as_list(changes.settings_of(tradie), tradie)

    def get_urls(self) -> list[Any]:
        visit = self.admin_site.admin_view(self.begin_visit)
        return [path("<uuid:tradie_id>/visit/", visit, name="accounts_tradie_visit"), *super().get_urls()]

    def begin_visit(self, request: HttpRequest, tradie_id: UUID) -> HttpResponse:
        """Asks why; see `web/visits.py`."""
        tradie = get_object_or_404(Tradie, pk=tradie_id)
        if not self.has_change_permission(request, tradie):
            raise PermissionDenied
        form = VisitForm(posted(request))
        if request.method == "POST" and form.is_valid():
            visits.begin(request, tradie, reason=form.cleaned_data["reason"])
            self.log_change(request, tradie, f"Opened the dashboard: {form.cleaned_data['reason']}")
            return redirect("dashboard_today")
        context = {
            **self.admin_site.each_context(request),
            "title": str(tradie),
            "tradie": tradie,
            "form": form,
        }
        return render(request, "admin/visit.html", context)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # close it instead: bookings and money hang on it

    def save_model(self, request: HttpRequest, obj: Tradie, form: Any, change: bool) -> None:
        before = Tradie.objects.get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        note_what_an_operator_changed(Change.BUSINESS_CHANGED, obj, before, obj, form)
        require_calendar(obj)
        mark_offer_changed(obj)


@admin.register(Membership)
class MembershipAdmin(BoundedAdmin):
    """To repair what a business can't repair itself, such as an owner who is gone. The last owner can't be taken."""

    list_display = ("user", "tradie", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "tradie")
    search_fields = ("user__email", "user__name", "tradie__business_name", "tradie__slug")
    autocomplete_fields = ("user", "tradie")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("user", "tradie") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if change:
            change_role(obj, Role(obj.role))
        else:
            obj.pk = add_member(obj.tradie, obj.user, Role(obj.role)).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for member in queryset.select_related("user"):
            remove_member(member)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "tradie", "role", "sent_at", "expires_at", "accepted_at", "withdrawn_at")
    list_filter = ("role",)
    list_select_related = ("tradie",)
    search_fields = ("email", "tradie__business_name", "tradie__slug")
    ordering = ("-sent_at",)
    exclude = ("token_hash",)


@admin.register(Service)
class ServiceAdmin(BoundedAdmin):
    """A new one is added on the business's own pages."""

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
    readonly_fields = ("settings_changed",)

    @admin.display(description="who changed what")
    def settings_changed(self, service: Service) -> str:
        return changes.as_list(audit.changes_of_service(service), service.tradie)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "tradie"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # stop offering it instead: bookings point at it

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        before = Service.objects.get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        note_what_an_operator_changed(Change.SERVICE_CHANGED, obj.tradie, before, obj, form)
        mark_offer_changed(obj.tradie)

"""Who did what in which business, for the operator to look at."""

from __future__ import annotations

from django.contrib import admin

from accounts.audit_models import AuditEntry
from web.admin.base import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "tradie", "kind", "about", "detail", "user")
    list_select_related = ("tradie", "user")
    list_filter = ("kind",)
    search_fields = ("about", "detail", "tradie__business_name", "tradie__slug")

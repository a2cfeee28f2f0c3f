"""The API keys of businesses, for the operator to look at: who made which, and when it was used last."""

from __future__ import annotations

from django.contrib import admin

from accounts.key_models import ApiKey
from web.admin.base import ReadOnlyAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "member", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("member__user", "member__tradie")
    search_fields = ("name", "member__tradie__business_name", "member__tradie__slug")
    ordering = ("-created_at",)
    exclude = ("key_hash",)

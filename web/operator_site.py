"""The way into the operator's admin: the same sign-in as everybody's, and a second factor on top."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import logout
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from peepopay import acting
from web.sign_in import second_factor


class OperatorSite(admin.AdminSite):
    site_header = site_title = "PeepoPay"
    index_title = "Operator"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """What an operator changes for a business is noted as theirs."""
        guarded = super().admin_view(view, cacheable)

        def on_their_behalf(request: HttpRequest, *args: Any, **options: Any) -> Any:
            with acting.on_behalf_of(request.user.pk):
                return guarded(request, *args, **options)

        return update_wrapper(on_their_behalf, guarded)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.shown(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Leads to whatever step is missing. Raises PermissionDenied for those who are not staff."""
        after = get_next_redirect_url(request) or reverse("admin:index")
        if self.has_permission(request):
            return redirect(after)
        if not request.user.is_authenticated:
            return redirect_to_login(after)
        if not super().has_permission(request):
            raise PermissionDenied
        if second_factor.has_one(request):
            return redirect_to_login(after, reverse("mfa_reauthenticate"))
        messages.info(
            request, "The admin asks for a second step at sign-in. Set up an authenticator app first."
        )
        return redirect("mfa_activate_totp")

    def logout(  # type: ignore[override]  # any response will do
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """One way out, which ends every session."""
        response: HttpResponse = logout(request)
        return response

"""The end of an operator's visit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from peepopay.methods import require_POST
from web import visits
from web.dashboard.access import for_anybody_signed_in


@for_anybody_signed_in
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    visits.end(request)
    return redirect("admin:index" if request.user.is_staff else "dashboard_today")

"""More: every page that has no place in the bar of a phone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Membership
from accounts.roles import May
from peepopay.methods import require_safe
from web.dashboard.access import for_members


@for_members(May.JOBS)
@require_safe
def more(request: HttpRequest, member: Membership) -> HttpResponse:
    return render(request, "more.html")

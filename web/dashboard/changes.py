"""Who did what when in a business."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.audit import changes_of
from accounts.models import Membership
from accounts.roles import May
from peepopay.methods import require_safe
from peepopay.pages import page_of
from web.dashboard.access import for_members


@for_members(May.HISTORY)
@require_safe
def changes(request: HttpRequest, member: Membership) -> HttpResponse:
    """The newest first."""
    page = page_of(changes_of(member.tradie), request.GET.get("page"), size=50)
    return render(request, "accounts/changes.html", {"tradie": member.tradie, "page": page})

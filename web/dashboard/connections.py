"""The other systems that a business has connected: which there are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.api_keys import keys_of
from accounts.models import Membership
from accounts.roles import May
from peepopay.methods import require_safe
from web.dashboard.access import for_members


@for_members(May.CONNECTIONS)
@require_safe
def connections(request: HttpRequest, member: Membership) -> HttpResponse:
    context = {
        "tradie": member.tradie,
        "endpoints": member.tradie.webhook_endpoints.all(),
        "keys": keys_of(member.tradie),
        "now": timezone.now(),
    }
    return render(request, "connections/list.html", context)

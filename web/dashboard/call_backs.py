"""People who left their number on the booking page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.call_backs import note_called
from peepopay.methods import require_POST
from web.dashboard.access import for_members


@for_members(May.BOOKINGS)
@require_POST
def called(request: HttpRequest, member: Membership, call_back_id: UUID) -> HttpResponse:
    call_back = get_object_or_404(member.tradie.call_backs, pk=call_back_id)
    note_called(call_back, by=member, now=timezone.now())
    notices.success(request, f"Noted that you called {call_back.name}.")
    return redirect("dashboard_today")

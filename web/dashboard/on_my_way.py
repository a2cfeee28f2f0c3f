"""Today's button for setting out: the next customer is told."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from bookings.on_my_way import set_out
from peepopay.methods import require_POST
from web.dashboard.access import for_members
from web.dashboard.bookings import CHANGED_MEANWHILE, own


def behind(moved: int) -> str:
    """What else it did: nothing, if nothing."""
    if not moved:
        return ""
    whose = "1 customer" if moved == 1 else f"{moved} customers"
    return f" You can't be with {whose} later today within the time you promised, so we're telling them a later one."


@for_members(May.JOBS)
@require_POST
def say(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    booking = own(member, booking_id)
    if told := set_out(booking, by=By.of(member), now=timezone.now()):
        notices.success(
            request, f"We're telling {booking.customer_name} that you're on your way.{behind(told - 1)}"
        )
    else:
        notices.warning(request, CHANGED_MEANWHILE)
    return redirect("dashboard_today")

"""Whether this phone keeps today's jobs, to be read where there is no reception."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Membership
from accounts.roles import May
from notifications import phones
from notifications.channels.push import public_key
from peepopay.methods import require_POST, require_safe
from web import van
from web.dashboard.access import for_members


@for_members(May.JOBS)
@require_safe
def in_the_van(request: HttpRequest, member: Membership) -> HttpResponse:
    context = {
        "tradie": member.tradie,
        "keeps_pages": van.keeps_pages(request, member),
        "push_key": public_key() if phones.are_told() else "",
        "is_told": phones.are_told() and phones.is_told(member, str(request.session.session_key)),
    }
    return render(request, "accounts/in_the_van.html", context)


@for_members(May.JOBS)
@require_POST
def switch(request: HttpRequest, member: Membership) -> HttpResponse:
    """`keep`: `1` from now on, anything else no more."""
    if request.POST.get("keep") == "1":
        notices.success(request, "This phone keeps today's jobs from now on.")
        answer = redirect("dashboard_today")
        van.turn_on(answer, member.user)
        return answer
    notices.success(request, "This phone keeps nothing any more.")
    answer = redirect("in_the_van")
    van.turn_off(answer)
    return answer

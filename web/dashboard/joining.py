"""An invitation, as the person sees it who got one. A link only shows; joining takes the press of a button."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.invitations import accept, find_by_token, is_for, is_open
from accounts.models import Invitation, User
from accounts.roles import IN_SHORT, Role
from peepopay import acting
from peepopay.errors import RateLimited, ValidationFailed
from peepopay.methods import SHOW_AND_SAVE
from peepopay.throttling import TokenAttempts
from web.members import work_in


@never_cache
@SHOW_AND_SAVE
def join(request: HttpRequest, token: str) -> HttpResponse:
    if not TokenAttempts().allow_request(request, join):
        raise RateLimited
    return _private(_page(request, token))


def _page(request: HttpRequest, token: str) -> HttpResponse:
    invitation, user = find_by_token(token), request.user
    if invitation is None:
        return render(request, "accounts/join_over.html", status=404)
    if user.is_authenticated and any(place.tradie_id == invitation.tradie_id for place in user.workplaces):
        work_in(request, invitation.tradie)  # they pressed twice, or opened the link again
        return redirect("dashboard_today")
    if not is_open(invitation, timezone.now()):
        return render(request, "accounts/join_over.html", {"invitation": invitation}, status=410)
    fits = user.is_authenticated and is_for(invitation, user)
    if request.method == "POST" and fits:
        return _join(request, invitation, user)  # type: ignore[arg-type]  # fits: they are signed in
    context = {"invitation": invitation, "fits": fits, "in_short": IN_SHORT[Role(invitation.role)]}
    return render(request, "accounts/join.html", context, status=403 if request.method == "POST" else 200)


def _join(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    try:
        with acting.on_behalf_of(user.pk):
            accept(invitation, user, now=timezone.now())
    except ValidationFailed:  # withdrawn a moment ago
        return render(request, "accounts/join_over.html", {"invitation": invitation}, status=410)
    work_in(request, invitation.tradie)
    notices.success(request, f"Welcome to {invitation.tradie}.")
    return redirect("dashboard_today")


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response

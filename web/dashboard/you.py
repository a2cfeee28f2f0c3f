"""Who is signed in: their name, how pages look to them, their role, the businesses they work in, how to leave one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.businesses import owned_by
from accounts.models import Membership
from accounts.people import change_name, owners_of, remove_member
from accounts.roles import May, Role
from peepopay.errors import ValidationFailed
from peepopay.methods import SHOW_AND_SAVE, require_POST
from web.dashboard.access import for_members
from web.dashboard.people_forms import YouForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted
from web.members import work_in

THEME = "theme"  # templates/_theme.html reads it
A_YEAR = 365 * 24 * 60 * 60


@for_members(May.JOBS)
@SHOW_AND_SAVE
@one_at_a_time
def you(request: HttpRequest, member: Membership) -> HttpResponse:
    initial = {"name": member.user.name, "theme": request.COOKIES.get(THEME) or "device"}
    form = YouForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        change_name(member.user, form.cleaned_data["name"])
        notices.success(request, "Saved.")
        return _with_theme(redirect("you"), form.cleaned_data["theme"])
    others = [owner for owner in owners_of(member.tradie) if owner != member.user]
    context = {
        "tradie": member.tradie,
        "form": form,
        "other_owners": others,
        "may_leave": member.role != Role.OWNER or bool(others),
        "owns_none": owned_by(member.user) is None,
    }
    return form_page(request, "accounts/you.html", context, form)


def _with_theme(response: HttpResponse, theme: str) -> HttpResponse:
    """Kept by the browser and not with the person: the phone in the van may be dark, the screen in the office light."""
    if theme == "device":
        response.delete_cookie(THEME)
        return response
    response.set_cookie(
        THEME, theme, max_age=A_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response


@for_members(May.JOBS)
@require_POST
def leave(request: HttpRequest, member: Membership) -> HttpResponse:
    """Out of the business, and signed out on every device, this one too."""
    try:
        remove_member(member)
    except ValidationFailed as refusal:
        notices.warning(request, refusal.message)
        return redirect("you")
    return redirect("account_login")


@for_members(May.JOBS, also_closed=True)
@require_POST
def switch(request: HttpRequest, member: Membership) -> HttpResponse:
    """`business`: the id of another business that they belong to."""
    wanted = request.POST.get("business", "")
    for place in member.user.workplaces:
        if str(place.tradie_id) == wanted:
            work_in(request, place.tradie)
            return redirect("dashboard_today")
    raise Http404

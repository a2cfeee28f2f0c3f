"""Setting up a business after the first sign-in, and changing what it says about itself."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.businesses import LONGEST_SLUG, TAKEN, owned_by, propose_slug
from accounts.models import Membership, Tradie, User
from accounts.roles import May
from availability.catalogue import change_business
from availability.first_calendar import open_business_with_calendar
from bookings.moved_clock import MOST_SHOWN, Place, what_moves
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_safe
from web.dashboard.access import for_anybody_signed_in, for_members
from web.dashboard.business_forms import BusinessForm, SetUpForm
from web.dashboard.setting_up import on_to_the_next
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted
from web.members import work_in

SLUG = re.compile(r"[a-z0-9_-]+")


@for_anybody_signed_in
@SHOW_AND_SAVE
def set_up(request: HttpRequest) -> HttpResponse:
    """Whoever works for somebody else may open a business of their own too."""
    user: User = request.user  # type: ignore[assignment]
    if owned_by(user):
        return redirect("dashboard_today")
    form = SetUpForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            tradie = open_business_with_calendar(user, **form.cleaned_data)
            work_in(request, tradie)
            return on_to_the_next(tradie.memberships.get(user=user))
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    return form_page(request, "accounts/set_up.html", {"form": form}, form)


@for_anybody_signed_in
@require_safe
def address(request: HttpRequest) -> HttpResponse:
    """`?slug=` or `?business_name=` -> {"says"}: the address of the booking page, or that somebody has it."""
    wanted = request.GET.get("slug", "").lower()[: LONGEST_SLUG + 1]
    slug = wanted or propose_slug(request.GET.get("business_name", "")[:200])
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        says = "Letters, numbers and dashes, please."
    elif wanted and Tradie.objects.filter(slug=slug).exists():
        says = TAKEN
    else:
        says = f"Your booking page will be {settings.WIDGET_URL}{reverse('booking_widget', args=[slug])}"
    return JsonResponse({"says": says})


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
@one_at_a_time
def details(request: HttpRequest, member: Membership) -> HttpResponse:
    """What moves with another time zone or state is shown first, and saved when that is pressed (`sure`)."""
    tradie = member.tradie
    before = Place(tradie.state, tradie.timezone)
    form = BusinessForm(posted(request), instance=tradie, user=request.user)
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        after = Place(tradie.state, tradie.timezone)
        if after != before and request.POST.get("sure") != " ".join(after):
            return _show_what_moves(request, form, before, after)
        try:
            change_business(tradie, list(form.fields))
            notices.success(request, "Your business details are saved.")
            return redirect("business")
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    return form_page(request, "accounts/business.html", {"tradie": tradie, "form": form}, form)


def _show_what_moves(request: HttpRequest, form: BusinessForm, before: Place, after: Place) -> HttpResponse:
    tradie: Tradie = form.instance
    context = {
        "tradie": tradie,
        "form": form,
        "moved": what_moves(tradie, before, after, now=timezone.now()),
        "state": tradie.get_state_display(),
        "zone": tradie.get_timezone_display(),
        "shown": MOST_SHOWN,
    }
    return render(request, "accounts/business_moves.html", context)

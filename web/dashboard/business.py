"""Setting up a business after the first sign-in, and changing what it says about itself."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.businesses import owned_by
from accounts.models import Membership, User
from accounts.roles import May
from availability.catalogue import change_business
from availability.first_calendar import open_business_with_calendar
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_anybody_signed_in, for_members
from web.dashboard.business_forms import BusinessForm, SetUpForm
from web.dashboard.sharing import to_share
from web.members import work_in


@for_anybody_signed_in
@SHOW_AND_SAVE
def set_up(request: HttpRequest) -> HttpResponse:
    """Whoever works for somebody else may open a business of their own too."""
    user: User = request.user  # type: ignore[assignment]
    if owned_by(user):
        return redirect("dashboard_today")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            work_in(request, open_business_with_calendar(user, **form.cleaned_data))
            return redirect("dashboard_today")
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    return render(request, "accounts/set_up.html", {"form": form})


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
def details(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie = member.tradie
    form = BusinessForm(request.POST or None, instance=tradie, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            change_business(tradie, list(form.fields))
            notices.success(request, "Your business details are saved.")
            return redirect("business")
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    return render(request, "accounts/business.html", {"tradie": tradie, "form": form, **to_share(tradie)})

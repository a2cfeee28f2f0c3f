"""Setting up a business after the first sign-in, and changing what it says about itself."""

from __future__ import annotations

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.models import Tradie
from availability.businesses import open_business
from availability.catalogue import change_business
from peepopay.errors import ValidationFailed
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_tradies, tradie_of
from web.dashboard.business_forms import BusinessForm, SetUpForm
from web.dashboard.sharing import to_share


@never_cache
@login_required
@SHOW_AND_SAVE
def set_up(request: HttpRequest) -> HttpResponse:
    if tradie_of(request):
        return redirect("dashboard_today")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            open_business(request.user, **form.cleaned_data)  # type: ignore[arg-type]
            return redirect("dashboard_today")
        except ValidationFailed as refusal:
            for field, sentences in refusal.fields.items():
                form.add_error(field, sentences)
    return render(request, "accounts/set_up.html", {"form": form})


@for_tradies
@SHOW_AND_SAVE
def details(request: HttpRequest, tradie: Tradie) -> HttpResponse:
    form = BusinessForm(request.POST or None, instance=tradie, user=request.user)
    if request.method == "POST" and form.is_valid():
        change_business(tradie, list(form.fields))
        notices.success(request, "Your business details are saved.")
        return redirect("business")
    return render(request, "accounts/business.html", {"tradie": tradie, "form": form, **to_share(tradie)})

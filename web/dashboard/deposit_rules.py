"""When a higher deposit is asked for."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.deposit_rules import as_column, rules_of
from accounts.models import Membership
from accounts.roles import May
from availability.catalogue import change_business
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.deposit_rules_forms import DepositRulesForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted


@for_members(May.SERVICES)
@SHOW_AND_SAVE
@one_at_a_time
def deposit_rules(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie = member.tradie
    form = DepositRulesForm(posted(request), rules=rules_of(tradie), near=tradie.area_postcode)
    if request.method == "POST" and form.is_valid():
        tradie.deposit_rules = as_column(form.chosen())
        change_business(tradie, ["deposit_rules"])
        notices.success(request, "Saved. Bookings already made keep their terms.")
        return redirect("deposit_rules")
    context = {"tradie": tradie, "form": form}
    return form_page(request, "accounts/deposit_rules.html", context, form)

"""What customers are sent, and what of it the business decides."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Membership
from accounts.roles import May
from notifications.sending_rules import change_settings, our_number, settings_of
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.customer_messages_forms import RemindersForm
from web.dashboard.versions import one_at_a_time


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
@one_at_a_time
def customer_messages(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, settings = member.tradie, settings_of(member.tradie)
    form = RemindersForm(request.POST or None, instance=settings)
    if request.method == "POST" and form.is_valid():
        change_settings(tradie, form.instance, list(form.fields))
        notices.success(request, "Saved.")
        return redirect("customer_messages")
    context = {"tradie": tradie, "form": form, "settings": settings, "our_number": our_number()}
    return render(request, "accounts/customer_messages.html", context)

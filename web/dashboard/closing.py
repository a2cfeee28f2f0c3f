"""Closing the account of a business, and opening it again."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.people import owners_of
from accounts.roles import May, Role
from invoicing.closing import GRACE, close_business, ends_at, owed_to, reopen_business, unsettled
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members, with_password_again
from web.form_pages import form_page, posted


class ClosingForm(forms.Form):
    sure = forms.BooleanField(
        label="Yes, close it", error_messages={"required": "Tick this if the account is to be closed."}
    )


@for_members(May.ACCOUNT)
@with_password_again
@SHOW_AND_SAVE
def closing(request: HttpRequest, member: Membership) -> HttpResponse:
    """GET says what has to end first, and what happens; POST closes."""
    now, form = timezone.now(), ClosingForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            close_business(member.tradie, now=now)
            return redirect("closed")
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    context = {
        "tradie": member.tradie,
        "form": form,
        "unsettled": unsettled(member.tradie, now=now),
        "owed": owed_to(member.tradie),
        "until": now + GRACE,
    }
    return form_page(request, "accounts/closing.html", context, form)


@for_members(May.JOBS, also_closed=True)
@require_safe
def closed(request: HttpRequest, member: Membership) -> HttpResponse:
    """Where everything leads while the account is closed."""
    if not member.tradie.closed_at:
        return redirect("dashboard_today")
    until = ends_at(member.tradie)
    context = {
        "tradie": member.tradie,
        "until": until,
        "may_reopen": member.role == Role.OWNER and timezone.now() < until,
        "owners": owners_of(member.tradie),
    }
    return render(request, "accounts/closed.html", context)


@for_members(May.ACCOUNT, also_closed=True)
@require_POST
def reopen(request: HttpRequest, member: Membership) -> HttpResponse:
    if reopen_business(member.tradie, now=timezone.now()):
        said = "Open again. Online booking is still off: switch it on under Business details."
        notices.success(request, said)
    return redirect("dashboard_today")

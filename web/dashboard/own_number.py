"""The number that somebody's texts go to, confirmed with a code."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.own_numbers import confirm_number, number_to_confirm, send_code
from peepopay.errors import RateLimited
from peepopay.methods import SHOW_AND_SAVE
from peepopay.phone import as_written
from web.dashboard.access import for_members
from web.form_pages import form_page, posted


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^\s*[0-9]{6}\s*$",
        label="Code",
        help_text="Six digits, from the text.",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 8}),
        error_messages={"invalid": "The code has six digits."},
    )


@for_members(May.JOBS)
@SHOW_AND_SAVE
def own_number(request: HttpRequest, member: Membership) -> HttpResponse:
    """`ask`: the button for a code."""
    number, now = number_to_confirm(member), timezone.now()
    if not number and request.method == "POST":
        return redirect("news")
    if "ask" in request.POST:
        try:
            send_code(member, number, now=now)
            notices.success(request, f"We texted a code to {as_written(number)}.")
        except RateLimited as refusal:
            notices.warning(request, refusal.message)
        return redirect("own_number")
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            if confirm_number(member, number, form.cleaned_data["code"].strip(), now=now):
                notices.success(request, f"{as_written(number)} is confirmed.")
                return redirect("news")
            form.add_error("code", "That isn’t the code. Look at the newest text once more.")  # noqa: RUF001
        except RateLimited as refusal:
            form.add_error("code", refusal.message)
    context = {"tradie": member.tradie, "form": form, "number": number}
    return form_page(request, "accounts/own_number.html", context, form)

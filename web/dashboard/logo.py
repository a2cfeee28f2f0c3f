"""The logo of a business, sent and taken off."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.logos import drawn_from
from accounts.models import Membership
from accounts.roles import May
from availability.catalogue import set_logo
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST
from peepopay.pictures import KINDS
from web.dashboard.access import for_members
from web.dashboard.setting_up import on_to_the_next
from web.form_pages import form_page


class LogoForm(forms.Form):
    logo = forms.FileField(
        label="Picture",
        error_messages={"required": "Please choose a picture first.", "empty": "That file is empty."},
        help_text="JPEG, PNG, HEIC or WebP, up to 8 MB. A square one looks best.",
        widget=forms.FileInput({"accept": KINDS}),
    )


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
def logo(request: HttpRequest, member: Membership) -> HttpResponse:
    """Sent twice it is one."""
    form = LogoForm(request.POST, request.FILES) if request.method == "POST" else LogoForm()
    if request.method == "POST" and form.is_valid():
        try:
            set_logo(member.tradie, drawn_from(form.cleaned_data["logo"]))
            notices.success(request, "Your logo is saved. Customers see it at once.")
            return on_to_the_next(member)
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    context = {"tradie": member.tradie, "form": form}
    return form_page(request, "accounts/logo.html", context, form)


@for_members(May.BUSINESS)
@require_POST
def remove(request: HttpRequest, member: Membership) -> HttpResponse:
    set_logo(member.tradie, None)
    notices.success(request, "Your logo is removed.")
    return redirect("your_widget")

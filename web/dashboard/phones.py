"""A phone is told of what happens in a business: switched on and off on the phone itself."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from notifications import phones
from peepopay.errors import ValidationFailed
from peepopay.methods import require_POST
from peepopay.outbound import LONGEST_URL
from web.dashboard.access import for_members

NOT_OFFERED = "Phones can't be told just now."


class PhoneForm(forms.Form):
    """What `static/js/phone.js` has from the browser."""

    endpoint = forms.CharField(max_length=LONGEST_URL)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=50)


@for_members(May.JOBS)
@require_POST
def tell(request: HttpRequest, member: Membership) -> HttpResponse:
    form = PhoneForm(request.POST)
    if not phones.are_told():
        notices.error(request, NOT_OFFERED)
    elif not form.is_valid():
        notices.error(request, phones.NOT_TAKEN)
    else:
        try:
            phones.tell_phone(
                member, session_key=str(request.session.session_key), **form.cleaned_data, now=timezone.now()
            )
            notices.success(request, "This phone is told from now on.")
        except ValidationFailed as problem:
            notices.error(request, str(problem))
    return redirect("in_the_van")


@for_members(May.JOBS)
@require_POST
def tell_no_more(request: HttpRequest, member: Membership) -> HttpResponse:
    phones.tell_no_more(member, session_key=str(request.session.session_key))
    notices.success(request, "This phone is told nothing any more.")
    return redirect("in_the_van")

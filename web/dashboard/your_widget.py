"""The booking page as customers see it, and how to put it in front of them."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import Membership, Tradie
from accounts.roles import May
from availability.catalogue import change_business
from bookings.rehearsal import rehearse
from peepopay.forms import WholeModelForm
from peepopay.methods import SHOW_AND_SAVE, require_safe
from web.dashboard.access import for_members
from web.dashboard.sharing import code_to_scan, to_share


class ColourForm(WholeModelForm):
    class Meta:
        model = Tradie
        fields = ("accent_colour",)
        labels = {"accent_colour": "Colour of your buttons"}
        widgets = {"accent_colour": forms.TextInput({"type": "color"})}


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
def your_widget(request: HttpRequest, member: Membership) -> HttpResponse:
    form = ColourForm(request.POST or None, instance=member.tradie)
    if request.method == "POST" and form.is_valid():
        change_business(member.tradie, list(form.fields))
        notices.success(request, "Your colour is saved.")
        return redirect("your_widget")
    context = {"tradie": member.tradie, "form": form, **to_share(member.tradie)}
    return render(request, "accounts/your_widget.html", context, status=400 if form.errors else 200)


@for_members(May.BUSINESS)
@require_safe
def rehearsal(request: HttpRequest, member: Membership) -> HttpResponse:
    """The first service, booked as a customer would and taken back: looking leaves nothing behind."""
    service = member.tradie.services.filter(is_active=True).select_related("tradie").first()
    rehearsed = rehearse(service, now=timezone.now()) if service else None
    context = {"tradie": member.tradie, "service": service, "rehearsed": rehearsed}
    return render(request, "accounts/rehearsal.html", context)


@for_members(May.BUSINESS)
@require_safe
def qr(request: HttpRequest, member: Membership) -> HttpResponse:
    return HttpResponse(code_to_scan(member.tradie), content_type="image/svg+xml")

"""The booking page as customers see it, and how to put it in front of them."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.accent import readable_accent
from accounts.models import Membership
from accounts.roles import May
from availability.catalogue import change_business
from bookings.rehearsal import rehearse
from peepopay.methods import SHOW_AND_SAVE, require_safe
from web.dashboard.access import for_members
from web.dashboard.sharing import code_to_scan, other_ways, to_share
from web.dashboard.versions import one_at_a_time
from web.dashboard.your_widget_forms import SampleForm, WidgetForm
from web.form_pages import form_page, posted


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
@one_at_a_time
def your_widget(request: HttpRequest, member: Membership) -> HttpResponse:
    """`look` shows a sample in the colour that was chosen, before it is saved."""
    form = WidgetForm(posted(request), instance=member.tradie)
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        change_business(member.tradie, list(form.fields))
        notices.success(request, "Saved. Your booking page shows it at once.")
        return redirect("your_widget")
    context = {
        "tradie": member.tradie,
        "form": form,
        "looked": "look" in request.POST,
        **to_share(member.tradie),
        "ways": other_ways(member.tradie),
    }
    return form_page(request, "accounts/your_widget.html", context, form)


@for_members(May.BUSINESS)
@require_safe
def sample(request: HttpRequest, member: Membership) -> HttpResponse:
    """A picture of the page's buttons: `?colour=#0f6fde`, or that of the business."""
    form = SampleForm(request.GET)
    colour = form.cleaned_data["colour"] if form.is_valid() else member.tradie.accent_colour
    context = {"tradie": member.tradie, "colour": readable_accent(colour)}
    return render(request, "accounts/widget_sample.svg", context, content_type="image/svg+xml")


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

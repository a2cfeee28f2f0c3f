"""The services a tradie sells."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import Membership, Service, Tradie
from accounts.roles import May
from availability import catalogue
from bookings import job_lists
from peepopay.forms import PART_MISSING
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.business_forms import ServiceForm

MOST_SHOWN = 200


def _own(tradie: Tradie, service_id: UUID) -> Service:
    return get_object_or_404(tradie.services, pk=service_id)


@for_members(May.SERVICES)
@require_safe
def services(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie = member.tradie
    services = tradie.services.prefetch_related("calendars")[:MOST_SHOWN]
    context = {"tradie": tradie, "services": services, "crew": job_lists.crew_of(member)}
    return render(request, "accounts/services.html", context)


@for_members(May.SERVICES)
@SHOW_AND_SAVE
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie = member.tradie
    form = ServiceForm(request.POST or None, instance=Service(tradie=tradie), crew=job_lists.crew_of(member))
    if request.method == "POST" and form.is_valid():
        catalogue.add_service(tradie, form.instance, form.who or ())
        notices.success(request, f"{form.instance.name} is added. Customers can book it now.")
        return redirect("services")
    return render(request, "accounts/service.html", {"tradie": tradie, "form": form})


@for_members(May.SERVICES)
@SHOW_AND_SAVE
def change(request: HttpRequest, member: Membership, service_id: UUID) -> HttpResponse:
    tradie = member.tradie
    service = _own(tradie, service_id)
    form = ServiceForm(request.POST or None, instance=service, crew=job_lists.crew_of(member))
    if request.method == "POST" and form.is_valid():
        catalogue.change_service(tradie, form.instance, form.who)
        notices.success(request, f"{form.instance.name} is saved. Bookings already made keep their terms.")
        return redirect("services")
    return render(request, "accounts/service.html", {"tradie": tradie, "form": form, "service": service})


@for_members(May.SERVICES)
@require_POST
def offer(request: HttpRequest, member: Membership, service_id: UUID) -> HttpResponse:
    """`active`: 1 shows it to customers, 0 does not."""
    tradie = member.tradie
    service = _own(tradie, service_id)
    is_active = {"1": True, "0": False}.get(request.POST.get("active", ""))
    if is_active is None:
        return _part_missing(request)
    catalogue.offer_service(tradie, service, is_active=is_active)
    said = "can be booked again" if is_active else "can't be booked any more. Its bookings stay"
    notices.success(request, f"{service.name} {said}.")
    return redirect("services")


@for_members(May.SERVICES)
@require_POST
def move(request: HttpRequest, member: Membership, service_id: UUID) -> HttpResponse:
    """`by`: -1 is up, 1 is down."""
    tradie = member.tradie
    service = _own(tradie, service_id)
    by = {"-1": -1, "1": 1}.get(request.POST.get("by", ""))
    if by is None:
        return _part_missing(request)
    catalogue.move_service(tradie, service, by=by)
    return redirect("services")


def _part_missing(request: HttpRequest) -> HttpResponse:
    notices.error(request, PART_MISSING)
    return redirect("services")

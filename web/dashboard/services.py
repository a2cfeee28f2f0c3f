"""The services a tradie sells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.contrib import messages as notices
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import law
from accounts.models import Membership, Service, Tradie
from accounts.policy_columns import POLICY_FIELDS
from accounts.policy_templates import TEMPLATES, Trade
from accounts.roles import May
from accounts.soundness import is_over_cap
from availability import catalogue
from bookings import job_lists
from bookings.example_terms import example_of, example_of_business
from bookings.policy import in_short, read_policy
from peepopay.errors import ValidationFailed
from peepopay.forms import PART_MISSING, add_refusal
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.as_read import LOOK, told, wants_only_that
from web.dashboard.once import made_once
from web.dashboard.services_forms import BusinessTermsForm, ServiceForm
from web.dashboard.setting_up import on_to_the_next
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted

MOST_SHOWN = 200
FILL_IN = "fill_in"  # the button that fills in a trade's template, and saves nothing


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
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    service = Service(tradie=member.tradie)
    form = ServiceForm(posted(request), instance=service, crew=job_lists.crew_of(member))
    if FILL_IN in request.POST:
        form = ServiceForm(initial=form.filled_in(), instance=service, crew=job_lists.crew_of(member))
    elif request.method == "POST" and form.is_valid() and LOOK not in request.POST:
        with refusals_in(form):
            catalogue.add_service(member.tradie, form.instance, form.who or ())
            notices.success(request, f"{form.instance.name} is added.")
            answer = _saved(request, member.tradie, form.instance)
            return answer if member.tradie.services.all()[1:2] else on_to_the_next(member)
    return _form(request, member.tradie, form)


@for_members(May.SERVICES)
@SHOW_AND_SAVE
@one_at_a_time
def change(request: HttpRequest, member: Membership, service_id: UUID) -> HttpResponse:
    service = _own(member.tradie, service_id)
    name = service.name
    form = ServiceForm(posted(request), instance=service, crew=job_lists.crew_of(member))
    if FILL_IN in request.POST:
        form = ServiceForm(initial=form.filled_in(), instance=service, crew=job_lists.crew_of(member))
    elif request.method == "POST" and form.is_valid() and LOOK not in request.POST:
        with refusals_in(form):
            catalogue.change_service(member.tradie, form.instance, form.who)
            notices.success(
                request, f"{form.instance.name} is saved. Bookings already made keep their terms."
            )
            return _saved(request, member.tradie, form.instance)
    return _form(request, member.tradie, form, name)


@contextmanager
def refusals_in(form: BaseForm) -> Iterator[None]:
    """What a rule refuses is said at the form's fields."""
    try:
        yield
    except ValidationFailed as refusal:
        add_refusal(form, refusal)


def _saved(request: HttpRequest, tradie: Tradie, service: Service) -> HttpResponse:
    today = _today(tradie)
    cap = law.cap_in(tradie.state, today)
    if cap and not cap.refuses and is_over_cap(tradie, service, today, or_warned=True):
        notices.warning(request, f"The deposit may be above what the law allows. {cap.rule} {law.NOT_ADVICE}")
    return redirect("services")


def _form(request: HttpRequest, tradie: Tradie, form: ServiceForm, name: str = "") -> HttpResponse:
    """`name`: that of the service as it is; none is a new one."""
    example = None if form.errors else example_of(form.instance, timezone.now())
    if wants_only_that(request):
        return told(example)
    context = {
        "example": example,
        "tradie": tradie,
        "form": form,
        "name": name,
        "usual_terms": in_short(read_policy(tradie.own_policy)),
        "law": law.told_in(tradie.state, _today(tradie)),
        "not_advice": law.NOT_ADVICE,
    }
    return form_page(request, "accounts/service.html", context, form)


def _today(tradie: Tradie) -> date:
    return in_zone(timezone.now(), tradie.timezone).date()


@for_members(May.SERVICES)
@SHOW_AND_SAVE
@one_at_a_time
def usual_terms(request: HttpRequest, member: Membership) -> HttpResponse:
    """The cancellation terms of all services that have none of their own."""
    tradie = member.tradie
    form = BusinessTermsForm(posted(request), instance=tradie)
    if FILL_IN in request.POST:
        form = BusinessTermsForm(initial=form.filled_in(), instance=tradie)
    elif request.method == "POST" and form.is_valid() and LOOK not in request.POST:
        with refusals_in(form):
            catalogue.change_business(form.instance, POLICY_FIELDS)
            notices.success(request, "Your usual terms are saved. Bookings already made keep theirs.")
            return redirect("services")
    example = None if form.errors else example_of_business(tradie, timezone.now())
    if wants_only_that(request):
        return told(example)
    following = tradie.services.filter(is_active=True, follows_business_policy=True).count()
    context = {
        "example": example,
        "tradie": tradie,
        "form": form,
        "following": following,
        "templates": [(trade.label, TEMPLATES[trade]) for trade in Trade],
    }
    return form_page(request, "accounts/usual_terms.html", context, form)


@for_members(May.SERVICES)
@require_POST
def offer(request: HttpRequest, member: Membership, service_id: UUID) -> HttpResponse:
    """`active`: 1 shows it to customers, 0 does not."""
    tradie = member.tradie
    service = _own(tradie, service_id)
    is_active = {"1": True, "0": False}.get(request.POST.get("active", ""))
    if is_active is None:
        return _part_missing(request)
    try:
        catalogue.offer_service(tradie, service, is_active=is_active)
    except ValidationFailed as refusal:
        notices.error(request, " ".join(said for sentences in refusal.fields.values() for said in sentences))
        return redirect("service_change", service.pk)
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

"""What a business asks of who books a service."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import Membership, Service
from accounts.roles import May
from availability import catalogue
from peepopay.forms import PART_MISSING
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.questions_forms import (
    BLANK,
    BaseQuestions,
    asked_in,
    posted_questions,
    questions_form,
    typed_from,
)
from web.dashboard.versions import CHANGED_ELSEWHERE, is_stale, one_at_a_time, version_of
from web.form_pages import form_page


@for_members(May.SERVICES)
@SHOW_AND_SAVE
@one_at_a_time
def questions(request: HttpRequest, member: Membership, service_id: UUID) -> HttpResponse:
    """A button of the questions only makes room for them, or changes their order; `save` keeps them."""
    service: Service = get_object_or_404(member.tradie.services, pk=service_id)
    if request.method != "POST":
        typed = [typed_from(row) for row in service.questions]
        return _page(request, service, questions_form(typed or [dict(BLANK)]))
    form = posted_questions(request.POST)
    if not form.is_whole:
        notices.error(request, PART_MISSING)
        return redirect("service_questions", service.pk)
    if form.was_arranged:
        return _page(request, service, form.after_the_press())
    stored = service.questions
    if form.is_valid() and asked_in(rows := form.rows(row["id"] for row in stored)) == asked_in(stored):
        rows = stored  # pressed twice, perhaps: they are who they were
    elif is_stale(request.POST, version_of(stored)):
        return _page(request, service, form, CHANGED_ELSEWHERE)
    elif not form.is_valid():
        return _page(request, service, form)
    catalogue.set_questions(member.tradie, service, rows)
    notices.success(request, f"The questions of {service.name} are saved. Bookings already made keep theirs.")
    return redirect("service_change", service.pk)


def _page(request: HttpRequest, service: Service, form: BaseQuestions, problem: str = "") -> HttpResponse:
    """`problem`: what is wrong with all of it; what is stored is shown beside it."""
    context = {
        "service": service,
        "form": {"version": version_of(service.questions)},
        "questions": form,
        "problem": problem,
        "stored": [row["label"] for row in service.questions] if problem else [],
    }
    return form_page(request, "accounts/questions.html", context, form, refused=bool(problem))

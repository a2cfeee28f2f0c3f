"""Bringing in a file: send it, look at what would happen row by row, and have it happen."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from invoicing.importing.bringing import bring_in, choose, in_short, take_file
from invoicing.importing.headings import Kind
from invoicing.models import BroughtFile
from peepopay.errors import AppError, ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from peepopay.pages import page_of
from peepopay.sheets import What
from web.dashboard.access import for_members
from web.dashboard.importing_forms import ChoicesForm, FileForm
from web.dashboard.once import made_once
from web.dashboard.versions import is_stale, one_at_a_time, version_of
from web.form_pages import form_page

ROWS_ON_A_PAGE = 100
LOOKED_AT_ANEW = (
    "Somebody chose anew what the columns are after you opened the page. Nothing is brought in yet: this is what would"
    " become of each row now."
)
# What has to be looked at stands first.
ORDER = (What.CLASH, What.REFUSED, What.CHANGED, What.NEW, What.SAME, What.KEPT)
SAID = {
    What.NEW: ("New", "confirmed"),
    What.SAME: ("The same already", "completed"),
    What.CHANGED: ("Changed", "requested"),
    What.CLASH: ("Clash", "cancelled"),
    What.REFUSED: ("Refused", "declined"),
    What.KEPT: ("Not brought in", "expired"),
}


@for_members(May.ACCOUNT)
@SHOW_AND_SAVE
@made_once
def send(request: HttpRequest, member: Membership) -> HttpResponse:
    """POST reads the file and leads to what would become of it."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = take_file(member, sent.read(), sent.name, now=timezone.now())
            return redirect("brought_file", file.pk)
        except ValidationFailed as refusal:
            add_refusal(form, ValidationFailed(fields={"file": [refusal.message]}))
        except AppError as refusal:
            form.add_error(None, refusal.message)
    context = {
        "tradie": member.tradie,
        "form": form,
        "files": member.tradie.brought_files.defer("sheets", "outcomes")[:10],
    }
    return form_page(request, "accounts/import.html", context, form)


@for_members(May.ACCOUNT)
@require_safe
def file(request: HttpRequest, member: Membership, file_id: UUID) -> HttpResponse:
    """Row by row, a page at a time."""
    return _page(request, member, _own(member, file_id))


@for_members(May.ACCOUNT)
@require_POST
@one_at_a_time
def choices(request: HttpRequest, member: Membership, file_id: UUID) -> HttpResponse:
    """What the columns are; the rows are looked at anew."""
    file = _own(member, file_id)
    if file.brought_in_at:
        return redirect("brought_file", file.pk)
    form = ChoicesForm(request.POST, file=file)
    if form.is_valid():
        try:
            choose(file, member, **form.chosen(), now=timezone.now())
            return redirect("brought_file", file.pk)
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    return _page(request, member, file, form)


@for_members(May.ACCOUNT)
@require_POST
@one_at_a_time
def run(request: HttpRequest, member: Membership, file_id: UUID) -> HttpResponse:
    """Pressed twice it is done once; and only what was shown."""
    file = _own(member, file_id)
    if not file.brought_in_at and is_stale(request.POST, version_of(file.outcomes)):
        notices.warning(request, LOOKED_AT_ANEW)
    elif bring_in(file, member, now=timezone.now()):
        file.refresh_from_db()
        notices.success(request, f"Brought in: {in_short(file.outcomes)}.")
    return redirect("brought_file", file.pk)


def _own(member: Membership, file_id: UUID) -> BroughtFile:
    return get_object_or_404(member.tradie.brought_files.all(), pk=file_id)


def _page(
    request: HttpRequest, member: Membership, file: BroughtFile, form: ChoicesForm | None = None
) -> HttpResponse:
    counts = Counter(one["what"] for one in file.outcomes)
    rows = sorted(file.outcomes, key=lambda one: ORDER.index(one["what"]))
    page = page_of(rows, request.GET.get("page"), size=ROWS_ON_A_PAGE)  # type: ignore[arg-type]
    page.items[:] = [_told(one) for one in page.items]
    context: dict[str, Any] = {
        "tradie": member.tradie,
        "file": file,
        "shown": {"version": version_of(file.outcomes)},
        "page": page,
        "counts": [(SAID[what], counts[what]) for what in ORDER if counts[what]],
        "to_bring": counts[What.NEW] + counts[What.CHANGED],
        "form": form or ChoicesForm(file=file) if not file.brought_in_at else None,
    }
    return form_page(request, "accounts/brought_file.html", context, *([form] if form else []))


def _told(one: dict[str, Any]) -> dict[str, Any]:
    label, status = SAID[What(one["what"])]
    return {**one, "kind": Kind(one["kind"]).label, "label": label, "status": status}

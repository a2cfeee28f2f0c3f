"""Everything of a business as one file: asking for it, and fetching it when it is made."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from invoicing.exports import ask_for_export, content_of, note_fetching, to_fetch
from invoicing.models import Export
from peepopay import outbox
from peepopay.errors import RateLimited
from peepopay.methods import SHOW_AND_SAVE, require_safe
from web.dashboard.access import for_members, with_password_again


@for_members(May.ACCOUNT, also_closed=True)
@SHOW_AND_SAVE
def exports(request: HttpRequest, member: Membership) -> HttpResponse:
    """GET lists the files of this week; POST asks for one."""
    now = timezone.now()
    if request.method == "POST":
        try:
            ask_for_export(member, now=now)
            notices.success(request, f"We're making it, and mail {member.user.email} when it is ready.")
        except RateLimited as refusal:
            notices.warning(request, refusal.message)
        return redirect("exports")
    context = {
        "tradie": member.tradie,
        "waiting": outbox.open_rows(Export).filter(tradie=member.tradie).first(),
        "made": to_fetch(member.tradie, now=now),
    }
    return render(request, "accounts/exports.html", context)


@for_members(May.ACCOUNT, also_closed=True)
@with_password_again
@require_safe
def export_file(request: HttpRequest, member: Membership, export_id: UUID) -> HttpResponseBase:
    """Never all of it at once in memory."""
    export = get_object_or_404(to_fetch(member.tradie, now=timezone.now()), pk=export_id)
    if request.method == "GET":
        note_fetching(export)
    answer = StreamingHttpResponse(content_of(export), content_type="application/zip")
    answer["Content-Length"] = str(export.size_bytes)
    answer["Content-Disposition"] = f'attachment; filename="peepopay-{member.tradie.slug}.zip"'
    return answer

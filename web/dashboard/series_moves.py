"""A visit and all later ones move: what becomes of each is shown before it is saved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import series as rules
from bookings import series_moves
from bookings.actors import By
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.series import own_series
from web.dashboard.series_forms import MoveSeriesForm
from web.form_pages import form_page


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def move(request: HttpRequest, member: Membership, series_id: UUID) -> HttpResponse:
    """GET asks from which visit on and to when, then shows what becomes of each; POST does it."""
    series, now = own_series(member, series_id), timezone.now()
    visits = rules.visits_ahead(series, now)
    sent = request.POST if request.method == "POST" else request.GET if "new_day" in request.GET else None
    first = {"from_day": visits[0].on, "new_day": visits[0].on, "at": series.at} if visits else {}
    form = MoveSeriesForm(sent, initial=first, visits=visits)
    context: dict[str, Any] = {"tradie": member.tradie, "series": series, "like": series.like, "form": form}
    if form.is_valid():
        given = form.cleaned_data
        when = given["from_day"], given["new_day"], given["at"]
        try:
            if request.method == "POST":
                new, left = series_moves.move_from(series, *when, by=By.of(member), now=now)
                stay = (
                    f" {left} visit{pluralize(left, ' stays as it was,s stay as they were')}." if left else ""
                )
                notices.success(request, f"Moved: {new.words}. We're telling them once.{stay}")
                return redirect("series", new.pk)
            new = series_moves.moved(series, *when, now=now)
            context |= {"new": new, "steps": series_moves.steps(series, new, given["from_day"], now=now)}
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
    return form_page(request, "bookings/series_move.html", context, form)

"""A tradie's bookings by day, narrowed as they ask, on pages and as a file."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import job_lists
from bookings.job_days import by_day
from peepopay.csv_files import download
from peepopay.local_time import in_zone
from peepopay.methods import require_safe
from peepopay.pages import page_of
from web.dashboard.access import for_members
from web.dashboard.bookings_file import rows_of
from web.dashboard.bookings_filters import FOLDED, BookingFilter


@for_members(May.JOBS)
@require_safe
def bookings(request: HttpRequest, member: Membership) -> HttpResponse:
    now = timezone.now()
    tradie, (show, narrowed) = member.tradie, _asked(request, member, now)
    page = page_of(narrowed.qs, request.GET.get("page"))
    context = {
        "tradie": tradie,
        "now": now,
        "today": in_zone(now, tradie.timezone).date(),
        "tabs": job_lists.Show.choices,
        "show": show,
        "crew": job_lists.crew_of(member),
        "narrowed": narrowed,
        "chosen": narrowed.chosen,
        "mistaken": any(name in narrowed.errors for name in FOLDED),
        "text": narrowed.given("q"),
        "whose": narrowed.given("calendar"),
        "page": page,
        "days": by_day(page.items, narrowed.qs, tradie.timezone),
    }
    return render(request, "bookings/list.html", context)


@for_members(May.BOOKINGS)
@require_safe
def file(request: HttpRequest, member: Membership) -> StreamingHttpResponse:
    """All pages of the list as it is asked for: the same address, the same rows, in the same order."""
    now, zone_name = timezone.now(), member.tradie.timezone
    show, narrowed = _asked(request, member, now)
    name = f"bookings-{show}-{in_zone(now, zone_name):%Y-%m-%d}"
    return download(rows_of(job_lists.each(narrowed.qs), zone_name), name, for_excel=True)


def _asked(request: HttpRequest, member: Membership, now: datetime) -> tuple[str, BookingFilter]:
    """Which tab, and what of it. An odd address shows what is upcoming."""
    asked = request.GET.get("show", "")
    show = asked if asked in job_lists.Show.values else job_lists.Show.UPCOMING
    return show, BookingFilter(request.GET, job_lists.listed(job_lists.jobs_of(member), show, now), member)

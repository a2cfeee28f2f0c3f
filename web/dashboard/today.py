"""Today: what a tradie needs in the van."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Membership, Tradie
from accounts.roles import May
from bookings import job_lists
from bookings.call_backs import waiting
from bookings.calls import calls_to_make
from bookings.day_moves import moves_of, with_progress
from bookings.day_order import suggestions
from bookings.expected import was_told_on_my_way
from bookings.models import Booking, Status
from bookings.on_my_way import may_set_out
from bookings.running_late import rest_of_the_day
from bookings.week import week_of
from ledger.reports import figures
from payments.disputes import to_answer
from payments.matched import matched
from payments.payouts import next_of
from peepopay.local_time import in_zone
from peepopay.methods import require_safe
from web.dashboard.access import for_members
from web.dashboard.attention import problems_of
from web.dashboard.setting_up import progress
from web.dashboard.sharing import to_share
from web.van import keeps_pages

MOST_SHOWN = 300  # thirty vans with ten jobs each
MOST_ASKED = 10
DONE_OR_TO_DO = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
FIRST = 3  # of a list that has a page of its own
A_DAY = timedelta(days=1)


@for_members(May.JOBS)
@require_safe
def today(request: HttpRequest, member: Membership) -> HttpResponse:
    now, tradie = timezone.now(), member.tradie
    all_jobs = job_lists.jobs_of(member).select_related("calendar")
    jobs = list(job_lists.jobs_today(all_jobs, now, tradie.timezone)[:MOST_SHOWN])
    day, coming = in_zone(now, tradie.timezone).date(), job_lists.next_job(all_jobs, now)
    late = rest_of_the_day(jobs, now)
    context = {
        "tradie": tradie,
        "crew": job_lists.crew_of(member),
        "now": now,
        "day": day,
        "next": coming,
        "may_set_out": coming and may_set_out(coming, now),
        "is_on_the_way": coming and was_told_on_my_way(coming),
        "jobs": jobs,
        "booked": [job for job in jobs if job.status in DONE_OR_TO_DO],
        "requests": [job for job in jobs if job.status == Status.REQUESTED],
        "orders": suggestions(tradie, jobs, now),
        "late": late,
        "late_moves_windows": any(rest.has_windows for rest in late),
        "late_choices": (15, 30, 45, 60),
        "calls": calls_to_make(all_jobs)[:MOST_ASKED],
        "to_close": _first(job_lists.to_close(all_jobs, now)),
        "week": week_of(all_jobs, day, tradie.timezone),
        "keeps_pages": keeps_pages(request, member),
        **to_share(tradie),
    }
    if May.BOOKINGS in member.may:
        context |= _of_the_office(member, all_jobs, now)
    if May.MONEY in member.may:
        context |= _money(tradie, day)
    return render(request, "bookings/today.html", context)


def _of_the_office(member: Membership, jobs: QuerySet[Booking], now: datetime) -> dict[str, Any]:
    """What those who only do the jobs could do nothing about."""
    return {
        **(progress(member) if May.SERVICES in member.may else {}),
        "problems": problems_of(member, now),
        "call_backs": waiting(member.tradie)[:MOST_ASKED],
        "disputes": to_answer(jobs)[:MOST_ASKED],
        "asked": _first(job_lists.waiting_for_approval(jobs, now)),
        "moves": with_progress(moves_of(member, now).filter(reopened_at=None))[:MOST_ASKED],
        "matched": matched(member.tradie, now=now),
    }


def _money(tradie: Tradie, day: date) -> dict[str, Any]:
    """What came in, and what reaches the bank next. Three queries."""
    since = day - 6 * A_DAY
    return {
        "money_today": figures(tradie, day, day + A_DAY),
        "money_week": figures(tradie, since, day + A_DAY),
        "next_payout": next_of(tradie),
    }


def _first(jobs: QuerySet[Booking]) -> list[Booking]:
    """The first few, each with how many there are `in_all`. One query."""
    return list(jobs.annotate(in_all=Window(Count("pk")))[:FIRST])

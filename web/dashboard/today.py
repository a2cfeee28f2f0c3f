"""Today: what a tradie needs in the van."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import job_lists
from bookings.calls import calls_to_make
from bookings.day_moves import moves_of, with_progress
from bookings.models import Status
from bookings.running_late import rest_of_the_day
from payments.disputes import to_answer
from payments.matched import matched
from peepopay.methods import require_safe
from web.dashboard.access import for_members
from web.dashboard.setting_up import progress
from web.dashboard.sharing import to_share

MOST_SHOWN = 50
MOST_ASKED = 10


@for_members(May.JOBS)
@require_safe
def today(request: HttpRequest, member: Membership) -> HttpResponse:
    now, tradie, all_jobs = (
        timezone.now(),
        member.tradie,
        job_lists.jobs_of(member).select_related("calendar"),
    )
    jobs = list(job_lists.jobs_today(all_jobs, now, tradie.timezone)[:MOST_SHOWN])
    return render(
        request,
        "bookings/today.html",
        {
            "tradie": tradie,
            "crew": job_lists.crew_of(member),
            "now": now,
            "next": job_lists.next_job(all_jobs, now),
            "jobs": jobs,
            "booked": [job for job in jobs if job.status not in (Status.PENDING, Status.EXPIRING)],
            "late": rest_of_the_day(jobs, now),
            "late_choices": (15, 30, 45, 60),
            "asked": job_lists.waiting_for_approval(all_jobs)[:MOST_ASKED],
            "calls": calls_to_make(all_jobs)[:MOST_ASKED],
            "to_close": job_lists.to_close(all_jobs, now)[:MOST_ASKED],
            "disputes": to_answer(all_jobs)[:MOST_ASKED] if May.BOOKINGS in member.may else [],
            "moves": with_progress(moves_of(member, now).filter(reopened_at=None))[:MOST_ASKED]
            if May.BOOKINGS in member.may
            else [],
            **(progress(member) if May.SERVICES in member.may else {}),
            "matched": matched(tradie, now=now) if May.BOOKINGS in member.may else None,
            **to_share(tradie),
        },
    )

"""Today: what a tradie needs in the van."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Tradie
from bookings import diary
from bookings.models import Status
from payments.setup_steps import open_steps
from peepopay.methods import require_safe
from web.dashboard.access import for_tradies
from web.dashboard.sharing import to_share

MOST_SHOWN = 50
MOST_ASKED = 10


@for_tradies
@require_safe
def today(request: HttpRequest, tradie: Tradie) -> HttpResponse:
    now = timezone.now()
    jobs = list(diary.jobs_today(tradie, now)[:MOST_SHOWN])
    return render(
        request,
        "bookings/today.html",
        {
            "tradie": tradie,
            "now": now,
            "next": diary.next_job(tradie, now),
            "jobs": jobs,
            "booked": [job for job in jobs if job.status not in (Status.PENDING, Status.EXPIRING)],
            "asked": diary.waiting_for_approval(tradie)[:MOST_ASKED],
            "to_close": diary.to_close(tradie, now)[:MOST_ASKED],
            "steps": open_steps(tradie),
            **to_share(tradie),
        },
    )

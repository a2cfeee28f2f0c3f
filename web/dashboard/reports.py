"""Reports: what the bookings of a period came to, beside the one before it, and each table as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.job_lists import jobs_of
from bookings.tallies import EVER_BOOKED
from payments.kept_promises import FEWEST_SHOWN, kept_promises
from peepopay.csv_files import download
from peepopay.local_time import in_zone
from peepopay.methods import require_safe
from peepopay.money import dollars
from web.dashboard.access import for_members

from .charts import chart_of
from .reports_figures import Report
from .reports_forms import LABELS, PeriodForm
from .reports_tables import TABLES


@for_members(May.BOOKINGS)
@require_safe
def reports(request: HttpRequest, member: Membership) -> HttpResponse:
    """`?period=3-months`, or `?period=own&first=2026-07-01&last=2026-07-31`."""
    form, name, report = _asked(request, member)
    context = {
        "tradie": member.tradie,
        "form": form,
        "periods": LABELS.items(),
        "chosen": name,
        "report": report,
        "promises": kept_promises(member.tradie.pk, now=report.now),
        "fewest": FEWEST_SHOWN,
        "nothing_ever": report.is_empty and not jobs_of(member).filter(EVER_BOOKED).exists(),
        "tables": {} if report.is_empty else {name: table(report) for name, table in TABLES.items()},
        "jobs_chart": chart_of((line.tally.jobs, f"{line.name}: {line.tally.jobs}") for line in report.weeks),
        "money_chart": chart_of(
            (line.figures.earned_cents, f"{line.name}: {dollars(line.figures.earned_cents)}")
            for line in report.weeks
        ),
    }
    return render(request, "reports/reports.html", context)


@for_members(May.BOOKINGS)
@require_safe
def file(request: HttpRequest, member: Membership, table: str) -> StreamingHttpResponse:
    """One of the tables, of the same period as the page."""
    if table not in TABLES:
        raise Http404
    _, _, report = _asked(request, member)
    found, period = TABLES[table](report), report.period
    return download([found.columns, *found.rows], f"{table}-{period.first}-to-{period.last}", for_excel=True)


def _asked(request: HttpRequest, member: Membership) -> tuple[PeriodForm, str, Report]:
    now = timezone.now()
    form = PeriodForm(request.GET)
    name, period, before = form.chosen(in_zone(now, member.tradie.timezone).date())
    return form, name, Report(member, period, before, now)

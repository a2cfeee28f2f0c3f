"""Money: what came in, what went off it, what is held; by month and year, and as a file for the accountant."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from ledger import months_file, reports, xero
from ledger.xero_codes import set_codes
from payments.payouts import payouts_of
from payments.setup_steps import STRIPE_DASHBOARD
from peepopay.csv_files import download
from peepopay.methods import SHOW_AND_SAVE, require_safe
from peepopay.pages import page_of
from web.dashboard.access import for_members
from web.form_pages import form_page, posted

from .money_forms import CodesForm

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z", re.ASCII)
MOST_PAYOUTS = 62  # two a day
YEAR = re.compile(r"20\d\d\Z", re.ASCII)


@for_members(May.MONEY)
@require_safe
def money(request: HttpRequest, member: Membership) -> HttpResponse:
    """One month, this one unless another is named: `?month=2027-01`."""
    tradie = member.tradie
    this = reports.month_of(tradie, timezone.now())
    first = _month(request.GET.get("month")) or this
    until = reports.next_month(first)
    _, ends = reports.bounds(tradie, first, until)
    found = reports.figures(tradie, first, until)
    to_bank = list(payouts_of(tradie, first, until)[:MOST_PAYOUTS])
    context = {
        "tradie": tradie,
        "first": first,
        "previous": reports.month_before(first),
        "next": until if until <= this else None,
        "is_this": first == this,
        "figures": found,
        "held": reports.held(tradie, until=ends),
        "payouts": to_bank,
        "stripe_dashboard": STRIPE_DASHBOARD,
        "page": page_of(reports.journals_in(tradie, first, until), request.GET.get("page")),
        "nothing_ever": found.is_empty and not to_bank and not reports.has_any(tradie),
    }
    return render(request, "money/month.html", context)


@for_members(May.MONEY)
@require_safe
def year(request: HttpRequest, member: Membership) -> HttpResponse:
    """Twelve months: of the financial year that it is, `?starts=2026` of another, `&by=calendar` of a calendar year."""
    tradie = member.tradie
    first, financial = _year(request, member)
    this = reports.year_starts(reports.month_of(tradie, timezone.now()), financial=financial)
    months = reports.months(tradie, first)
    until = reports.next_month(months[-1].starts)
    _, ends = reports.bounds(tradie, first, until)
    context = {
        "tradie": tradie,
        "first": first,
        "last": months[-1].starts,
        "financial": financial,
        "months": reports.with_bars(months),
        "figures": reports.total(month.figures for month in months),
        "held": reports.held(tradie, until=ends),
        "previous": first.year - 1,
        "next": first.year + 1 if first < this else None,
        "is_this": first == this,
    }
    return render(request, "money/year.html", context)


@for_members(May.MONEY)
@require_safe
def year_file(request: HttpRequest, member: Membership) -> StreamingHttpResponse:
    """The months of a year, chosen as for `year`."""
    first, _ = _year(request, member)
    months = reports.months(member.tradie, first)
    return download(months_file.rows_of(months), f"money-{_years(first)}", for_excel=True)


@for_members(May.MONEY)
@SHOW_AND_SAVE
def accountant(request: HttpRequest, member: Membership) -> HttpResponse:
    """The file for Xero, and under which codes its lines go."""
    tradie = member.tradie
    form = CodesForm(posted(request), codes=xero.codes_of(tradie))
    if request.method == "POST" and form.is_valid():
        set_codes(tradie, form.codes())
        notices.success(request, "Saved. Files from now on have these codes.")
        return redirect("money_accountant")
    this = reports.month_of(tradie, timezone.now())
    context: dict[str, Any] = {
        "tradie": tradie,
        "form": form,
        "months": reports.months_back(this, 12),
        "most": xero.MOST_INVOICES,
        "tax": (xero.GST, xero.GST_FREE, xero.NO_GST),
    }
    return form_page(request, "money/accountant.html", context, form)


@for_members(May.MONEY)
@require_safe
def xero_file(request: HttpRequest, member: Membership) -> StreamingHttpResponse:
    """The file itself, of a month (`?month=2027-01`) or a year (as for `year`)."""
    if first := _month(request.GET.get("month")):
        until, name = reports.next_month(first), f"{first:%Y-%m}"
    else:
        first, _ = _year(request, member)
        until, name = first.replace(year=first.year + 1), _years(first)
    return download(xero.sales_file(member.tradie, first, until), f"xero-sales-{name}")


def _years(first: date) -> str:
    """`2026-07-to-2027-06`: of the year that begins then, for the name of a file."""
    return f"{first:%Y-%m}-to-{reports.month_before(first.replace(year=first.year + 1)):%Y-%m}"


def _month(text: str | None) -> date | None:
    """The first of the month that an address names; anything odd is none."""
    found = MONTH.match(text or "")
    return date(int(found[1]), int(found[2]), 1) if found else None


def _year(request: HttpRequest, member: Membership) -> tuple[date, bool]:
    """When the year begins that an address names, and whether that is a financial one."""
    financial = request.GET.get("by") != "calendar"
    this = reports.year_starts(reports.month_of(member.tradie, timezone.now()), financial=financial)
    wanted = request.GET.get("starts", "")
    return (this.replace(year=int(wanted)) if YEAR.match(wanted) else this), financial

"""Quotes: the list by state, one of them, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import law
from accounts.models import Membership
from accounts.roles import May
from bookings.models import HELD
from invoicing import quotes as rules
from invoicing.quote_messages import LAPSES
from invoicing.quote_models import Quote, QuoteVersion
from invoicing.quote_states import QuoteState, job_of, listed, state_of
from invoicing.quote_terms import last_day_of
from notifications.models import Message
from peepopay.errors import AppError, ValidationFailed
from peepopay.local_time import in_zone
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from peepopay.pages import page_of
from web.dashboard.access import for_members
from web.dashboard.known_customers import customer_of, customers_like
from web.dashboard.lines_forms import BLANK, BaseLines, lines_form, posted_lines, typed_from
from web.dashboard.once import made_once
from web.dashboard.quotes_forms import QuoteForm, QuoteSearchForm, as_written, new_quote
from web.dashboard.versions import FIELD, is_stale, one_at_a_time
from web.form_pages import form_page


def _own(member: Membership, quote_id: UUID) -> Quote:
    found: Quote = get_object_or_404(member.tradie.quotes.select_related("tradie"), pk=quote_id)
    return found


def _newest(quote: Quote) -> QuoteVersion:
    """What was written last: of a draft the draft, else what was sent."""
    return quote.versions.select_related("service").prefetch_related("lines")[0]


@for_members(May.QUOTES)
@require_safe
def quotes(request: HttpRequest, member: Membership) -> HttpResponse:
    now = timezone.now()
    form = QuoteSearchForm(request.GET)
    show, text = form.wanted()
    page = page_of(listed(member.tradie, show, text, now), request.GET.get("page"))
    rows = [(quote, quote.versions.all()[0], state_of(quote, quote.job_status, now)) for quote in page.items]
    context = {
        "tradie": member.tradie,
        "now": now,
        "form": form,
        "show": show,
        "text": text,
        "page": page,
        "rows": rows,
        "tabs": [("", "All"), *QuoteState.choices],
        "has_services": bool(rows) or member.tradie.services.exists(),
    }
    return render(request, "invoicing/quotes.html", context)


@for_members(May.QUOTES)
@require_safe
def quote(request: HttpRequest, member: Membership, quote_id: UUID) -> HttpResponse:
    quote, now = _own(member, quote_id), timezone.now()
    version, job = _newest(quote), job_of(quote)
    state = state_of(quote, job.status if job else None, now)
    is_held = bool(job and job.status in HELD)
    context = {
        "tradie": member.tradie,
        "quote": quote,
        "version": version,
        "job": job,
        "is_held": is_held,
        "state": state,
        "is_open": state == QuoteState.SENT and not is_held,
        "may_change": state != QuoteState.ACCEPTED and not is_held and not quote.erased_at,
        "lines": [row.line for row in version.lines.all()],
        "sums": version.totals,
        "last_day": last_day_of(version, member.tradie.timezone),
        "sent": _sent(quote),
        "versions": quote.versions.exclude(sent_at=None)[:20],
    }
    return render(request, "invoicing/quote.html", context)


def _sent(quote: Quote) -> list[Message]:
    """But for the reminder that is still to come."""
    to_come = Q(kind=LAPSES, done_at=None, dead_at=None)
    return list(Message.objects.filter(~to_come, tradie=quote.tradie_id, about=quote.pk)[:100])


@for_members(May.QUOTES)
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    """`from`: a booking of a customer who is known; `q`: looks for one."""
    tradie, today = member.tradie, _today(member)
    if request.method == "POST":
        return _written(request, member, None)
    known = customer_of(member, request.GET.get("from", ""))
    form = QuoteForm(initial=new_quote(tradie, today, known), tradie=tradie)
    text = request.GET.get("q", "")[:80].strip()
    more = {"text": text, "found": customers_like(member, text) if text else [], "known": known}
    return _form(request, member, None, form, lines_form([BLANK], tradie.gst_registered), **more)


@for_members(May.QUOTES)
@SHOW_AND_SAVE
@one_at_a_time
def change(request: HttpRequest, member: Membership, quote_id: UUID) -> HttpResponse:
    """A draft, or the next version of one that was sent."""
    quote = _own(member, quote_id)
    if request.method == "POST":
        return _written(request, member, quote)
    form = _form_of(member, quote)
    rows = [typed_from(line) for line in form.lines or ()]
    return _form(request, member, quote, form, lines_form(rows, member.tradie.gst_registered))


def _form_of(member: Membership, quote: Quote | None, sent: QueryDict | None = None) -> QuoteForm:
    if quote is None:
        return QuoteForm(sent, tradie=member.tradie)
    version = _newest(quote)
    initial, lines = as_written(quote, version, _today(member)), [row.line for row in version.lines.all()]
    return QuoteForm(sent, initial=initial, tradie=member.tradie, lines=lines)


def _written(request: HttpRequest, member: Membership, quote: Quote | None) -> HttpResponse:
    """`save` keeps a draft, `send` sends it; a button of the lines only makes room for them."""
    tradie, now = member.tradie, timezone.now()
    form = _form_of(member, quote, request.POST)
    lines = posted_lines(request.POST, gst_registered=tradie.gst_registered)
    if lines.was_resized:
        as_sent = {name: form[name].value() for name in form.fields} | {FIELD: request.POST.get(FIELD)}
        typed = QuoteForm(initial=as_sent, tradie=tradie, lines=form.lines)
        return _form(request, member, quote, typed, lines.after_the_press())
    lines.stored = form.lines if quote and is_stale(request.POST, form.version) else None
    if not (form.is_valid() & lines.is_valid()):
        return _form(request, member, quote, form, lines)
    if quote and quote.current_id and "send" not in request.POST:
        return _form(request, member, quote, form, lines)  # Enter was pressed: nothing is mailed by that
    write = rules.send if "send" in request.POST else rules.save_draft
    try:
        saved = write(tradie, form.writing(lines.lines), now=now, quote=quote)
    except ValidationFailed as refusal:
        form.add_refusal(refusal)
        return _form(request, member, quote, form, lines)
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("dashboard_quote", quote.pk) if quote else _form(request, member, quote, form, lines)
    said = f"The quote is on its way to {saved.customer_name}." if "send" in request.POST else "Saved."
    notices.success(request, said)
    return redirect("dashboard_quote", saved.pk)


def _form(
    request: HttpRequest,
    member: Membership,
    quote: Quote | None,
    form: QuoteForm,
    lines: BaseLines,
    **more: Any,
) -> HttpResponse:
    context = {
        "tradie": member.tradie,
        "quote": quote,
        "form": form,
        "lines": lines,
        "was_sent": bool(quote and quote.current_id),
        "law": law.told_in(member.tradie.state, _today(member))[:1],
        "not_advice": law.NOT_ADVICE,
        **more,
    }
    return form_page(request, "invoicing/quote_form.html", context, form, lines)


def _today(member: Membership) -> Any:
    return in_zone(timezone.now(), member.tradie.timezone).date()


def _do(
    request: HttpRequest, member: Membership, quote_id: UUID, act: Callable[[Quote], object], said: str
) -> HttpResponse:
    quote = _own(member, quote_id)
    try:
        act(quote)
        notices.success(request, said.format(customer=quote.customer_name))
    except ValidationFailed as refusal:
        said = " ".join(sentence for sentences in refusal.fields.values() for sentence in sentences)
        notices.warning(request, f"{said or refusal.message} Change it, then send it.")
        return redirect("quote_change", quote.pk)
    except AppError as refusal:
        notices.warning(request, refusal.message)
    return redirect("dashboard_quote", quote.pk)


@for_members(May.QUOTES)
@require_POST
def send(request: HttpRequest, member: Membership, quote_id: UUID) -> HttpResponse:
    """A draft as it stands, or what was sent once more."""
    now = timezone.now()

    def act(quote: Quote) -> None:
        if quote.current_id:
            rules.remind(quote, now=now)
        else:
            rules.send(member.tradie, rules.written_in(quote, _newest(quote)), now=now, quote=quote)

    return _do(request, member, quote_id, act, "The quote is on its way to {customer}.")


@for_members(May.QUOTES)
@require_POST
def withdraw(request: HttpRequest, member: Membership, quote_id: UUID) -> HttpResponse:
    now = timezone.now()
    return _do(
        request, member, quote_id, lambda quote: rules.withdraw(quote, now=now), "The quote is withdrawn."
    )


@for_members(May.QUOTES)
@require_POST
def new_link(request: HttpRequest, member: Membership, quote_id: UUID) -> HttpResponse:
    """The link from before opens nothing any more."""
    now = timezone.now()
    said = "A new link is on its way to {customer}. The one before opens nothing any more."
    return _do(request, member, quote_id, lambda quote: rules.renew_link(quote, now=now), said)


@for_members(May.QUOTES)
@require_POST
def discard(request: HttpRequest, member: Membership, quote_id: UUID) -> HttpResponse:
    quote = _own(member, quote_id)
    try:
        rules.discard(quote)
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("dashboard_quote", quote.pk)
    notices.success(request, "The draft is gone.")
    return redirect("quotes")

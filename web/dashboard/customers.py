"""The customers of a business: the list, one of them, and what can be done about them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import customers as rules
from bookings.customer_models import Customer
from bookings.job_lists import WAS_BOOKED, whole_jobs
from invoicing.customer_file import as_json, money_of, rows_of
from peepopay.csv_files import download
from peepopay.errors import AppError
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from peepopay.pages import page_of
from web.dashboard.access import for_members
from web.dashboard.customers_forms import CustomerNotesForm, CustomerSearchForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page

MOST_FOUND = 8


def _own(member: Membership, customer_id: UUID) -> Customer:
    found: Customer = get_object_or_404(
        member.tradie.customers.select_related("tradie").prefetch_related("contacts"), pk=customer_id
    )
    return found


@for_members(May.BOOKINGS)
@require_safe
def customers(request: HttpRequest, member: Membership) -> HttpResponse:
    form = CustomerSearchForm(request.GET)
    text = form.words()
    page = page_of(rules.listed(member.tradie, text), request.GET.get("page"))
    figures = rules.figures_of(page.items)
    rows = [(customer, figures[customer.pk]) for customer in page.items]
    context = {"tradie": member.tradie, "form": form, "text": text, "page": page, "rows": rows}
    return render(request, "bookings/customers.html", context)


@for_members(May.BOOKINGS)
@require_safe
def customer(request: HttpRequest, member: Membership, customer_id: UUID) -> HttpResponse:
    """`q`: looks for another row of the same person."""
    return _show(request, member, _own(member, customer_id))


def _show(
    request: HttpRequest, member: Membership, customer: Customer, notes: CustomerNotesForm | None = None
) -> HttpResponse:
    jobs = whole_jobs(member).filter(WAS_BOOKED, customer=customer).prefetch_related("payments")
    text = CustomerSearchForm(request.GET).words()
    others = rules.listed(member.tradie, text).exclude(pk=customer.pk)[:MOST_FOUND] if text else []
    notes = notes or CustomerNotesForm(initial={"notes": customer.notes})
    context = {
        "tradie": member.tradie,
        "now": timezone.now(),
        "customer": customer,
        "figures": rules.figures_of([customer])[customer.pk],
        "money": money_of(customer),
        "page": page_of(jobs.order_by("-starts_at", "id"), request.GET.get("page")),
        "notes": notes,
        "text": text,
        "others": others,
    }
    return form_page(request, "bookings/customer.html", context, notes)


@for_members(May.BOOKINGS)
@require_POST
@one_at_a_time
def notes(request: HttpRequest, member: Membership, customer_id: UUID) -> HttpResponse:
    customer = _own(member, customer_id)
    form = CustomerNotesForm(request.POST, initial={"notes": customer.notes})
    if not form.is_valid():
        return _show(request, member, customer, form)
    rules.note(customer, form.cleaned_data["notes"])
    notices.success(request, "Notes saved. Only people of your business can read them.")
    return redirect("customer", customer.pk)


@for_members(May.BOOKINGS)
@require_POST
def block(request: HttpRequest, member: Membership, customer_id: UUID) -> HttpResponse:
    """`blocked`: 1 asks them to call, 0 lets them book again."""
    customer, is_blocked = _own(member, customer_id), request.POST.get("blocked") != "0"
    rules.block(customer, is_blocked=is_blocked, now=timezone.now())
    said = (
        f"{customer.name} is asked to call instead of booking online. What is booked stays."
        if is_blocked
        else f"{customer.name} can book online again."
    )
    notices.success(request, said)
    return redirect("customer", customer.pk)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def merge(request: HttpRequest, member: Membership, customer_id: UUID, other_id: UUID) -> HttpResponse:
    """GET shows both; POST makes one of them."""
    customer, other = _own(member, customer_id), _own(member, other_id)
    if request.method == "POST":
        return _do(
            request, customer, lambda: rules.merge(customer, other), f"They are one now: {customer.name}."
        )
    figures = rules.figures_of([customer, other])
    pair = [(row, figures[row.pk]) for row in (customer, other)]
    context = {"tradie": member.tradie, "customer": customer, "other": other, "pair": pair}
    return render(request, "bookings/customer_merge.html", context)


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def erase(request: HttpRequest, member: Membership, customer_id: UUID) -> HttpResponse:
    """GET says what goes and what stays; POST erases."""
    customer = _own(member, customer_id)
    if request.method != "POST":
        context = {"tradie": member.tradie, "customer": customer}
        return render(request, "bookings/customer_erase.html", context)
    try:
        rules.erase_customer(customer, now=timezone.now())
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("customer", customer.pk)
    notices.success(request, "Their details are erased. What the books need stays.")
    return redirect("customers")


def _do(request: HttpRequest, customer: Customer, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
        notices.success(request, said)
    except AppError as refusal:
        notices.warning(request, refusal.message)
    return redirect("customer", customer.pk)


@for_members(May.BOOKINGS)
@require_safe
def customer_json(request: HttpRequest, member: Membership, customer_id: UUID) -> HttpResponse:
    answer = JsonResponse(as_json(_own(member, customer_id)), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="customer.json"'
    return answer


@for_members(May.BOOKINGS)
@require_safe
def customer_csv(request: HttpRequest, member: Membership, customer_id: UUID) -> StreamingHttpResponse:
    return download(rows_of(_own(member, customer_id)), "customer", for_excel=True)

"""One of a tradie's bookings, and what can be done with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.deposit_rules import RuleKind
from accounts.models import Membership
from accounts.roles import May
from bookings import after_all, calls, job_lists, lifecycle
from bookings.actors import By
from bookings.calendar_sync import changed_elsewhere
from bookings.day_move_models import OPEN
from bookings.feeds import job_file
from bookings.handing_over import may_be_handed_over
from bookings.lifecycle import MAY_BECOME
from bookings.message_context import answers_of
from bookings.models import HELD, Actor, Booking, Status
from bookings.photos import still_asked
from bookings.remarks import change_notes
from bookings.series import may_repeat
from invoicing.invoices import invoice_of, may_be_invoiced
from invoicing.thread import payments_of, thread_of
from notifications.opt_outs import said_by
from payments import approvals, no_shows
from payments.bills import standing_of
from payments.cancellations import cancel_job
from payments.disputes import disputes_of
from payments.expiry import expire_hold
from payments.outcomes import outcome_of, statement_of
from payments.refunds_by_hand import may_be_sent_again
from payments.totals import Totals, totals_of
from peepopay.errors import AppError, SlotUnavailable
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.bookings_forms import NotesOnPage, ReasonForm
from web.dashboard.timeline import timeline_of
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted
from web.photos import shown
from web.van import keeps_pages

TAKEN_MEANWHILE = "Somebody else has that time by now. Call the customer, and book another with them."
CHANGED_MEANWHILE = "This booking has changed in the meantime. Here is how it stands now."
TIME_HAS_PASSED = "The time of this request has passed, so it can't be approved. We're telling the customer."


def own(member: Membership, booking_id: UUID) -> Booking:
    """A booking that this person may see, or 404: for somebody else's too."""
    found: Booking = get_object_or_404(
        job_lists.whole_jobs(member).select_related("visit__series"), pk=booking_id
    )
    return found


@for_members(May.JOBS)
@require_safe
def booking(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    return _show(request, member, own(member, booking_id))


def _show(
    request: HttpRequest, member: Membership, booking: Booking, notes: NotesOnPage | None = None
) -> HttpResponse:
    now, totals = timezone.now(), totals_of(booking)
    refunds, photos = refunds_of(booking), shown(booking)
    context = {
        "tradie": booking.tradie,
        "booking": booking,
        "now": now,
        "totals": totals,
        "outcome": outcome_of(booking, totals, actor=Actor.CUSTOMER, now=now),
        **refunds,
        "disputes": disputes_of(booking),
        "no_show": no_shows.standing_of(booking, totals, now=now),
        "answers": answers_of(booking),
        "quote_lines": [line.written for line in booking.terms.quote_lines],
        "timeline": timeline_of(booking, refunds["thread"], now=now),
        "press": uuid4(),
        "wants": said_by(booking.tradie_id, email=booking.customer_email, phone=booking.customer_phone),
        **bill_of(booking, totals, now),
        "may_book_after_all": after_all.may_be_booked_after_all(booking, now),
        "may_book_anew": booking.status == Status.DECLINED
        and booking.starts_at > now
        and not booking.erased_at,
        "may_undo_done": booking.status == Status.COMPLETED and lifecycle.was_just_completed(booking, now),
        "may_be_cancelled": booking.starts_at > now and booking.status in MAY_BECOME[Status.CANCELLED],
        "raised_by": [RuleKind(kind).label for kind in booking.deposit_reasons],
        "statement": statement_of(booking, totals, now=now),
        "day_move": _day_move_of(booking),
        "changed_elsewhere": changed_elsewhere(booking, now),
        "may_hand_over": may_be_handed_over(booking, now),
        "photos": photos,
        "may_repeat": may_repeat(booking),
        "photos_asked": still_asked(booking, photos),
        "side": Actor.TRADIE.value,
        "keeps_pages": keeps_pages(request, member),
        "notes": notes or _notes_of(booking),
    }
    return form_page(request, "bookings/booking.html", context, context["notes"])


def _notes_of(booking: Booking, sent: QueryDict | None = None) -> NotesOnPage:
    return NotesOnPage(sent, initial={"tradie_notes": booking.tradie_notes})


def _day_move_of(booking: Booking) -> UUID | None:
    """The day that its business can't make, while its customer hasn't answered."""
    if booking.asked_to_move_at is None:
        return None
    open_jobs = booking.day_move_jobs.filter(answer__in=OPEN)
    return open_jobs.values_list("move", flat=True).first()


def bill_of(booking: Booking, totals: Totals, now: datetime) -> dict[str, Any]:
    """What was invoiced and how that stands, and whether it can be."""
    standing = standing_of(booking, totals)
    return {
        "standing": standing,
        "invoice": invoice_of(booking) if standing else None,
        "may_invoice": may_be_invoiced(booking, now),
    }


def refunds_of(booking: Booking) -> dict[str, Any]:
    """All money and documents in a thread; which refunds failed or were given up, and which were sent again."""
    payments = list(payments_of(booking))
    refunds = [refund for payment in payments for refund in payment.refunds.all()]
    replaced = {refund.instead_of_id for refund in refunds}
    again = {refund.pk for refund in refunds if may_be_sent_again(refund)} - replaced
    return {
        "payments": payments,
        "thread": thread_of(booking, payments),
        "replaced": replaced,
        "may_send_again": again,
    }


def back(request: HttpRequest, booking: Booking, changed: bool, said: str) -> HttpResponse:
    if changed:
        notices.success(request, said)
    else:
        notices.warning(request, CHANGED_MEANWHILE)
    return redirect("booking", booking.pk)


@for_members(May.JOBS)
@require_safe
def calendar_file(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """For the calendar of whoever does the job; its customer's is another one."""
    booking = own(member, booking_id)
    answer = HttpResponse(job_file(booking, now=timezone.now()), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{booking.reference}.ics"'
    return answer


@for_members(May.BOOKINGS)
@require_POST
def approve(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    booking, now = own(member, booking_id), timezone.now()
    if booking.status == Status.REQUESTED and booking.starts_at <= now:
        notices.warning(request, TIME_HAS_PASSED)
        return redirect("booking", booking.pk)
    changed = approvals.approve(booking, by=By.of(member), now=now)
    then = "We're charging the deposit, then telling" if booking.deposit_cents else "We're telling"
    return back(request, booking, changed, f"Approved. {then} {booking.customer_name}.")


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def decline(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET asks why; POST declines, and the customer reads it."""
    booking = own(member, booking_id)
    if booking.status not in MAY_BECOME[Status.DECLINED]:
        return back(request, booking, False, "")
    form = ReasonForm(posted(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        changed = approvals.decline(booking, by=By.of(member), now=timezone.now(), reason=reason)
        return back(request, booking, changed, f"Declined. We're telling {booking.customer_name}.")
    context = {"tradie": member.tradie, "booking": booking, "form": form}
    return form_page(request, "bookings/decline.html", context, form)


@for_members(May.JOBS)
@require_POST
def done(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    booking = own(member, booking_id)
    changed = lifecycle.mark_completed(booking, by=By.of(member), now=timezone.now())
    return back(request, booking, changed, "Marked done.")


@for_members(May.JOBS)
@require_POST
def undo_done(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """Within a day."""
    booking = own(member, booking_id)
    changed = lifecycle.undo_completed(booking, by=By.of(member), now=timezone.now())
    return back(request, booking, changed, "Taken back: the job is still to be done.")


@for_members(May.BOOKINGS)
@require_POST
def book_after_all(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """What was declined by mistake, within a day."""
    booking = own(member, booking_id)
    try:
        changed = after_all.book_after_all(booking, by=By.of(member), now=timezone.now())
    except SlotUnavailable:
        notices.warning(request, TAKEN_MEANWHILE)
        return redirect("booking", booking.pk)
    return back(request, booking, changed, f"Booked after all. We're telling {booking.customer_name}.")


@for_members(May.JOBS)
@require_POST
def called(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    booking = own(member, booking_id)
    changed = calls.note_call(booking, by=By.of(member), now=timezone.now())
    return back(request, booking, changed, f"Noted that you called {booking.customer_name}.")


@for_members(May.BOOKINGS)
@SHOW_AND_SAVE
def cancel(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET shows what goes back to the customer; POST cancels."""
    booking, now = own(member, booking_id), timezone.now()
    if booking.status not in MAY_BECOME[Status.CANCELLED]:
        return back(request, booking, False, "")
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            cancel_job(booking, by=By.of(member), now=now, reason=form.cleaned_data["reason"])
        except AppError as refusal:
            notices.warning(request, refusal.message)
            return redirect("booking", booking.pk)
        return back(request, booking, True, f"Cancelled. We're telling {booking.customer_name}.")
    totals = totals_of(booking)
    outcome = outcome_of(booking, totals, actor=Actor.TRADIE, now=now)
    context = {
        "tradie": member.tradie,
        "booking": booking,
        "form": form,
        "outcome": outcome,
        "totals": totals,
    }
    return form_page(request, "bookings/cancel.html", context, form)


@for_members(May.BOOKINGS)
@require_POST
def let_go(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """A time that is kept until its deposit is paid."""
    booking = own(member, booking_id)
    changed = (
        booking.taken_by_business and booking.status in HELD and expire_hold(booking, now=timezone.now())
    )
    return back(request, booking, changed, "The time is free again. The link to pay doesn't work any more.")


@for_members(May.JOBS)
@require_POST
@one_at_a_time
def notes(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    booking = own(member, booking_id)
    form = _notes_of(booking, request.POST)
    if not form.is_valid():
        return _show(request, member, booking, form)
    change_notes(booking, form.cleaned_data["tradie_notes"], by=By.of(member), now=timezone.now())
    return back(request, booking, True, "Notes saved. Only people of your business can read them.")

"""What keeps a business from being booked, or a customer from hearing of it: said first on Today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, QuerySet
from django.urls import reverse

from accounts.models import Membership, Tradie
from accounts.roles import May
from availability.outside import in_trouble
from bookings.calendar_sync import to_answer
from bookings.job_lists import jobs_of
from bookings.models import CopiedJob
from bookings.open_slots import Wish, open_times
from bookings.series import to_decide
from bookings.terms import terms_of
from notifications.models import Channel, Message
from payments.models import OUT_OF_REACH, Refund
from payments.payouts import that_came_back
from peepopay.given_up import dead_rows
from peepopay.local_time import day_of, in_zone, moment
from peepopay.money import dollars, dollars_and_cents

LOOKED_AHEAD = timedelta(days=14)
FAILED_WITHIN = timedelta(days=14)
MOST_FAILED = 3


@dataclass(frozen=True)
class Problem:
    """`page`: where it is seen or put right, called `link`."""

    text: str
    link: str
    page: str


def problems_of(member: Membership, now: datetime) -> list[Problem]:
    """The worst first. None for somebody who could do nothing about any. Of what there mostly is nothing of, one query
    says whether there is."""
    if May.BOOKINGS not in member.may:
        return []
    closed = _closed(member) if not member.tradie.is_open else _nothing_free(member.tradie, now)
    back = _came_back(member.tradie, now) if May.MONEY in member.may else None
    rare = _what_there_is(member, now)
    refunds = _refunds_to_send(member) if rare["out_of_reach"] else []
    visits = _visits_not_booked(member.tradie, now) if rare["not_booked"] else []
    mails = _failed_messages(member, now) if rare["undelivered"] else []
    elsewhere = _elsewhere(member, now)
    return [problem for problem in (back, closed, *refunds, *elsewhere, *visits, *mails) if problem]


def _what_there_is(member: Membership, now: datetime) -> dict[str, bool]:
    found = Tradie.objects.values(
        out_of_reach=Exists(_out_of_reach(member)),
        not_booked=Exists(to_decide(member.tradie, now)),
        undelivered=Exists(_undelivered(member, now)),
    ).get(pk=member.tradie_id)
    return {name: bool(there) for name, there in found.items()}


def _closed(member: Membership) -> Problem:
    page = reverse("business") if May.BUSINESS in member.may else ""
    return Problem("Online booking is switched off: customers can't book a time.", "Switch it on", page)


def _came_back(tradie: Tradie, now: datetime) -> Problem | None:
    """Their bank sends back what Stripe pays out, so nothing of what customers pay reaches them."""
    payout = that_came_back(tradie, now=now)
    if payout is None:
        return None
    why = f": {payout.why}" if payout.why else ""
    amount = dollars_and_cents(payout.amount_cents)
    text = f"Your bank sent a payout of {amount} back{why}. Stripe keeps your money until that is mended."
    return Problem(text, "See what to do", f"{reverse('money')}?month={payout.arrives_on:%Y-%m}#payouts")


def _nothing_free(tradie: Tradie, now: datetime) -> Problem | None:
    """Of the shortest job: where that doesn't fit, mostly nothing does."""
    shortest = tradie.services.filter(is_active=True).order_by("duration_minutes", "position", "pk").first()
    if shortest is None:
        return None
    today = in_zone(now, tradie.timezone).date()
    wish = Wish(tradie, shortest.pk, terms_of(shortest).job, now)
    if open_times(wish, today, today + LOOKED_AHEAD, now):
        return None
    text = f"Customers find no free time for “{shortest.name}” in the next {LOOKED_AHEAD.days} days."
    return Problem(text, "See what they see", f"{reverse('hours')}?service={shortest.pk}#preview")


def _refunds_to_send(member: Membership) -> list[Problem]:
    """In a Stripe account that we aren't connected to any more: nobody else can."""
    return [
        Problem(
            f"{dollars(refund.amount_cents)} has to go back to {refund.payment.booking.customer_name}, and only you can"
            " send it: PeepoPay isn't connected to that Stripe account any more.",
            "See how",
            reverse("booking", args=[refund.payment.booking_id]),
        )
        for refund in _out_of_reach(member).select_related("payment__booking")[:MOST_FAILED]
    ]


def _out_of_reach(member: Membership) -> QuerySet[Refund]:
    return dead_rows(Refund).filter(last_error=OUT_OF_REACH, payment__booking__in=jobs_of(member))


def _visits_not_booked(tradie: Tradie, now: datetime) -> list[Problem]:
    """Dates of jobs that repeat, as something stood in their way."""
    return [
        Problem(
            f"The regular visit to {visit.series.like.customer_name} on {day_of(visit.on)} isn't booked:"
            f" {visit.get_state_display().lower()}.",
            "See what to do",
            reverse("series", args=[visit.series_id]),
        )
        for visit in to_decide(tradie, now)[:MOST_FAILED]
    ]


def _elsewhere(member: Membership, now: datetime) -> list[Problem]:
    """Of the calendars that they keep elsewhere; who has none is asked nothing."""
    if not member.tradie.reads_calendars:
        return []
    return [*_calendars_not_read(member.tradie, now), *_changed_there(member, now)]


def _changed_there(member: Membership, now: datetime) -> list[Problem]:
    return [
        Problem(
            _what_changed(copy, member.tradie.timezone),
            "Move it, or put it back" if copy.wanted_at else "See what to do",
            reverse("booking", args=[copy.booking_id]),
        )
        for copy in to_answer(jobs_of(member), now)[:MOST_FAILED]
    ]


def _what_changed(copy: CopiedJob, zone: str) -> str:
    job = copy.booking
    starts, name = moment(job.starts_at, zone), job.customer_name
    if copy.wanted_at:
        return (
            f"Your calendar “{copy.outside.name}” has the job of {name} at {moment(copy.wanted_at, zone)}, and its"
            f" customer knows {starts}."
        )
    if copy.resized_to:
        return (
            f"In your calendar “{copy.outside.name}” the job of {name}, {starts}, was given another length. It keeps"
            " the one that was agreed."
        )
    return f"The job of {name}, {starts}, was deleted in your calendar “{copy.outside.name}”. It is still booked."


def _calendars_not_read(tradie: Tradie, now: datetime) -> list[Problem]:
    """Somebody may be booked when they are busy."""
    return [
        Problem(
            f"Your calendar “{outside.name}” wasn't read since"
            f" {moment(outside.read_at or outside.made_at, tradie.timezone)}: what is new on there holds no time here.",
            "See what to do",
            f"{reverse('outside_calendars')}?calendar={outside.calendar_id}",
        )
        for outside in in_trouble(tradie, now)[:MOST_FAILED]
    ]


def _failed_messages(member: Membership, now: datetime) -> list[Problem]:
    """Those to customers that were given up of late; one of each booking."""
    channels = dict(_undelivered(member, now).order_by("dead_at").values_list("about", "channel")[:100])
    jobs = jobs_of(member).filter(pk__in=channels).order_by("-starts_at")[:MOST_FAILED]
    return [
        Problem(
            f"{_called(channels[job.pk])} about the booking of {job.customer_name} couldn't be delivered.",
            "See the booking",
            reverse("booking", args=[job.pk]),
        )
        for job in jobs
    ]


def _undelivered(member: Membership, now: datetime) -> QuerySet[Message]:
    return dead_rows(Message).filter(tradie=member.tradie_id, dead_at__gt=now - FAILED_WITHIN)


def _called(channel: str) -> str:
    return {Channel.SMS: "A text", Channel.PUSH: "A notice to a phone"}.get(Channel(channel), "An email")

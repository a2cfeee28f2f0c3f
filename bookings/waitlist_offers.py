"""A time that is free again is offered to those who wait, one of them at a time: it is held for them like the time of
anybody who is about to pay, and whoever pays first has it.

Nothing tells this that a time was freed: whatever frees one raises the version of its calendar, and a sweep looks at
those that were not looked at since. So it costs nothing where a booking is made, moved or cancelled.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from accounts.places import TimeZone
from availability.calendars import lock_calendars, mark_changed
from availability.slots import free_starts
from availability.wall_clock import instant_of
from peepopay import sweeps
from peepopay.errors import BookingNotChangeable, ValidationFailed
from peepopay.local_time import in_zone, moment, zone

from .actors import SYSTEM, By
from .customer_models import CustomerContact
from .details import Attempt, Details
from .models import HELD, Booking, Status
from .open_slots import Wish, diaries_for, require_open_slot
from .reminder_rules import NIGHT, morning_after
from .scheduling import insert
from .telling import tell
from .terms import Terms, terms_of
from .waiter_models import Waiter
from .waitlist import could_take, let_go

OFFER = "waitlist_offer"
LONGEST, SHORTEST = timedelta(hours=2), timedelta(minutes=20)  # to think about it
MOST_OPEN = 10  # times held at once for those who wait at one business
MOST_OFFERS = 3  # to one of them
LOOKED_AGAIN = timedelta(hours=1)  # the clock alone brings days within the horizon
MOST_AT_ONCE = 50  # businesses in a round
TOO_SOON = "That's too soon to ask anybody by message. Give them a call."
THINKING = "They were offered a time already, and are thinking about it until {until}."
TAKEN_AFTER = (
    Status.REQUESTED,
    Status.CONFIRMED,
    Status.COMPLETED,
    Status.NO_SHOW,
    Status.CANCELLED,
    Status.DECLINED,
)


def thinks_until(starts_at: datetime, notice: timedelta, zone_name: str, now: datetime) -> datetime | None:
    """Until when a time is held for whom it is offered: two hours in which people are up, less where the job is near.
    None: there is no time to ask anybody."""
    begins = morning_after(now, zone_name) or now
    until = begins + min(LONGEST, max(SHORTEST, (starts_at - now) / 4))
    night = datetime.combine(in_zone(begins, zone_name).date(), NIGHT, zone(zone_name))
    if until > night:
        until = (morning_after(night, zone_name) or night) + (until - night)
    until = min(until, starts_at - notice)
    return until if until - begins >= SHORTEST else None


def offer_freed_times(*, now: datetime) -> int:
    """The sweep: of each business whose calendar changed, or was not looked at for an hour, offer what is free to who
    waits; at night nobody is asked. Returns of how many businesses. What fails comes round again."""
    awake = [name for name in TimeZone.values if morning_after(now, name) is None]
    waiting = Waiter.objects.filter(
        ~Q(seen_version=F("tradie__calendar_version"))
        | Q(looked_at=None)
        | Q(looked_at__lt=now - LOOKED_AGAIN)
    )
    due = Tradie.objects.filter(
        pk__in=waiting.values("tradie"), has_waitlist=True, is_open=True, closed_at=None, timezone__in=awake
    )

    def look(tradie: Tradie) -> bool:
        return offer_free_times(tradie, now=now) > 0

    return sweeps.each(list(due.order_by("pk")[:MOST_AT_ONCE]), look)


@transaction.atomic
def offer_free_times(tradie: Tradie, *, now: datetime) -> int:
    """In order: who was offered least, then who waits longest. Returns how many were offered a time."""
    lock_calendars(tradie.pk)
    version = Tradie.objects.values_list("calendar_version", flat=True).get(pk=tradie.pk)
    _tidy(tradie, now)
    rows = list(tradie.waiters.select_related("service", "service__tradie").filter(service__is_active=True))
    room = MOST_OPEN - sum(waiter.offer_id is not None for waiter in rows)
    free, made = _Free(tradie, now), 0
    for waiter in sorted(rows, key=turn_of):
        if made >= room:
            break
        starts = None if waiter.offer_id else free.best_for(waiter)
        if starts:
            offer(waiter, starts, by=SYSTEM, now=now)
            free.forget()
            made += 1
    tradie.waiters.update(seen_version=version + bool(made), looked_at=now)
    if made:
        mark_changed(tradie.pk)
    return made


def turn_of(waiter: Waiter) -> tuple[int, datetime]:
    """By which they are sorted: who was offered least, then who waits longest."""
    return len(waiter.offered), waiter.created_at


def _tidy(tradie: Tradie, now: datetime) -> None:
    """Who has a booking by now, whose day is over, or whom the business wants to talk to first waits no longer; who let
    an offer go by does."""
    today = in_zone(now, tradie.timezone).date()
    rows = tradie.waiters.all()
    rows.filter(offer__status__in=(Status.EXPIRED, Status.LOST)).update(offer=None)
    booked = Booking.objects.filter(
        tradie=tradie,
        service=OuterRef("service"),
        customer_phone=OuterRef("phone"),
        status__in=(Status.REQUESTED, Status.CONFIRMED),
        starts_at__gte=now,
        created_at__gte=OuterRef("created_at"),
    )
    over = Q(day__lt=today) | Q(sooner_than__lte=today) | Q(offered__len__gte=MOST_OFFERS) | Exists(booked)
    blocked = CustomerContact.objects.filter(
        Q(value=OuterRef("phone")) | Q(value=Lower(OuterRef("email"))),
        tradie=tradie,
        customer__blocked_at__isnull=False,
    )
    let_go(rows.filter(Q(offer__status__in=TAKEN_AFTER) | Q(offer=None) & (over | Exists(blocked))))


class _Free:
    """What is free for each service, as of the last offer."""

    def __init__(self, tradie: Tradie, now: datetime) -> None:
        self.tradie, self.now = tradie, now
        self.today = in_zone(now, tradie.timezone).date()
        self.known: dict[uuid.UUID, list[datetime]] = {}

    def forget(self) -> None:
        self.known.clear()

    def best_for(self, waiter: Waiter) -> datetime | None:
        """The first time that would do, which they were not offered before and can still think about."""
        times = self.known.get(waiter.service_id)
        if times is None:
            times = self.known[waiter.service_id] = self._times(waiter)
        zone_name = self.tradie.timezone
        would_do = (time for time in times if could_take(waiter, in_zone(time, zone_name).date()))
        return next((time for time in would_do if time not in waiter.offered), None)

    def _times(self, waiter: Waiter) -> list[datetime]:
        """One query."""
        wish, last = wish_of(waiter, self.now), self.today + timedelta(days=self.tradie.horizon_days)
        calendars = diaries_for(wish, self.today, last, self.now)
        starts = {
            start
            for calendar in calendars
            for start in free_starts(calendar.diary, wish.job, self.today, last, self.now)
        }
        # Whoever of them gets it: the longest notice that one of them asks for is kept.
        notice = timedelta(minutes=max((one.diary.rules.notice for one in calendars), default=0))
        zone_name = self.tradie.timezone
        times = [instant_of(start) for start in sorted(starts)]
        return [time for time in times if thinks_until(time, notice, zone_name, self.now)]


def wish_of(waiter: Waiter, starts_at: datetime) -> Wish:
    return Wish(waiter.tradie, waiter.service_id, _terms(waiter).job, starts_at)


def _terms(waiter: Waiter) -> Terms:
    return terms_of(waiter.service)


def offer(waiter: Waiter, starts_at: datetime, *, by: By, now: datetime) -> Booking:
    """Hold this time for them and tell them; call it while holding the calendars.

    Raises SlotUnavailable, ValidationFailed."""
    tradie = waiter.tradie
    slot = require_open_slot(wish_of(waiter, starts_at), now)
    notice = timedelta(minutes=tradie.calendars.get(pk=slot.calendar_id).minimum_notice_minutes)
    until = thinks_until(slot.starts, notice, tradie.timezone, now)
    if until is None:
        raise ValidationFailed(TOO_SOON, fields={"start": [TOO_SOON]})
    held = insert(
        waiter.service,
        _terms(waiter),
        slot,
        _details(waiter),
        Attempt(),
        now,
        by=by,
        status=Status.PENDING,
        held_until=until,
        answer_by=None,
        confirmed_at=None,
    )
    offered = [*waiter.offered, slot.starts]
    Waiter.objects.filter(pk=waiter.pk).update(offer=held, offered=offered)
    waiter.offer, waiter.offered = held, offered
    tell(held, OFFER, now=now, courtesy=True)
    return held


@transaction.atomic
def offer_by_hand(waiter: Waiter, starts_at: datetime, *, by: By, now: datetime) -> Booking:
    """This time to this one, whoever else waits.

    Raises BookingNotChangeable while they think about another, SlotUnavailable with alternatives, ValidationFailed."""
    lock_calendars(waiter.tradie_id)
    fresh = Waiter.objects.select_related("tradie", "service__tradie", "offer").get(pk=waiter.pk)
    if fresh.offer and fresh.offer.status in HELD:
        until = moment(fresh.offer.held_until or now, fresh.tradie.timezone)
        raise BookingNotChangeable(THINKING.format(until=until))
    held = offer(fresh, starts_at, by=by, now=now)
    when = moment(held.starts_at, fresh.tradie.timezone)
    audit.note(fresh.tradie_id, Change.WAITLIST_CHANGED, detail=f"offered {when}")
    mark_changed(fresh.tradie_id)
    return held


def _details(waiter: Waiter) -> Details:
    """What they left so far; the rest they say when they take it."""
    return Details(
        name=waiter.name,
        email=waiter.email,
        phone=waiter.phone,
        line1="",
        suburb="",
        state=waiter.tradie.state,
        postcode="",
        notes="",
        answers={},
    )

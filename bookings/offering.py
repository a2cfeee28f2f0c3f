"""Which times are kept for whom when a business can't make a day: found here, and written as rows of the diary."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from availability.slots import Diary, Job, free_starts
from availability.travel import Visit
from availability.wall_clock import DAY, Span, day_number, instant_of, minute_of, wall_minute
from peepopay.derived_tokens import hash_of
from peepopay.local_time import in_zone, zone

from .actors import By
from .models import Booking, BookingEvent, EventKind, Status
from .moving import wish_to_move
from .open_slots import OpenSlot, diaries_for
from .places import job_of
from .scheduling import reference_of
from .slot_inputs import CalendarDiary
from .tokens import new_token

EACH = 3  # times for a customer
LOOKED_AHEAD = timedelta(days=21)

Kept = dict[uuid.UUID, list[OpenSlot]]


class _Diaries:
    """Of all calendars of the business, as they are once the times chosen so far are taken."""

    def __init__(self, jobs: Sequence[Booking], first: datetime, now: datetime) -> None:
        self.zone = jobs[0].tradie.timezone
        self.first, self.last = (
            in_zone(instant, self.zone).date() for instant in (first, first + LOOKED_AHEAD)
        )
        self.now = now
        self.taken: dict[uuid.UUID, list[Span]] = defaultdict(list)
        self.visits: dict[uuid.UUID, list[Visit]] = defaultdict(list)
        self.booked: dict[uuid.UUID, Counter[int]] = defaultdict(Counter)
        by_service = {job.service_id: job for job in jobs}
        self.of_service: Mapping[uuid.UUID, Sequence[CalendarDiary]] = {
            service: diaries_for(wish_to_move(job, job.starts_at), self.first, self.last, now)
            for service, job in by_service.items()
        }

    def free(self, booking: Booking) -> list[OpenSlot]:
        """Every time at which somebody can do it, with whoever comes now if they can."""
        job, found = job_of(booking), dict[int, OpenSlot]()
        calendars = sorted(self.of_service[booking.service_id], key=lambda one: one.id != booking.calendar_id)
        for calendar in calendars:
            for start in free_starts(self._as_it_is(calendar), job, self.first, self.last, self.now):
                starts = instant_of(start)
                slot = OpenSlot(starts, starts + timedelta(minutes=job.length), calendar.id)
                found.setdefault(start, slot)
        return list(found.values())

    def _as_it_is(self, calendar: CalendarDiary) -> Diary:
        diary, more = calendar.diary, self.booked[calendar.id]
        booked = {day: diary.booked_on(day) + more[day] for day in {*diary.booked, *more}}
        return replace(
            diary,
            taken=(*diary.taken, *self.taken[calendar.id]),
            visits=(*diary.visits, *self.visits[calendar.id]),
            booked=booked,
        )

    def take(self, slot: OpenSlot, job: Job) -> None:
        start = minute_of(slot.starts)
        self.taken[slot.calendar_id].append((start - job.before, start + job.length + job.after))
        self.visits[slot.calendar_id].append(Visit(start, start + job.length, job.postcode))
        self.booked[slot.calendar_id][wall_minute(zone(self.zone), start) // DAY] += 1


def times_for(jobs: Sequence[Booking], *, first: datetime, now: datetime) -> Kept:
    """By booking, up to three free times from `first` on, no time for two of them: the nearest days, about the hour
    they had, each on a day of its own where that can be. Everybody gets one before anybody gets a second. One query
    for each service. Call it while holding the calendars."""
    kept: Kept = {job.pk: [] for job in jobs}
    if not jobs:
        return kept
    diaries = _Diaries(jobs, first, now)
    for _ in range(EACH):
        for booking in jobs:
            slot = _best(booking, diaries.free(booking), kept[booking.pk], diaries.zone)
            if slot:
                diaries.take(slot, job_of(booking))
                kept[booking.pk].append(slot)
    return kept


def _best(
    booking: Booking, free: Iterable[OpenSlot], kept: Sequence[OpenSlot], zone_name: str
) -> OpenSlot | None:
    """Of the times that are left the one that would suit best."""
    had = in_zone(booking.starts_at, zone_name)
    days = {in_zone(slot.starts, zone_name).date() for slot in kept}

    def distance(slot: OpenSlot) -> tuple[bool, int, int]:
        local = in_zone(slot.starts, zone_name)
        minutes = abs(local.hour * 60 + local.minute - had.hour * 60 - had.minute)
        return local.date() in days, abs(day_number(local.date()) - day_number(had.date())), minutes

    return min(free, key=distance, default=None)


def hold_times(
    booking: Booking, slots: Iterable[OpenSlot], *, until: datetime, by: By, now: datetime
) -> None:
    """Keep these times for a booking; call it while holding the calendars."""
    rows = [_held(booking, slot, until, now) for slot in slots]
    Booking.objects.bulk_create(rows)
    BookingEvent.objects.bulk_create(
        BookingEvent(
            booking=row,
            kind=EventKind.HELD,
            actor=by.actor,
            user=by.user,
            at=now,
            detail=f"for {booking.reference}",
        )
        for row in rows
    )


def _held(booking: Booking, slot: OpenSlot, until: datetime, now: datetime) -> Booking:
    """Nothing is due for it, it says nothing of its customer that is not erased with the booking, and nobody is ever
    given its link."""
    booking_id = uuid.uuid4()
    terms = booking.terms
    columns = {**terms.columns(), "deposit_cents": 0, "requires_approval": False, "questions": []}
    return Booking(
        id=booking_id,
        reference=reference_of(booking_id),
        tradie_id=booking.tradie_id,
        service_id=booking.service_id,
        calendar_id=slot.calendar_id,
        status=Status.PENDING,
        **terms.times(slot.starts),
        **columns,
        held_until=until,
        customer_name=booking.customer_name,
        customer_email=booking.customer_email,
        customer_phone=booking.customer_phone,
        address_line1=booking.address_line1,
        address_suburb=booking.address_suburb,
        address_state=booking.address_state,
        address_postcode=booking.address_postcode,
        token_hash=hash_of(new_token(booking_id)),
        holds_for=booking,
        created_at=now,
    )

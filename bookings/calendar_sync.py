"""Jobs in a calendar that their person keeps on a CalDAV server, and what is on there as busy times here.

Each round compares three things: the jobs as they are, what was put there last (`CopiedJob`), and what is there now.
So a round that broke off, or ran twice, does no harm: the next one finds how things stand. A job that was moved there
is never moved here by that: it becomes a question to its business. One that was deleted there, or made longer or
shorter, is put back, and its business is told.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from availability import outside as rules
from availability.caldav import Changed, Entry, Server
from availability.models import Calendar, OutsideCalendar
from availability.outside_busy import AHEAD, NoCalendar, busy_in, starts_of, uid_of
from peepopay import outbox
from peepopay.outbound import NotReached
from peepopay.sealing import Unreadable

from .copy_models import CopiedJob
from .feeds import SHOWN, dated, entry_file
from .models import Booking

BACK = timedelta(days=1)  # what is over is left as it is there
MOST_SECONDS = 12.0  # of putting: the rest is the next round's
SOON = timedelta(seconds=20)
OF_LATE = timedelta(days=7)


@dataclass(frozen=True)
class Wanted:
    """A job as it should stand there."""

    job: Booking
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Found:
    """A job of ours as it stands there."""

    entry: Entry
    uid: str
    starts_at: datetime
    ends_at: datetime


def sync(outside: OutsideCalendar, *, now: datetime) -> None:
    """One round, both ways; it comes due again by itself."""
    tradie = outside.calendar.tradie
    if tradie.closed_at:
        return outbox.look_again(outside, due_at=now + timedelta(days=1))
    try:
        opened = rules.opens(outside)
        server = Server(opened["user"], opened["password"])
        if not outside.collection:
            rules.found_there(outside, server.calendars(opened["url"]), now=now)
            is_done = True
        else:
            is_done = _round(outside, server, now)
    except (NotReached, NoCalendar, Unreadable) as problem:
        return rules.note_failure(outside, problem, now=now)
    return outbox.look_again(outside, due_at=timezone.now() + (rules.READ_EVERY if is_done else SOON))


def _round(outside: OutsideCalendar, server: Server, now: datetime) -> bool:
    """Whether all that was to be put there is."""
    jobs, copies = _jobs(outside, now), _copies(outside, now)
    token = server.token(outside.collection)
    is_known = rules.is_whole(outside, now) and bool(token) and token == outside.etag
    if is_known and not _differ(jobs, copies):
        rules.note_read(outside, now=now)
        return True
    entries = server.entries(outside.collection, now - BACK, now + AHEAD)
    zone_name = outside.calendar.tradie.timezone
    busy = busy_in([entry.content for entry in entries], zone_name, now=now)
    rules.keep(
        outside, busy, now=now, whole_at=now, in_zone=zone_name, etag=token if len(token) <= 300 else ""
    )
    return _Pushing(outside, server, now).all(jobs, copies, _ours(outside, server, entries, jobs, copies))


def _jobs(outside: OutsideCalendar, now: datetime) -> dict[UUID, Wanted]:
    rows = Booking.objects.filter(calendar=outside.calendar_id, holds_for=None).select_related(
        "calendar", "tradie"
    )
    shown = dated(rows, since=now - BACK, until=now + AHEAD)
    return {job.pk: Wanted(job, entry_file(job)) for job in shown}


def _copies(outside: OutsideCalendar, now: datetime) -> dict[UUID, CopiedJob]:
    """Of jobs that are ahead, and of those that have no place there any more."""
    gone = ~Q(booking__status__in=SHOWN) | ~Q(booking__calendar=outside.calendar_id)
    ahead = Q(booking__starts_at__gt=now - BACK) | Q(booking__erased_at__isnull=False)
    return {copy.booking_id: copy for copy in outside.copies.filter(ahead | gone)}


def _differ(jobs: dict[UUID, Wanted], copies: dict[UUID, CopiedJob]) -> bool:
    return jobs.keys() != copies.keys() or any(
        copies[pk].digest != wanted.digest or copies[pk].refused_at for pk, wanted in jobs.items()
    )


def _ours(
    outside: OutsideCalendar,
    server: Server,
    entries: Collection[Entry],
    jobs: dict[UUID, Wanted],
    copies: dict[UUID, CopiedJob],
) -> dict[UUID, Found]:
    """Also those that were moved out of the year that is looked at."""
    known = jobs.keys() | copies.keys()
    paths = {copies[pk].path if pk in copies else urlsplit(_address(outside, pk)).path: pk for pk in known}
    found = _by_job(entries, paths, outside)
    missing = [path for path, pk in paths.items() if pk not in found]
    return found | _by_job(server.named(outside.collection, missing), paths, outside)


def _by_job(
    entries: Collection[Entry], paths: dict[str, UUID], outside: OutsideCalendar
) -> dict[UUID, Found]:
    """By what it is called, or by where we put it: our own host may have had another name then."""
    uids, found = {uid_of(pk): pk for pk in paths.values()}, {}
    for entry in entries:
        for uid, span in starts_of(entry.content, outside.calendar.tradie.timezone).items():
            pk = uids.get(uid) or paths.get(entry.path)
            if pk:
                found[pk] = Found(entry, uid, *span)
    return found


def _address(outside: OutsideCalendar, pk: UUID) -> str:
    return urljoin(outside.collection.rstrip("/") + "/", f"{pk}.ics")


class _Pushing:
    """What is to change there, one thing after the other: each is noted as soon as it is done."""

    def __init__(self, outside: OutsideCalendar, server: Server, now: datetime) -> None:
        self.outside, self.server, self.now = outside, server, now
        self.give_up_at = time.monotonic() + MOST_SECONDS

    def all(self, jobs: dict[UUID, Wanted], copies: dict[UUID, CopiedJob], found: dict[UUID, Found]) -> bool:
        """False: there is more than one round's worth, or somebody changed something meanwhile."""
        is_done = True
        for pk in copies.keys() | jobs.keys():
            if time.monotonic() > self.give_up_at:
                return False
            try:
                if pk in jobs:
                    self._bring(jobs[pk], copies.get(pk), found.get(pk))
                else:
                    self._take_away(copies[pk], found.get(pk))
            except Changed:
                is_done = False
        return is_done

    def _bring(self, wanted: Wanted, copy: CopiedJob | None, found: Found | None) -> None:
        job = wanted.job
        if found and found.uid != uid_of(job.pk):  # of when our host had another name; none may be renamed
            self.server.delete(urljoin(self.outside.collection, found.entry.path), found.entry.etag)
            found = copy = None
        if found is None:
            url = _address(self.outside, job.pk)
            self.server.put(url, wanted.content, instead_of=None)
            was_deleted = {"restored_at": self.now, "resized_to": None} if copy else {}
            return self._note(wanted, urlsplit(url).path, **was_deleted)
        path, is_as_put = found.entry.path, copy is not None and copy.digest == wanted.digest
        if (found.starts_at, found.ends_at) == (job.starts_at, job.ends_at):
            if is_as_put:
                return self._note(wanted, path) if _is_open(copy) else None
        elif (
            copy
            and found.starts_at not in (copy.starts_at, copy.refused_at)
            and copy.starts_at == job.starts_at
        ):
            if copy.wanted_at != found.starts_at:
                CopiedJob.objects.filter(pk=copy.pk).update(wanted_at=found.starts_at, refused_at=None)
            return None
        self.server.put(urljoin(self.outside.collection, path), wanted.content, instead_of=found.entry.etag)
        is_resized = is_as_put and found.starts_at == job.starts_at
        was_resized = {"restored_at": self.now, "resized_to": found.ends_at} if is_resized else {}
        return self._note(wanted, path, **was_resized)

    def _note(self, wanted: Wanted, path: str, **more: Any) -> None:
        put = {"path": path, "digest": wanted.digest, "starts_at": wanted.job.starts_at}
        put |= {"wanted_at": None, "refused_at": None}
        with transaction.atomic():
            if OutsideCalendar.objects.filter(pk=self.outside.pk).exists():
                CopiedJob.objects.update_or_create(
                    outside=self.outside, booking=wanted.job, defaults={**put, **more}
                )

    def _take_away(self, copy: CopiedJob, found: Found | None) -> None:
        if found:
            self.server.delete(urljoin(self.outside.collection, found.entry.path), found.entry.etag)
        copy.delete()


def _is_open(copy: CopiedJob | None) -> bool:
    return copy is not None and bool(copy.wanted_at or copy.refused_at)


@transaction.atomic
def put_back(copy: CopiedJob, *, wanted_at: datetime, now: datetime) -> bool:
    """There, at the time that it has here; in a moment. False: it is at another time there by now."""
    asked = CopiedJob.objects.filter(pk=copy.pk, wanted_at=wanted_at)
    if not asked.update(wanted_at=None, refused_at=wanted_at):
        return False
    OutsideCalendar.objects.filter(pk=copy.outside_id, running_since=None).update(due_at=now, **outbox.AFRESH)
    outbox.announce()
    return True


@transaction.atomic
def was_read(copy: CopiedJob) -> None:
    """That it was put back."""
    CopiedJob.objects.filter(pk=copy.pk).update(restored_at=None, resized_to=None)


def changed_elsewhere(job: Booking, now: datetime) -> list[CopiedJob]:
    """Where somebody changed it in a calendar. One query, and none for whoever has no calendar."""
    if not job.tradie.reads_calendars:
        return []
    return list(to_answer(Booking.objects.filter(pk=job.pk), now))


def put_back_of_late(calendar: Calendar, now: datetime) -> list[CopiedJob]:
    """Jobs that were deleted there, or given another length, in the last week."""
    rows = CopiedJob.objects.filter(outside__calendar=calendar, restored_at__gt=now - OF_LATE)
    return list(rows.select_related("outside", "booking").order_by("-restored_at")[:20])


def to_answer(jobs: QuerySet[Booking], now: datetime) -> QuerySet[CopiedJob]:
    """Of these jobs those that somebody moved there, and nobody said yes or no yet; and those ahead that were put
    back there in the last week, which nobody said to have read."""
    moved = Q(wanted_at__isnull=False) & ~Q(wanted_at=F("booking__starts_at"))
    put_back = Q(wanted_at=None, restored_at__gt=now - OF_LATE, booking__starts_at__gt=now)
    rows = CopiedJob.objects.filter(moved | put_back, booking__in=jobs.filter(status__in=SHOWN))
    return rows.select_related("outside", "booking").order_by("pk")

"""Calendars kept elsewhere: connecting one, reading it every ten minutes, what is wrong with it.

What is on there becomes time off with a source, the same rows as everybody's: so what asks for free times asks for
nothing more. A reading that fails leaves the times that were known last.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from accounts.people import lock_business
from peepopay import outbox
from peepopay.derived_tokens import hash_of
from peepopay.errors import ValidationFailed
from peepopay.outbound import NotReached, Reply, fetch
from peepopay.sealing import Unreadable, seal, unseal

from .calendars import lock_calendar, mark_changed
from .models import Calendar, OutsideCalendar, OutsideKind, TimeOff
from .outside_busy import Busy, NoCalendar, busy_in

PURPOSE = "availability.outside_calendar"
MOST_OF_ONE = 5  # per calendar of ours
LARGEST_BYTES = 5_000_000
MOST_OFFERED = 30
READ_EVERY, PATIENT = timedelta(minutes=10), timedelta(hours=1)
WHOLE_EVERY = timedelta(hours=20)  # the year ahead moves on, whether or not anything changed there
AT_MOST_EVERY = timedelta(minutes=1)
TOLD_AFTER = timedelta(days=1)
MANY = f"{MOST_OF_ONE} are the most for one person. Remove one that isn't needed any more."
TWICE = "That address is read already."


@transaction.atomic
def connect(calendar: Calendar, *, name: str, url: str, now: datetime) -> OutsideCalendar:
    """`url` as `peepopay.outbound.clean_url` gives it. It is read in a moment. Raises ValidationFailed."""
    return _connect(calendar, OutsideKind.ICS, name, {"url": url}, url, now)


@transaction.atomic
def connect_account(
    calendar: Calendar, *, name: str, url: str, user: str, password: str, now: datetime
) -> OutsideCalendar:
    """The same, with an account on a CalDAV server: jobs are put there too. Raises ValidationFailed."""
    opens = {"url": url, "user": user, "password": password}
    return _connect(calendar, OutsideKind.CALDAV, name, opens, f"{user} {url}", now)


def _connect(
    calendar: Calendar, kind: OutsideKind, name: str, opens: dict[str, str], where: str, now: datetime
) -> OutsideCalendar:
    lock_business(calendar.tradie_id)
    if calendar.outside_calendars.filter(address_hash=hash_of(where)).exists():
        raise ValidationFailed(fields={"url": [TWICE]})
    if calendar.outside_calendars.count() >= MOST_OF_ONE:
        raise ValidationFailed(MANY)
    outside = OutsideCalendar.objects.create(
        calendar=calendar,
        kind=kind,
        name=name,
        host=urlsplit(opens["url"]).hostname or "",
        sealed=seal(opens, purpose=PURPOSE),
        address_hash=hash_of(where),
        made_at=now,
        due_at=now,
    )
    Tradie.objects.filter(pk=calendar.tradie_id).update(reads_calendars=True)
    audit.note(calendar.tradie_id, Change.CALENDAR_CONNECTED, about=f"{calendar.name}: {outside}"[:200])
    outbox.announce()
    return outside


@transaction.atomic
def remove(outside: OutsideCalendar) -> None:
    """With the times that it held."""
    calendar = outside.calendar
    lock_business(calendar.tradie_id)
    lock_calendar(calendar.pk)
    audit.note(calendar.tradie_id, Change.CALENDAR_REMOVED, about=f"{calendar.name}: {outside}"[:200])
    outside.delete()
    if not OutsideCalendar.objects.filter(calendar__tradie=calendar.tradie_id).exists():
        Tradie.objects.filter(pk=calendar.tradie_id).update(reads_calendars=False)
    mark_changed(calendar.tradie_id)


@transaction.atomic
def read_soon(outside: OutsideCalendar, *, now: datetime) -> bool:
    """False: it was just read, or is being read."""
    rows = OutsideCalendar.objects.filter(pk=outside.pk, running_since=None)
    rows = rows.exclude(asked_at__gt=now - AT_MOST_EVERY)
    asked = rows.update(due_at=now, **outbox.AFRESH)
    outbox.announce()
    return bool(asked)


def in_trouble(tradie: Tradie, now: datetime) -> QuerySet[OutsideCalendar]:
    """Those that weren't read for a day, or whose account waits that long for one of its calendars to be chosen."""
    since = now - TOLD_AFTER
    unread = Q(read_at__lte=since) | Q(read_at=None, made_at__lte=since)
    return OutsideCalendar.objects.filter(unread, calendar__tradie=tradie)


def read(outside: OutsideCalendar, *, now: datetime) -> None:
    """Ask its address, and keep what it says. It comes due again by itself, as a row of work that is never done."""
    tradie = outside.calendar.tradie
    if tradie.closed_at:
        return outbox.look_again(outside, due_at=now + timedelta(days=1))
    try:
        reply = _asked(outside, now)
        if reply.status == 304:
            note_read(outside, now=now)
        else:
            busy = busy_in([reply.body], tradie.timezone, now=now)
            known = {"whole_at": now, "in_zone": tradie.timezone, **_validators(reply)}
            keep(outside, busy, now=now, **known)
    except (NotReached, NoCalendar, Unreadable) as problem:
        return note_failure(outside, problem, now=now)
    return outbox.look_again(outside, due_at=timezone.now() + READ_EVERY)


def keep(outside: OutsideCalendar, busy: Busy, *, now: datetime, **known: Any) -> None:
    """These times instead of those that were known; jobs in them stay."""
    with transaction.atomic():
        lock_calendar(outside.calendar_id)
        if not OutsideCalendar.objects.filter(pk=outside.pk).exists():
            return  # removed while it was read
        there = {(row.starts_at, row.ends_at): row.pk for row in outside.times.all()}
        gone, new = there.keys() - busy, busy - there.keys()
        outside.times.filter(pk__in=[there[span] for span in gone]).delete()
        TimeOff.objects.bulk_create(
            TimeOff(
                calendar_id=outside.calendar_id,
                source=outside,
                starts_at=starts,
                ends_at=ends,
                reason=outside.name,
            )
            for starts, ends in sorted(new)
        )
        _note(outside, now, read_at=now, failing_since=None, problem="", **known)
        if new or any(ends > now for _, ends in gone):
            mark_changed(outside.calendar.tradie_id)


def found_there(outside: OutsideCalendar, calendars: list[tuple[str, str]], *, now: datetime) -> None:
    """(address, name) of those that the account has: if there is one, it is that."""
    if len(calendars) == 1 and len(calendars[0][0]) <= 500:
        _note(outside, now, collection=calendars[0][0], choices=[])
    else:
        offered = [[url, name[:100]] for url, name in calendars if len(url) <= 500][:MOST_OFFERED]
        _note(outside, now, choices=offered, failing_since=None, problem="")


@transaction.atomic
def choose(outside: OutsideCalendar, url: str, *, now: datetime) -> bool:
    """One of those that were found. False: it isn't, or another was chosen."""
    if url not in [offered for offered, _ in outside.choices]:
        return False
    rows = OutsideCalendar.objects.filter(pk=outside.pk, collection="")
    chosen = rows.update(collection=url, choices=[], due_at=now, **outbox.AFRESH)
    outbox.announce()
    return bool(chosen)


def opens(outside: OutsideCalendar) -> dict[str, str]:
    """Its address, and what else it takes. Raises Unreadable."""
    return unseal(outside.sealed, purpose=PURPOSE)


def is_whole(outside: OutsideCalendar, now: datetime) -> bool:
    """Whether all that was read of it may still be taken for all that is there, if nothing changed since."""
    is_recent = outside.whole_at is not None and outside.whole_at > now - WHOLE_EVERY
    return is_recent and outside.in_zone == outside.calendar.tradie.timezone


def note_read(outside: OutsideCalendar, *, now: datetime) -> None:
    """Nothing changed there."""
    _note(outside, now, read_at=now, failing_since=None, problem="")


def note_failure(outside: OutsideCalendar, problem: Exception, *, now: datetime) -> None:
    """It comes due again, later if this goes on."""
    since = outside.failing_since or now
    _note(outside, now, failing_since=since, problem=str(problem)[:200])
    outbox.look_again(outside, due_at=now + (PATIENT if now - since > PATIENT else READ_EVERY))


def _note(outside: OutsideCalendar, now: datetime, **known: Any) -> None:
    OutsideCalendar.objects.filter(pk=outside.pk).update(asked_at=now, **known)


def _asked(outside: OutsideCalendar, now: datetime) -> Reply:
    """What its address says: 200, or 304 where nothing changed. Raises NotReached, Unreadable."""
    headers = {
        "User-Agent": f"PeepoPay-Calendars/1 ({settings.SITE_URL})",
        "Accept": "text/calendar, */*;q=0.5",
    }
    if is_whole(outside, now):
        asked = {"If-None-Match": outside.etag, "If-Modified-Since": outside.last_modified}
        headers |= {name: value for name, value in asked.items() if value}
    reply = fetch(opens(outside)["url"], headers, most=LARGEST_BYTES)
    if reply.status in (401, 403, 404, 410):
        raise NotReached(f"It answered {reply.status}: the address isn't good any more. Connect it anew.")
    if reply.status not in (200, 304):
        raise NotReached(f"It answered {reply.status}.")
    return reply


def _validators(reply: Reply) -> dict[str, str]:
    """What to ask with the next time; none that has no room, or could be no header."""
    found = {}
    for column, header, room in (("etag", "etag", 300), ("last_modified", "last-modified", 100)):
        text = reply.headers.get(header, "")
        found[column] = text if len(text) <= room and text.isascii() and text.isprintable() else ""
    return found

"""Calendar feeds: a person's jobs under a secret address that their phone's calendar asks again and again.

What was cancelled, or handed to somebody else, is simply not in it any more. A new address is a new row, so the old
one opens nothing from the next request on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from icalendar import Calendar, Event, vDuration

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Membership
from accounts.people import lock_business
from peepopay import derived_tokens
from peepopay.derived_tokens import LONGEST_TOKEN, hash_of
from peepopay.lookups import only
from peepopay.phone import as_written

from .calendar_file import CERTAIN, PRODUCT, Method, address_of, arrival_sentence, base_event, status_of
from .feed_models import CalendarFeed
from .job_lists import crew_of, jobs_of
from .models import Booking, BookingEvent, Status

PURPOSE = "bookings.calendar_feed"
BACK, AHEAD = timedelta(days=30), timedelta(days=366)
MOST_EVENTS = 3000
ASK_EVERY = timedelta(hours=1)  # what programs are told; most ask when they like
SHOWN = (*CERTAIN, Status.REQUESTED)


@transaction.atomic
def renew_feed(member: Membership, *, now: datetime) -> CalendarFeed:
    """A new address in the place of the one there is, if any."""
    lock_business(member.tradie_id)
    replaced, _ = CalendarFeed.objects.filter(member=member).delete()
    feed = CalendarFeed(member=member, created_at=now)
    feed.token_hash = hash_of(derived_tokens.new_token(PURPOSE, str(feed.pk)))
    feed.save(force_insert=True)
    audit.note(member.tradie_id, Change.FEED_RENEWED if replaced else Change.FEED_MADE)
    return feed


@transaction.atomic
def stop_feed(member: Membership) -> bool:
    """False: there was none."""
    deleted, _ = CalendarFeed.objects.filter(member=member).delete()
    if deleted:
        audit.note(member.tradie_id, Change.FEED_STOPPED)
    return bool(deleted)


def feed_of(member: Membership) -> CalendarFeed | None:
    return only(CalendarFeed.objects.filter(member=member))


def address_to_read(feed: CalendarFeed) -> str:
    """The whole address. Raises LookupError where no secret key of ours gives it."""
    token = derived_tokens.token_with(feed.token_hash, PURPOSE, str(feed.pk))
    return settings.SITE_URL + reverse("feed", args=[token])


def find_feed(token: str) -> CalendarFeed | None:
    """With its person and their business, as long as they may sign in there. One query."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    rows = CalendarFeed.objects.select_related("member__user", "member__tradie")
    works = {"member__user__is_active": True, "member__tradie__closed_at": None}
    return only(rows.filter(token_hash=hash_of(token), **works))


def note_reading(feed: CalendarFeed, *, now: datetime) -> None:
    """At most one write an hour, however often it is read."""
    stale = Q(last_read_at__isnull=True) | Q(last_read_at__lte=now - ASK_EVERY)
    if feed.last_read_at is None or feed.last_read_at <= now - ASK_EVERY:
        CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_read_at=now)


def feed_file(feed: CalendarFeed, *, now: datetime) -> bytes:
    """The jobs that this person sees, from 30 days ago to a year ahead, as an iCalendar file (RFC 5545, RFC 7986). The
    same bytes as long as nothing changed. Two queries."""
    member = feed.member
    jobs = dated(jobs_of(member).select_related("calendar"), since=now - BACK, until=now + AHEAD)
    return _file(member, jobs, is_of_several=bool(crew_of(member)))


def dated(jobs: QuerySet[Booking], *, since: datetime, until: datetime) -> QuerySet[Booking]:
    """Those that a calendar shows and that begin in between, each with when it last changed."""
    shown = jobs.filter(status__in=SHOWN, starts_at__gt=since, starts_at__lt=until, erased_at=None)
    events = BookingEvent.objects.filter(booking=OuterRef("pk")).order_by("-at", "-id")
    return shown.annotate(changed_at=Subquery(events.values("at")[:1])).order_by("starts_at", "id")[
        :MOST_EVENTS
    ]


def _file(member: Membership, jobs: Iterable[Booking], *, is_of_several: bool) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", member.tradie.business_name)
    calendar.add("x-wr-calname", member.tradie.business_name)  # what most programs read instead
    calendar.add("refresh-interval", vDuration(ASK_EVERY), {"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(ASK_EVERY))
    for job in jobs:
        calendar.add_component(_event(job, is_of_several, _changed_at(job)))
    return calendar.to_ical()


def _changed_at(job: Booking) -> datetime:
    changed_at: datetime = job.changed_at or job.created_at  # type: ignore[attr-defined]
    return changed_at


def entry_file(job: Booking) -> bytes:
    """One of the `dated` as it stands in a calendar of whoever does it. The same bytes as long as nothing changed."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(_event(job, False, _changed_at(job)))
    return calendar.to_ical()


def job_file(job: Booking, *, now: datetime) -> bytes:
    """One job as the feed has it, for whoever does it: in any program it is the same entry, and none of its links is
    its customer's."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", Method.PUBLISH.value)
    calendar.add_component(_event(job, job.is_of_several, now))
    return calendar.to_ical()


def _event(job: Booking, is_of_several: bool, stamp: datetime) -> Event:
    event = base_event(job, stamp=stamp)
    url = settings.SITE_URL + reverse("booking", args=[job.pk])
    window = [arrival_sentence(job).strip()] if job.arrival_window_minutes else []
    said = [*window, as_written(job.customer_phone), f"Reference {job.reference}", url]
    event.add("summary", f"{job.service_name}: {job.customer_name}")
    event.add("description", "\n".join([job.calendar.name, *said] if is_of_several else said))
    event.add("location", address_of(job))
    event.add("url", url)
    event.add("status", status_of(job))
    return event

"""Jobs in a calendar on somebody's CalDAV server, against Radicale and Xandikos: both ways, whatever is edited where
and when, nothing is missed and nothing there twice; and no job moves by an edit there."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar as File

from accounts.models import Service, Tradie
from availability import outside as rules
from availability.caldav import Server
from availability.models import OutsideCalendar, TimeOff
from availability.outside_busy import uid_of
from bookings import lifecycle
from bookings.actors import By
from bookings.calendar_sync import changed_elsewhere, put_back, was_read
from bookings.models import Booking, CopiedJob, Status
from bookings.moving import move_booking
from bookings.tasks import read_outside_calendar
from local.testing.cast import make_booking, make_service, soon
from local.testing.dav_servers import PASSWORD, USER, Dav
from local.testing.receiver import HOME
from peepopay import outbox

EDITS = int(os.environ.get("CALENDAR_EDITS", "40"))


@pytest.fixture(params=["radicale", "xandikos"])
def dav(request: pytest.FixtureRequest, trusted: None, settings: Any) -> Dav:
    settings.WEBHOOK_PRIVATE_NETWORKS = [f"{HOME}/32"]
    server: Dav = request.getfixturevalue(request.param)
    return server


class There:
    """A calendar of its own on the server, and how things stand on it."""

    def __init__(self, dav: Dav, sam: Tradie, name: str) -> None:
        self.dav, self.path = dav, dav.make(name)
        url = dav.url.rstrip("/") + self.path
        self.outside = rules.connect_account(
            sam.calendars.get(), name="Phone", url=url, user=USER, password=dav.password, now=timezone.now()
        )
        self.sync()

    def sync(self) -> OutsideCalendar:
        """Rounds, until there is nothing left to do at once."""
        for _ in range(5):
            now = timezone.now()
            assert outbox.run(
                OutsideCalendar, self.outside.pk, lambda row, at=now: read_outside_calendar(row, at), now=now
            )
            self.outside.refresh_from_db()
            if self.outside.collection and self.outside.due_at > now + timedelta(minutes=5):
                break
        assert self.outside.problem == ""
        return self.outside

    def entries(self) -> dict[str, Any]:
        """(uid) -> event; fails where one is there twice."""
        found: dict[str, Any] = {}
        for content in self.dav.everything(self.path).values():
            for event in File.from_ical(content).walk("VEVENT"):
                assert str(event["uid"]) not in found
                found[str(event["uid"])] = event
        return found

    def path_of(self, booking: Booking) -> str:
        return CopiedJob.objects.get(booking=booking).path

    def move(self, booking: Booking, to: datetime) -> None:
        """As a phone does: the whole entry anew, at another time."""
        path = self.path_of(booking)
        file = File.from_ical(self.dav.read(path))
        event = file.walk("VEVENT")[0]
        length = event.end - event.start
        event.start, event.end = to.astimezone(UTC), to.astimezone(UTC) + length
        self.dav.write(path, file.to_ical().decode())

    def resize(self, booking: Booking, more: timedelta) -> None:
        path = self.path_of(booking)
        file = File.from_ical(self.dav.read(path))
        event = file.walk("VEVENT")[0]
        event.end = event.end + more
        self.dav.write(path, file.to_ical().decode())

    def block(self, uid: str, start: datetime) -> None:
        self.dav.write(f"{self.path}{uid}.ics", block(uid, start))


def block(uid: str, start: datetime) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:phone",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "SUMMARY:Dentist",
    ]
    lines += ["DTSTAMP:20270101T000000Z", f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}", "DURATION:PT1H"]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


@pytest.fixture
def there(dav: Dav, sam: Tradie, request: pytest.FixtureRequest) -> There:
    return There(dav, sam, f"work-{abs(hash(request.node.nodeid))}")


def test_jobs_appear_there_follow_what_happens_here_and_go(there: There, drain: Service, sam: Tradie) -> None:
    booking, requested = (
        make_booking(drain, soon(sam)),
        make_booking(drain, soon(sam, hour=13), status=Status.REQUESTED),
    )
    make_booking(drain, soon(sam, hour=11), status=Status.PENDING)
    there.sync()
    found = there.entries()
    assert found.keys() == {uid_of(booking.pk), uid_of(requested.pk)}
    assert found[uid_of(booking.pk)].start == booking.starts_at
    assert "Jo Citizen" in found[uid_of(booking.pk)]["summary"]
    assert not TimeOff.objects.exists()
    later = soon(sam, hour=14)
    move_booking(booking, later, by=By.of(sam.memberships.first()), now=timezone.now())
    lifecycle.decline_request(requested, by=By.of(sam.memberships.first()), now=timezone.now())
    there.sync()
    assert {uid: event.start for uid, event in there.entries().items()} == {uid_of(booking.pk): later}


def test_a_round_in_which_nothing_changed_asks_once_and_writes_nothing(
    there: There, drain: Service, sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_booking(drain, soon(sam))
    there.sync()
    there.sync()  # notices its own writing
    asked, ask = [], Server._ask
    monkeypatch.setattr(
        Server, "_ask", lambda self, method, *more: asked.append(method) or ask(self, method, *more)
    )
    there.sync()
    assert asked == ["PROPFIND"]


def test_a_job_moved_there_is_a_question_and_stays_here(there: There, drain: Service, sam: Tradie) -> None:
    booking, there_at = make_booking(drain, soon(sam)), soon(sam) + timedelta(days=1, hours=2)
    there.sync()
    sam.refresh_from_db()
    booking.tradie = sam
    before = booking.starts_at
    there.move(booking, there_at)
    there.sync()
    booking.refresh_from_db()
    [copy] = changed_elsewhere(booking, timezone.now())
    assert (booking.starts_at, copy.wanted_at, booking.events.filter(kind="moved").count()) == (
        before,
        there_at,
        0,
    )
    there.sync()
    assert there.entries()[uid_of(booking.pk)].start == there_at  # nobody answered yet

    assert put_back(copy, wanted_at=there_at, now=timezone.now())
    there.sync()
    assert there.entries()[uid_of(booking.pk)].start == before
    assert not put_back(copy, wanted_at=there_at, now=timezone.now())

    there.move(booking, there_at)
    there.sync()
    move_booking(booking, there_at, by=By.of(sam.memberships.first()), now=timezone.now())
    booking.refresh_from_db()
    assert changed_elsewhere(booking, timezone.now()) == []
    there.sync()
    assert there.entries()[uid_of(booking.pk)].start == there_at
    assert CopiedJob.objects.get().wanted_at is None


def test_one_moved_years_away_or_deleted_there_is_not_lost(there: There, drain: Service, sam: Tradie) -> None:
    far, gone = make_booking(drain, soon(sam)), make_booking(drain, soon(sam, hour=13))
    there.sync()
    there.move(far, far.starts_at + timedelta(days=800))
    there.dav.delete(there.path_of(gone))
    there.sync()
    assert CopiedJob.objects.get(booking=far).wanted_at == far.starts_at + timedelta(days=800)
    assert CopiedJob.objects.get(booking=gone).restored_at
    assert there.entries()[uid_of(gone.pk)].start == gone.starts_at


def test_one_made_longer_there_is_put_back_and_said_until_somebody_read_it(
    there: There, drain: Service, sam: Tradie
) -> None:
    booking = make_booking(drain, soon(sam))
    there.sync()
    there.resize(booking, timedelta(hours=2))
    there.sync()
    assert there.entries()[uid_of(booking.pk)].end == booking.ends_at
    booking = Booking.objects.get()
    (copy,) = changed_elsewhere(booking, timezone.now())
    assert (copy.resized_to, copy.wanted_at) == (booking.ends_at + timedelta(hours=2), None)
    was_read(copy)
    there.sync()
    assert changed_elsewhere(booking, timezone.now()) == []


def test_blocks_made_there_hold_time_here(there: There, sam: Tradie) -> None:
    there.block("dentist", soon(sam))
    there.sync()
    assert [off.starts_at for off in TimeOff.objects.all()] == [soon(sam)]
    there.block("dentist", soon(sam, hour=13))
    there.sync()
    assert [off.starts_at for off in TimeOff.objects.all()] == [soon(sam, hour=13)]
    there.dav.delete(f"{there.path}dentist.ics")
    there.sync()
    assert not TimeOff.objects.exists()


def test_a_round_that_broke_off_after_writing_there_is_taken_up(
    there: There, drain: Service, sam: Tradie
) -> None:
    booking = make_booking(drain, soon(sam))
    there.sync()
    CopiedJob.objects.all().delete()  # it was put there, and nobody noted that
    there.sync()
    assert there.entries().keys() == {uid_of(booking.pk)}
    assert CopiedJob.objects.get().restored_at is None


def test_jobs_put_there_when_we_had_another_name_are_found(
    there: There, drain: Service, sam: Tradie, settings: Any
) -> None:
    booking = make_booking(drain, soon(sam))
    there.sync()
    settings.SITE_URL = "https://book.example.com"
    there.sync()
    there.sync()
    assert there.entries().keys() == {uid_of(booking.pk)}
    assert not TimeOff.objects.exists()


def test_an_account_with_several_calendars_asks_which(dav: Dav, sam: Tradie, drain: Service) -> None:
    one, two = dav.make("several-one"), dav.make("several-two")
    outside = rules.connect_account(
        sam.calendars.get(), name="Phone", url=dav.url, user=USER, password=dav.password, now=timezone.now()
    )
    make_booking(drain, soon(sam))
    for _ in range(2):
        now = timezone.now()
        outbox.run(OutsideCalendar, outside.pk, lambda row, at=now: read_outside_calendar(row, at), now=now)
        outside.refresh_from_db()
        if not outside.collection:
            names = dict(outside.choices)
            [url] = [url for url, name in names.items() if name == "several-two"]
            assert rules.choose(outside, url, now=now)
            assert not rules.choose(outside, "https://elsewhere.example.com/", now=now)
    assert (len(dav.everything(one)), len(dav.everything(two)), outside.problem) == (0, 1, "")


def test_a_wrong_password_is_said_and_no_table_shows_the_right_one(
    radicale: Dav, trusted: None, settings: Any, sam: Tradie
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = [f"{HOME}/32"]
    for password, problem in (("wrong", "doesn't take that user name"), (PASSWORD, "")):
        OutsideCalendar.objects.all().delete()
        outside = rules.connect_account(
            sam.calendars.get(),
            name="Phone",
            url=radicale.url,
            user=USER,
            password=password,
            now=timezone.now(),
        )
        outbox.run(
            OutsideCalendar,
            outside.pk,
            lambda row: read_outside_calendar(row, timezone.now()),
            now=timezone.now(),
        )
        outside.refresh_from_db()
        assert problem in outside.problem
        assert bool(outside.problem) == bool(problem)
    assert PASSWORD not in str(OutsideCalendar.objects.values())


class Edits:
    """Made by chance, here and there; `blocks` is what the phone remembers of its own."""

    def __init__(self, there: There, service: Service, seed: int) -> None:
        self.there, self.service, self.chance = there, service, random.Random(seed)
        self.base, self.blocks, self.made = soon(service.tradie, hour=0), dict[str, datetime](), 0
        self.kinds = [*3 * [self.block], *3 * [self.book], *2 * [self.move_here], *2 * [self.move_there]]
        self.kinds += [self.delete_there, self.resize_there, self.cancel, self.unblock, self.move_block]

    def a_time(self) -> datetime:
        half_hours = self.chance.randrange(14, 30)
        return self.base + timedelta(days=self.chance.randrange(40), minutes=30 * half_hours)

    def a_free_time(self) -> datetime:
        while Booking.objects.filter(status=Status.CONFIRMED, starts_at=(start := self.a_time())).exists():
            pass
        return start

    def a_job(self, *, is_there: bool = False) -> Booking | None:
        jobs = list(Booking.objects.filter(status=Status.CONFIRMED).order_by("starts_at"))
        if is_there:
            copies = dict(CopiedJob.objects.values_list("booking", "path"))
            there = self.there.dav.everything(self.there.path)
            jobs = [job for job in jobs if copies.get(job.pk) in there]
        return self.chance.choice(jobs) if jobs else None

    def block(self) -> None:
        self.made += 1
        self._write(f"block-{self.made}")

    def move_block(self) -> None:
        if self.blocks:
            self._write(self.chance.choice(sorted(self.blocks)))

    def _write(self, uid: str) -> None:
        self.blocks[uid] = self.a_time()
        self.there.block(uid, self.blocks[uid])

    def unblock(self) -> None:
        if self.blocks:
            uid = self.chance.choice(sorted(self.blocks))
            self.there.dav.delete(f"{self.there.path}{uid}.ics")
            del self.blocks[uid]

    def book(self) -> None:
        make_booking(self.service, self.a_free_time())

    def move_here(self) -> None:
        if job := self.a_job():
            changes = job.terms.times(self.a_free_time())
            Booking.objects.filter(pk=job.pk).update(**changes, sequence=job.sequence + 1)

    def cancel(self) -> None:
        if job := self.a_job():
            Booking.objects.filter(pk=job.pk).update(status=Status.CANCELLED)

    def move_there(self) -> None:
        if job := self.a_job(is_there=True):
            self.there.move(job, self.a_time())

    def resize_there(self) -> None:
        if job := self.a_job(is_there=True):
            self.there.resize(job, timedelta(hours=self.chance.randrange(1, 4)))

    def delete_there(self) -> None:
        if job := self.a_job(is_there=True):
            self.there.dav.delete(self.there.path_of(job))


def test_random_edits_on_both_sides(there: There, sam: Tradie) -> None:
    """`make calendars` makes a thousand. After each few a round; then both sides are held against what they come to by
    a rule that knows nothing of how it is done: a job stands there where it is here, unless only there it was moved."""
    edits = Edits(there, make_service(sam, name="Short", duration_minutes=30), seed=EDITS)
    done, questions = 0, 0
    while done < EDITS:
        for _ in range(count := edits.chance.randrange(1, 9)):
            edits.chance.choice(edits.kinds)()
        done += count
        put = {copy.booking_id: copy.starts_at for copy in CopiedJob.objects.all()}
        seen = {uid: event.start for uid, event in there.entries().items()}
        there.sync()
        jobs = {job.pk: job.starts_at for job in Booking.objects.filter(status=Status.CONFIRMED)}
        moved = {pk: seen.get(uid_of(pk), at) for pk, at in jobs.items() if put.get(pk) == at}
        moved = {pk: at for pk, at in moved.items() if at != jobs[pk]}
        as_it_should = edits.blocks | {uid_of(pk): at for pk, at in (jobs | moved).items()}
        entries, kept = there.entries(), {uid_of(pk) for pk in jobs if pk not in moved}
        assert {uid: event.start for uid, event in entries.items()} == as_it_should
        lengths = {there_at.end - there_at.start for uid, there_at in entries.items() if uid in kept}
        assert lengths <= {timedelta(minutes=30)}
        asked = CopiedJob.objects.filter(wanted_at__isnull=False).order_by("booking__starts_at")
        assert {copy.booking_id: copy.wanted_at for copy in asked} == moved
        held = sorted(TimeOff.objects.values_list("starts_at", flat=True))
        assert held == sorted(set(edits.blocks.values()))
        for copy in asked[: edits.chance.randrange(3)]:
            questions += put_back(copy, wanted_at=copy.wanted_at or copy.starts_at, now=timezone.now())
        there.sync()
    assert questions or EDITS < 100

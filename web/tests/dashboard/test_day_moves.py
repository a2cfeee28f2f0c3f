"""A day that can't be made: other times are kept for its customers, each answers by one press, and who is silent is on
the list of calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit_models import AuditEntry
from accounts.models import Service, Tradie, User
from availability.models import Calendar, TimeOff
from bookings import day_moves, lifecycle
from bookings.actors import CUSTOMER, By
from bookings.day_move_models import Answer, DayMove, DayMoveJob
from bookings.details import Attempt
from bookings.handing_over import hand_over
from bookings.held_times import held_for
from bookings.models import HOLDS_TIME, Actor, Booking, EventKind, Status
from bookings.moving import move_booking, take_held
from bookings.open_slots import Wish, open_times
from bookings.priority import may_rebook_until
from bookings.scheduling import request_booking
from local.testing.cast import JO, at, make_booking, make_service, owner_of, soon
from local.testing.sent import Sent, body, deliver_all
from notifications.models import Message
from payments.approvals import decline
from payments.cancellations import cancel_booking
from payments.expiry import expire_holds
from peepopay.errors import BookingNotChangeable, SlotUnavailable
from peepopay.local_time import in_zone, moment
from web.tests.customer.test_manage_page import url_of
from web.tests.dashboard.test_today_page import pay
from web.tests.page_forms import forms_of

TRADIE = By(Actor.TRADIE)
DAYS = 6


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def jobs(drain: Service) -> list[Booking]:
    """Four of one day: 8, 10, 12 and 14 o'clock."""
    starts = [soon(drain.tradie, days=DAYS, hour=hour) for hour in (8, 10, 12, 14)]
    return [
        make_booking(
            drain,
            start,
            customer_name=f"Jo {number}",
            customer_email=f"jo{number}@example.com",
            customer_phone=f"+6141234567{number}",
        )
        for number, start in enumerate(starts)
    ]


@pytest.fixture
def day(sam: Tradie) -> date:
    return soon(sam, days=DAYS).date()


def move(calendar: Calendar, day: date, *, hours: float = 48, now: datetime | None = None) -> DayMove:
    now = now or timezone.now()
    return day_moves.move_day(
        calendar,
        day,
        reason="The van broke down.",
        answer_by=now + timedelta(hours=hours),
        by=TRADIE,
        now=now,
    )


@pytest.fixture
def moving(sam: Tradie, jobs: list[Booking], day: date) -> DayMove:
    found = move(sam.calendars.get(), day)
    for job in jobs:
        job.refresh_from_db()
    return found


def kept(job: Booking) -> list[Booking]:
    return list(held_for(job, timezone.now()))


def answers(moving: DayMove) -> list[str]:
    return [job.answer for job in moving.jobs.order_by("starts_at")]


def all_kept() -> list[Booking]:
    return list(Booking.objects.filter(holds_for__isnull=False, status__in=HOLDS_TIME))


class TestWhatIsKept:
    def test_everybody_gets_three_times_of_other_days_and_no_two_the_same(
        self, moving: DayMove, jobs: list[Booking], day: date
    ) -> None:
        held = [row for job in jobs for row in kept(job)]
        assert [len(kept(job)) for job in jobs] == [3, 3, 3, 3]
        assert all(
            one.period.upper <= other.period.lower
            for one, other in pairwise(sorted(held, key=lambda row: row.starts_at))
        )
        for job in jobs:
            days = {in_zone(row.starts_at, "Australia/Sydney").date() for row in kept(job)}
            assert len(days) == 3
            assert min(days) > day
        first = [kept(job)[0].starts_at - job.starts_at for job in jobs]
        assert first == [timedelta(days=1)] * 4  # the day after, at the hour they had

    def test_they_are_rows_under_the_exclusion_constraint(
        self, moving: DayMove, jobs: list[Booking], drain: Service
    ) -> None:
        start = kept(jobs[0])[0].starts_at
        with pytest.raises(IntegrityError, match="booking_no_overlap"), transaction.atomic():
            make_booking(drain, start)

    def test_nobody_else_is_offered_them_or_the_day(
        self, moving: DayMove, jobs: list[Booking], sam: Tradie, drain: Service, day: date
    ) -> None:
        now = timezone.now()
        wish = Wish(sam, drain.pk, drain_terms(jobs[0]).job, jobs[0].starts_at)
        free = open_times(wish, day, day + timedelta(days=9), now)
        assert not {row.starts_at for row in all_kept()} & set(free)
        assert day not in {in_zone(time, sam.timezone).date() for time in free}
        with pytest.raises(SlotUnavailable):
            request_booking(
                tradie=sam,
                service=drain,
                starts_at=kept(jobs[1])[0].starts_at,
                details=JO,
                attempt=Attempt(),
                now=now,
            )

    def test_where_little_is_free_everybody_gets_one_before_anybody_gets_two(
        self, sam: Tradie, drain: Service, jobs: list[Booking], day: date
    ) -> None:
        for hour in range(7, 16):
            for days in range(1, 23):
                if (days, hour) not in {(2, 9), (3, 9), (4, 9), (5, 9), (6, 9)}:
                    start = soon(sam, days=DAYS + days, hour=hour)
                    if start < timezone.now() + timedelta(days=DAYS + 23):
                        make_booking(drain, start)
        move(sam.calendars.get(), day)
        assert sorted(len(kept(Booking.objects.get(pk=job.pk))) for job in jobs) == [1, 1, 1, 2]

    def test_the_daily_limit_counts_them(self, sam: Tradie, jobs: list[Booking], day: date) -> None:
        Calendar.objects.update(max_bookings_per_day=2)
        move(sam.calendars.get(), day)
        days = [in_zone(row.starts_at, sam.timezone).date() for row in all_kept()]
        assert max(days.count(one) for one in days) == 2

    def test_another_van_helps_out(self, sam: Tradie, drain: Service, van: Calendar, day: date) -> None:
        first = sam.calendars.exclude(pk=van.pk).get()
        job = make_booking(drain, soon(sam, days=DAYS, hour=9), calendar=first)
        TimeOff.objects.create(
            calendar=first, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(days=40)
        )
        move(first, day)
        assert {row.calendar for row in kept(Booking.objects.get(pk=job.pk))} == {van}

    def test_pressed_twice_it_is_one(self, moving: DayMove, sam: Tradie, day: date) -> None:
        before = Message.objects.count(), len(all_kept())
        assert move(sam.calendars.get(), day) == moving
        assert (Message.objects.count(), len(all_kept()), TimeOff.objects.count()) == (*before, 1)

    def test_it_is_noted(self, moving: DayMove, jobs: list[Booking]) -> None:
        assert AuditEntry.objects.filter(kind="day_moved").count() == 1
        assert jobs[0].events.get(kind=EventKind.ASKED_TO_MOVE).detail.startswith("kept: ")

    def test_of_a_day_that_is_nearly_here_by_queries_that_do_not_grow(
        self, sam: Tradie, drain: Service, jobs: list[Booking], django_assert_max_num_queries: Any, day: date
    ) -> None:
        with django_assert_max_num_queries(30 + 9 * len(jobs)):
            move(sam.calendars.get(), day)


def drain_terms(booking: Booking) -> Any:
    return booking.terms


def test_each_is_told_once_with_the_times_that_are_kept(
    moving: DayMove, jobs: list[Booking], sent: Sent
) -> None:
    pay(jobs[0], refunded_cents=1_000)
    deliver_all(now=timezone.now())
    for part in ("plain", "html"):
        said = ["deposit of $20 moves" in body(mail, part) for mail in sent.mails]
        assert said == ["deposit" in body(mail, part) for mail in sent.mails] == [True, False, False, False]
    assert [mail["To"] for mail in sent.mails] == [f"jo{number}@example.com" for number in range(4)]
    for job, mail, sms in zip(jobs, sent.mails, sent.sms, strict=True):
        for row in kept(job):
            assert moment(row.starts_at, "Australia/Sydney") in body(mail, "plain")
            assert moment(row.starts_at, "Australia/Sydney") in body(mail, "html")
        assert "The van broke down." in body(mail, "plain")
        assert "can't make" in sms["body"]
        assert len(sms["body"]) <= 160


class TestTheCustomer:
    @pytest.fixture
    def job(self, moving: DayMove, jobs: list[Booking]) -> Booking:
        pay(jobs[1])
        return jobs[1]

    def take(self, client: Client, job: Booking, number: int = 0) -> Any:
        return client.post(url_of(job), {"held": str(kept(job)[number].pk)})

    def test_takes_one_by_one_press_and_the_others_are_free(
        self, client: Client, job: Booking, moving: DayMove
    ) -> None:
        page = client.get(url_of(job))
        (form,) = [form for form in forms_of(page) if {} not in form.buttons]
        wanted = kept(job)[1]
        answer = client.post(form.action, form.presses()[1])
        assert answer["Location"] == url_of(job) + "?done=moved"
        moved = Booking.objects.get(pk=job.pk)
        assert (moved.starts_at, moved.status, moved.sequence) == (wanted.starts_at, Status.CONFIRMED, 1)
        assert moved.payments.get().refunds.count() == 0
        assert (moved.asked_to_move_at, kept(job)) == (None, [])
        assert len(all_kept()) == 9
        assert answers(moving)[1] == Answer.TOOK
        assert "You’re booked in" in client.get(url_of(job)).content.decode()

    def test_two_taps_are_one_move(self, client: Client, job: Booking) -> None:
        held = str(kept(job)[0].pk)
        pressed = [client.post(url_of(job), {"held": held}).status_code for _ in range(2)]
        assert pressed == [302, 302]
        assert Booking.objects.get(pk=job.pk).sequence == 1
        assert Message.objects.filter(about=job.pk, kind="booking_moved", channel="email").count() == 1

    def test_a_second_tap_on_another_time_says_how_it_stands(self, client: Client, job: Booking) -> None:
        first, second = kept(job)[:2]
        client.post(url_of(job), {"held": str(first.pk)})
        assert client.post(url_of(job), {"held": str(second.pk)}).status_code == 409
        assert Booking.objects.get(pk=job.pk).starts_at == first.starts_at

    def test_nobody_takes_what_is_kept_for_another(
        self, client: Client, job: Booking, jobs: list[Booking]
    ) -> None:
        answer = client.post(url_of(job), {"held": str(kept(jobs[0])[0].pk)})
        assert answer.status_code == 409
        assert Booking.objects.get(pk=job.pk).sequence == 0

    def test_a_time_that_lapsed_while_it_was_looked_at_is_not_taken(
        self, client: Client, job: Booking
    ) -> None:
        held = kept(job)[0]
        assert str(held.pk) in client.get(url_of(job)).content.decode()
        Booking.objects.filter(holds_for=job).update(held_until=timezone.now() - timedelta(seconds=1))
        assert str(held.pk) not in client.get(url_of(job)).content.decode()
        answer = client.post(url_of(job), {"held": str(held.pk)})
        assert answer.status_code == 409
        assert "kept for you any more" in answer.content.decode()
        assert Booking.objects.get(pk=job.pk).sequence == 0

    def test_chooses_another_also_where_it_is_too_late_by_the_policy(
        self, client: Client, job: Booking, moving: DayMove
    ) -> None:
        policy = {**job.policy, "free_cancellation_hours": 24 * 30}
        Booking.objects.filter(pk=job.pk).update(policy=policy)
        job = Booking.objects.get(pk=job.pk)
        wanted = kept(job)[0].starts_at + timedelta(minutes=30)  # which what is kept for them doesn't hinder
        move_booking(job, wanted, by=CUSTOMER, now=timezone.now())
        assert answers(moving)[1] == Answer.CHOSE
        assert kept(job) == []

    def test_cancels_and_has_everything_back_whatever_the_policy(
        self, client: Client, job: Booking, moving: DayMove
    ) -> None:
        policy = {**job.policy, "free_cancellation_hours": 24 * 30, "no_refund_hours": 24 * 30}
        Booking.objects.filter(pk=job.pk).update(policy=policy)
        page = client.get(url_of(job, "/cancel"))
        assert "$30" in page.content.decode()
        (form,) = forms_of(page)
        client.post(form.action, form.presses()[0])
        job.refresh_from_db()
        assert job.status == Status.CANCELLED
        assert job.payments.get().refunds.get().amount_cents == 3_000
        assert (kept(job), answers(moving)[1]) == ([], Answer.CANCELLED)
        assert may_rebook_until(Booking.objects.get(pk=job.pk), timezone.now())  # and comes first

    def test_cancels_also_when_its_time_has_passed_since(self, job: Booking) -> None:
        later = job.starts_at + timedelta(hours=1)
        assert cancel_booking(job, by=CUSTOMER, now=later).status == Status.CANCELLED
        assert job.payments.get().refunds.get().amount_cents == 3_000

    def test_asks_to_be_called_and_keeps_the_choice(
        self, client: Client, dashboard: Client, job: Booking, moving: DayMove
    ) -> None:
        client.post(url_of(job, "/call"), {"best_time": "any", "words": ""})
        assert len(kept(job)) == 3
        assert "asked to be called" in dashboard.get(f"/dashboard/days/{moving.pk}").content.decode()
        since = Booking.objects.get(pk=job.pk).call_wanted_since
        day_moves.lapse_moves(now=moving.answer_by)  # silent by then, they wait since they asked
        assert since
        assert Booking.objects.get(pk=job.pk).call_wanted_since == since
        assert job.events.filter(kind=EventKind.CALL_WANTED).count() == 1

    def test_nothing_is_charged_for_not_being_there(self, job: Booking) -> None:
        later = job.starts_at + timedelta(hours=1)
        assert not lifecycle.mark_no_show(job, by=TRADIE, now=later)


SETTLED: dict[str, tuple[Callable[[Booking], Any], Answer]] = {
    "the tradie moves it": (
        lambda job: move_booking(job, soon(job.tradie, days=20, hour=9), by=TRADIE, now=timezone.now()),
        Answer.MOVED,
    ),
    "the tradie cancels": (lambda job: cancel_booking(job, by=TRADIE, now=timezone.now()), Answer.CANCELLED),
    "the customer cancels": (
        lambda job: cancel_booking(job, by=CUSTOMER, now=timezone.now()),
        Answer.CANCELLED,
    ),
    "the job was done": (
        lambda job: lifecycle.mark_completed(job, by=TRADIE, now=job.starts_at + timedelta(hours=1)),
        Answer.KEPT,
    ),
}


@pytest.mark.parametrize("how", SETTLED)
def test_whatever_settles_a_booking_frees_what_is_kept_for_it(
    how: str, moving: DayMove, jobs: list[Booking]
) -> None:
    act, answer = SETTLED[how]
    act(jobs[0])
    assert answers(moving) == [answer, *[Answer.WAITING] * 3]
    assert (kept(jobs[0]), len(all_kept())) == ([], 9)


def test_somebody_else_does_it_and_the_customer_hears_of_it(
    sam: Tradie, jobs: list[Booking], day: date, van: Calendar
) -> None:
    first = sam.calendars.exclude(pk=van.pk).get()
    found = move(first, day)
    hand_over(Booking.objects.get(pk=jobs[0].pk), van.pk, by=TRADIE, now=timezone.now(), tell=False)
    assert answers(found)[0] == Answer.HANDED_OVER
    assert Message.objects.filter(about=jobs[0].pk, kind="booking_handed_over").exists()


class TestTheDeadline:
    def test_who_was_silent_is_to_be_called_and_keeps_the_time(
        self, moving: DayMove, jobs: list[Booking], client: Client, dashboard: Client, sent: Sent
    ) -> None:
        take_held(jobs[0], kept(jobs[0])[0].pk, now=timezone.now())
        later = moving.answer_by
        assert [day_moves.lapse_moves(now=later), day_moves.lapse_moves(now=later)] == [1, 0]
        assert not day_moves.lapse_move(moving, now=later)  # by another worker, a moment later
        assert answers(moving) == [Answer.TOOK, *[Answer.SILENT] * 3]
        assert all_kept() == []
        for job in jobs[1:]:
            before = job.starts_at
            job.refresh_from_db()
            assert (job.status, job.starts_at, job.call_wanted_since) == (Status.CONFIRMED, before, later)
        today = dashboard.get("/dashboard/").content.decode()
        assert today.count("No answer about") == 3
        Message.objects.exclude(kind="day_move_silent_tradie").delete()
        deliver_all(now=later)
        (mail,) = sent.mails
        assert mail["To"] == "sam@example.com"
        assert mail["Subject"].startswith("3 customers didn't answer about ")

    def test_the_silent_can_still_choose_or_cancel(
        self, moving: DayMove, jobs: list[Booking], client: Client
    ) -> None:
        day_moves.lapse_moves(now=moving.answer_by)
        move_booking(jobs[0], jobs[0].starts_at + timedelta(days=3), by=CUSTOMER, now=timezone.now())
        assert answers(moving)[0] == Answer.CHOSE
        page = client.get(url_of(jobs[1])).content.decode()
        assert "Please choose another time" in page
        assert "/take" not in page

    def test_for_whoever_is_asked_after_it_nothing_is_kept(
        self, moving: DayMove, sam: Tradie, drain: Service, day: date
    ) -> None:
        DayMove.objects.update(answer_by=timezone.now())
        late = make_booking(drain, soon(sam, days=DAYS, hour=19))
        move(sam.calendars.get(), day)
        assert moving.jobs.filter(booking=late, answer=Answer.WAITING).exists()
        assert not Booking.objects.filter(holds_for=late).exists()

    def test_called_takes_them_off_the_list(
        self, moving: DayMove, jobs: list[Booking], dashboard: Client
    ) -> None:
        day_moves.lapse_moves(now=moving.answer_by)
        dashboard.post(f"/dashboard/bookings/{jobs[0].pk}/called")
        assert Booking.objects.get(pk=jobs[0].pk).call_wanted_since is None

    def test_the_sweep_of_holds_frees_them_too(self, moving: DayMove) -> None:
        assert expire_holds(now=moving.answer_by + timedelta(minutes=5)) == 12
        assert all_kept() == []

    def test_with_nobody_silent_nobody_is_told(self, moving: DayMove, jobs: list[Booking]) -> None:
        for job in jobs:
            cancel_booking(job, by=TRADIE, now=timezone.now())
        day_moves.lapse_moves(now=moving.answer_by)
        assert not Message.objects.filter(kind="day_move_silent_tradie").exists()

    @pytest.mark.parametrize(
        ("now", "keys"),
        [
            ("2027-01-10 12:00 +11:00", ["evening", "day_before", "3h", "1h", "1d"]),
            ("2027-01-13 12:00 +11:00", ["evening", "3h", "1h"]),
            ("2027-01-13 21:00 +11:00", ["3h", "1h"]),
            ("2027-01-14 06:00 +11:00", ["3h", "1h"]),
        ],
    )
    def test_the_usual_one_is_the_evening_before(self, now: str, keys: list[str]) -> None:
        found = day_moves.deadlines(date(2027, 1, 14), "Australia/Sydney", at(now))
        assert [one.key for one in found] == keys


class TestAfterAll:
    def test_who_has_not_answered_keeps_the_time_and_is_told(
        self, moving: DayMove, jobs: list[Booking], sent: Sent
    ) -> None:
        take_held(jobs[0], kept(jobs[0])[0].pk, now=timezone.now())
        now = timezone.now()
        assert [day_moves.reopen_day(moving, by=TRADIE, now=now) for _ in range(2)] == [3, 0]
        assert answers(moving) == [Answer.TOOK, *[Answer.KEPT] * 3]
        assert (all_kept(), TimeOff.objects.count()) == ([], 0)
        deliver_all(now=now)
        told = [mail["Subject"].partition(":")[0] for mail in sent.mails if "jo3" in mail["To"]]
        assert told == ["Sam's Plumbing can make it after all"]

    def test_it_can_be_called_off_once_more(
        self, moving: DayMove, sam: Tradie, day: date, jobs: list[Booking]
    ) -> None:
        day_moves.reopen_day(moving, by=TRADIE, now=timezone.now())
        again = move(sam.calendars.get(), day)
        assert again != moving
        assert answers(again) == [Answer.WAITING] * 4
        assert Message.objects.filter(about=jobs[0].pk, kind="asked_to_move", channel="email").count() == 2

    def test_nothing_is_taken_of_a_day_that_is_open_again(self, moving: DayMove, jobs: list[Booking]) -> None:
        held = kept(jobs[0])[0]
        day_moves.reopen_day(moving, by=TRADIE, now=timezone.now())
        with pytest.raises(BookingNotChangeable):
            take_held(jobs[0], held.pk, now=timezone.now())


class TestThePages:
    def test_from_the_day_to_the_progress(
        self, dashboard: Client, jobs: list[Booking], day: date, sam: Tradie
    ) -> None:
        assert "/dashboard/days/new" in dashboard.get("/dashboard/").content.decode()
        page = dashboard.get("/dashboard/days/new", {"day": day.isoformat()})
        assert "4 bookings to move" in page.content.decode()
        (form,) = [form for form in forms_of(page) if "answer_by" in form.fields]
        assert form.fields["answer_by"] == "evening"
        answer = dashboard.post(form.action, form.fields | {"reason": "Flu"})
        found = DayMove.objects.get()
        assert answer["Location"] == f"/dashboard/days/{found.pk}"
        shown = dashboard.get(answer["Location"]).content.decode()
        assert (shown.count("Hasn&#x27;t answered yet"), shown.count("Kept: ")) == (4, 4)
        assert "4 of 4 still to decide" in dashboard.get("/dashboard/").content.decode()
        assert dashboard.get(form.action)["Location"] == answer["Location"]
        assert dashboard.post(form.action, form.fields)["Location"] == answer["Location"]  # pressed twice
        assert DayMoveJob.objects.count() == 4

    def test_a_request_for_that_day_is_named_before_and_after_until_it_is_answered(
        self, dashboard: Client, drain: Service, day: date, sam: Tradie
    ) -> None:
        asked = make_booking(drain, soon(sam, days=DAYS, hour=15), status=Status.REQUESTED)
        before = dashboard.get("/dashboard/days/new", {"day": day.isoformat()}).content.decode()
        address = f"/dashboard/days/{move(sam.calendars.get(), day).pk}"
        for page in (before, dashboard.get(address).content.decode()):
            assert "1 request for this day waits for your answer" in page
            assert f"/dashboard/bookings/{asked.pk}" in page
        assert not Message.objects.filter(about=asked.pk).exists()
        decline(asked, by=TRADIE, now=timezone.now())
        assert "waits for your answer" not in dashboard.get(address).content.decode()

    def test_who_was_booked_in_since_can_be_asked_too(
        self, dashboard: Client, moving: DayMove, drain: Service, day: date
    ) -> None:
        late = make_booking(drain, soon(drain.tradie, days=DAYS, hour=9))
        page = dashboard.get(f"/dashboard/days/{moving.pk}")
        (ask,) = [form for form in forms_of(page) if form.action == f"/dashboard/days/{moving.pk}"]
        dashboard.post(ask.action, {})
        assert len(kept(Booking.objects.get(pk=late.pk))) == 3

    @pytest.mark.parametrize("asked", ["", "x", "2020-01-01", "2099-01-01", "2027-02-31"])
    def test_a_day_that_is_none_closes_nothing(
        self, asked: str, dashboard: Client, jobs: list[Booking]
    ) -> None:
        url = f"/dashboard/days/new?day={asked}"
        assert dashboard.get(url).status_code == 200
        assert dashboard.post(url, {"reason": "", "answer_by": "3h"}).status_code in (200, 400)
        assert not DayMove.objects.exists()

    def test_the_office_may_and_a_worker_may_not(
        self, client: Client, kim: User, lee: User, moving: DayMove
    ) -> None:
        for who, status in ((kim, 200), (lee, 403)):
            client.force_login(who)
            for url in ("/dashboard/days/new", f"/dashboard/days/{moving.pk}"):
                assert client.get(url).status_code == status

    def test_nobody_elses(self, client: Client, alex: Tradie, moving: DayMove) -> None:
        client.force_login(owner_of(alex))
        assert client.get(f"/dashboard/days/{moving.pk}").status_code == 404
        assert client.post(f"/dashboard/days/{moving.pk}/reopen").status_code == 404

    def test_what_is_kept_is_no_job_in_any_list(
        self, dashboard: Client, moving: DayMove, jobs: list[Booking]
    ) -> None:
        held = kept(jobs[0])[0]
        assert dashboard.get(f"/dashboard/bookings/{held.pk}").status_code == 404
        listed = dashboard.get("/dashboard/bookings", {"show": "all"}).context["page"].items
        assert {row.pk for row in listed} == {job.pk for job in jobs}

    def test_as_many_queries_for_four_as_for_one(
        self, dashboard: Client, moving: DayMove, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(10):
            dashboard.get(f"/dashboard/days/{moving.pk}")


def test_a_service_without_deposit_moves_as_well(sam: Tradie, day: date) -> None:
    job = make_booking(make_service(sam, deposit_kind="none"), soon(sam, days=DAYS, hour=9))
    move(sam.calendars.get(), day)
    job.refresh_from_db()
    assert take_held(job, kept(job)[2].pk, now=timezone.now()).starts_at > job.starts_at

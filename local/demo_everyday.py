"""What a plumber's weeks are made of besides single jobs: where he goes for what fee, jobs that come round, people who
wait or want a call, a day that he can't make, a review that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from accounts.call_out_zones import CallOutZone, as_column
from accounts.deposit_rules import DepositRule, RuleKind
from accounts.deposit_rules import as_column as rules_column
from accounts.models import Tradie
from accounts.service_rules import DepositKind
from availability.catalogue import change_business
from bookings.actors import By
from bookings.call_backs import ask_for_call_back
from bookings.day_moves import deadlines, move_day
from bookings.models import Status
from bookings.open_slots import Wish, nearest_open
from bookings.reviews import invite_to_review
from bookings.series import start_series
from bookings.series_rule import Every
from bookings.terms import terms_of
from bookings.waitlist import join
from bookings.waitlist_offers import offer_by_hand
from local.demo_data import add_services
from notifications.models import MessageSettings
from notifications.sending_rules import change_settings
from peepopay.local_time import in_zone

A_DAY = timedelta(days=1)
WINDOWED = {
    "name": "Gas heater service",
    "description": "Clean and test one heater. We come within two hours of the time you choose.",
    "duration_minutes": 45,
    "arrival_window_minutes": 120,
    "price_cents": 16_000,
    "deposit_kind": DepositKind.FIXED,
    "deposit_fixed_cents": 4_000,
}
ZONES = (
    CallOutZone("Inner West", postcodes=("2040-2050", "2130-2135", "2203-2204")),
    CallOutZone("Further out", km=40, measured_from="2204", fee_cents=4_500, extra_minutes=15),
)
MISSED = DepositRule(RuleKind.MISSED, least=1, percent=20)


def settle_in(tradie: Tradie) -> None:
    """Before any job is booked: where he goes, and what he also sells. Once."""
    if not tradie.services.filter(name=WINDOWED["name"]).exists():
        add_services(tradie, [WINDOWED])
    tradie.call_out_zones = as_column(ZONES)
    tradie.deposit_rules = rules_column([MISSED])
    tradie.has_waitlist = True
    change_business(tradie, ["call_out_zones", "deposit_rules", "has_waitlist"])


def go_on(tradie: Tradie, people: Iterator[tuple[str, ...]], by: By, now: datetime) -> None:
    """After the jobs: what is made of them, or comes on top."""
    _ask_for_reviews(tradie, now)
    done = tradie.bookings.filter(status=Status.COMPLETED).select_related("tradie").latest("starts_at")
    start_series(done, Every.FORTNIGHT, None, now=now)
    _cant_make_a_day(tradie, by, now)
    _wait(tradie, people, by, now)
    name, _email, phone, *_ = next(people)
    ask_for_call_back(tradie, name=name, phone=phone, about="A smell of gas in the laundry", now=now)


def _ask_for_reviews(tradie: Tradie, now: datetime) -> None:
    """Of the last job that is done, tomorrow; of those before, no more."""
    chosen = MessageSettings(tradie=tradie, review_url="https://g.page/r/joes-plumbing-demo/review")
    change_settings(tradie, chosen, ["review_url"])
    last = tradie.bookings.filter(status=Status.COMPLETED).select_related("tradie").latest("ends_at")
    invite_to_review(last, now=now)


def _cant_make_a_day(tradie: Tradie, by: By, now: datetime) -> None:
    """The next day but three that has jobs."""
    coming = tradie.bookings.filter(status=Status.CONFIRMED, starts_at__gt=now + 4 * A_DAY)
    job = coming.select_related("calendar__tradie").earliest("starts_at")
    day = in_zone(job.starts_at, tradie.timezone).date()
    until = deadlines(day, tradie.timezone, now)[0].at
    move_day(job.calendar, day, reason="The van is being repaired", answer_by=until, by=by, now=now)


def _wait(tradie: Tradie, people: Iterator[tuple[str, ...]], by: By, now: datetime) -> None:
    """Two for next Sunday, when he is closed; one of them is offered another time."""
    service, sunday = tradie.services.all()[0], _next_sunday(in_zone(now, tradie.timezone).date())
    service.tradie = tradie
    waiters = []
    for _ in range(2):
        name, email, phone, *_rest = next(people)
        waiters.append(join(service, name=name, phone=phone, email=email, day=sunday, now=now)[0])
    wish = Wish(tradie, service.pk, terms_of(service).job, now + 6 * A_DAY)
    for free in nearest_open(wish, now)[:1]:
        offer_by_hand(waiters[0], free.starts, by=by, now=now)


def _next_sunday(today: date) -> date:
    return today + timedelta(days=6 - today.weekday())

"""Two businesses and their people to try the product with. Safe to run again: it only adds what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.utils import timezone

from accounts.call_out_zones import MOST_FEE_CENTS
from accounts.models import Membership, Service, Tradie, User
from accounts.people import add_member
from accounts.roles import Role
from accounts.service_rules import DepositKind
from availability.calendars import mark_changed
from availability.crew import add_calendar, let_customers_choose
from availability.first_calendar import require_calendar
from availability.hours import replace_week
from availability.models import DateException, WorkingHours
from bookings.actors import By
from bookings.call_outs import agreed_in_zone
from bookings.details import Attempt, Details
from bookings.lifecycle import mark_completed
from bookings.models import Booking
from bookings.open_slots import Wish, nearest_open
from bookings.scheduling import request_booking
from bookings.terms import terms_of
from local.demo_login import ADMIN_KEY, PASSWORD
from local.demo_payments import pay_out, pay_with_test_card
from local.demo_quotes import add_quotes
from payments import stripe_gateway
from payments.connected_accounts import refresh
from payments.models import ConnectedAccount
from peepopay.local_time import in_zone, zone

JOE_SERVICES: list[dict[str, Any]] = [
    {
        "name": "Blocked drain",
        "description": "Clear one blocked drain, with camera check.",
        "duration_minutes": 60,
        "buffer_after_minutes": 30,
        "price_cents": 18_000,
        "price_from": True,
        "deposit_kind": DepositKind.FIXED,
        "deposit_fixed_cents": 5_000,
        "late_fee_cents": 3_000,
        "no_show_fee_cents": 9_000,
        "questions": [
            {
                "id": "where",
                "label": "Which drain is it?",
                "required": False,
                "choices": ["Kitchen", "Bathroom", "Laundry", "Outside"],
            }
        ],
    },
    {
        "name": "Leaking tap",
        "description": "Fix or replace one tap. Parts extra.",
        "duration_minutes": 30,
        "price_cents": 9_900,
        "deposit_kind": DepositKind.PERCENT,
        "deposit_percent": 25,
    },
    {
        "name": "Hot water service check",
        "description": "Full check of your hot water system, with a written report.",
        "duration_minutes": 90,
        "price_cents": 14_500,
        "deposit_kind": DepositKind.FULL,
        "late_fee_cents": 5_000,
    },
    {
        "name": "Free quote",
        "description": "Joe has a look and gives you a fixed price.",
        "duration_minutes": 30,
        "deposit_kind": DepositKind.NONE,
    },
    {
        "name": "Bathroom renovation visit",
        "description": "Measure up and plan. Joe checks the job before he says yes.",
        "duration_minutes": 120,
        "price_cents": 22_000,
        "deposit_kind": DepositKind.NONE,
        "requires_approval": True,
        "questions": [
            {"id": "size", "label": "How big is the bathroom?", "required": True},
            {"id": "look", "label": "What it looks like now", "photo": True},
        ],
    },
]
ALEX_SERVICES: list[dict[str, Any]] = [
    {
        "name": "Power point installation",
        "duration_minutes": 60,
        "price_cents": 16_500,
        "deposit_kind": DepositKind.FIXED,
        "deposit_fixed_cents": 4_000,
        "late_fee_cents": 2_000,
    },
    {"name": "Safety switch check", "duration_minutes": 45, "price_cents": 11_000},
]
CUSTOMERS = [
    ("Priya Nair", "priya@example.com", "+61412555010", "12 Enmore Road", "Newtown", "2042"),
    ("Tom O'Brien", "tom@example.com", "+61412555011", "7/88 Marrickville Road", "Marrickville", "2204"),
    ("Mei Chen", "mei@example.com", "+61412555012", "41 Norton Street", "Leichhardt", "2040"),
    ("Sarah Williams", "sarah@example.com", "+61295550199", "3 Darling Street", "Balmain", "2041"),
]


def seed() -> None:
    """joe-plumber in Sydney and alex-electric in Perth, with services, hours and bookings.

    Raises ValueError with a live Stripe key.
    """
    if stripe_gateway.in_live_mode():
        raise ValueError("This is a live Stripe key; demo data belongs with a test key.")
    add_admin()
    now = timezone.now()
    kim, lee = add_person("kim@example.com", "Kim Tran"), add_person("lee@example.com", "Lee Walker")
    joe = add_tradie(
        add_person("joe@example.com", "Joe Rossi"),
        slug="joe-plumber",
        business_name="Joe's Plumbing",
        phone="+61295501234",
        mobile="+61412555001",
        suburb="Marrickville",
        state="NSW",
        timezone="Australia/Sydney",
        licence_number="NSW 123456C",
        abn="51824753556",
        accent_colour="#0b6e4f",
    )
    if joe:
        add_member(joe, kim, Role.OFFICE)
        fill_joe(joe, add_member(joe, lee, Role.WORKER), now)
    alex = add_tradie(
        add_person("alex@example.com", "Alex Novak"),
        slug="alex-electric",
        business_name="Alex Electric",
        phone="+61892214455",
        suburb="Fremantle",
        state="WA",
        timezone="Australia/Perth",
        licence_number="EC 9876",
        accent_colour="#b3540a",
    )
    if alex:
        add_member(alex, kim, Role.OFFICE)  # she answers the phone for both
        fill_alex(alex, now)


def add_admin() -> None:
    """With an authenticator whose key is known: the admin lets nobody in without a second factor."""
    admin = User.objects.filter(email="admin@example.com").first()
    if admin is None:
        admin = User.objects.create_superuser("admin@example.com", PASSWORD)
        confirm_email(admin)
    if not is_mfa_enabled(admin):
        TOTP.activate(admin, ADMIN_KEY)


def confirm_email(user: User) -> None:
    """As if they had typed the code that was mailed to them."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def add_person(email: str, name: str) -> User:
    """Somebody who can sign in; the same one if they are there already."""
    person = User.objects.filter(email=email).first()
    if not person:
        person = User.objects.create_user(email, PASSWORD, name=name)
        confirm_email(person)
    return person


@transaction.atomic
def add_tradie(owner: User, **fields: Any) -> Tradie | None:
    """The business; None if it is there already."""
    if Tradie.objects.filter(slug=fields["slug"]).exists():
        return None
    tradie = Tradie.objects.create(email=owner.email, **fields)
    add_member(tradie, owner, Role.OWNER)
    require_calendar(tradie)
    account_id = f"acct_demo_{fields['slug'].split('-')[0]}"
    ConnectedAccount.objects.create(tradie=tradie, account_id=account_id)
    return tradie


def fill_joe(joe: Tradie, worker: Membership, now: datetime) -> None:
    """Mon-Fri 7-16 with lunch, Sat 8-12, one day off, jobs done and jobs to come."""
    open_account(joe, now)
    with transaction.atomic():
        for day in range(5):
            add_hours(joe, day, (7, 0), (12, 0))
            add_hours(joe, day, (12, 30), (16, 0))
        add_hours(joe, 5, (8, 0), (12, 0))
        day_off = next_weekday(in_zone(now, joe.timezone), ahead=9)
        DateException.objects.create(
            calendar=joe.calendars.get(), date=day_off.date(), reason="Supplier training"
        )
        services = add_services(joe, JOE_SERVICES)
        mark_changed(joe.pk)
    # Times are asked for as if it were that day, so that every booking obeys the rules that were in force.
    for number, (days, hour, index) in enumerate([(-20, 8, 0), (-9, 10, 1), (-6, 13, 2), (-3, 9, 0)]):
        booking = book(joe, services[index], days, hour, CUSTOMERS[number % 4], now)
        if booking:
            mark_completed(booking, by=By.of(worker), now=now)
    for number, (days, hour, index) in enumerate([(1, 9, 0), (1, 13, 3), (2, 8, 2), (3, 10, 4), (5, 11, 1)]):
        book(joe, services[index], days, hour, CUSTOMERS[(number + 1) % 4], now)
    pay_out(joe.connected_account, now=timezone.now())
    add_quotes(joe, services[4], [details_of(joe, person) for person in CUSTOMERS[:2]], now)


def fill_alex(alex: Tradie, now: datetime) -> None:
    """Two who do the jobs, and customers may choose whom they want."""
    open_account(alex, now)
    with transaction.atomic():
        for day in range(5):
            add_hours(alex, day, (8, 0), (17, 0))
        services = add_services(alex, ALEX_SERVICES)
        bree = add_calendar(alex, "Bree", first_name="Alex")
        replace_week(bree, {day: [(7 * 60, 15 * 60)] for day in range(5)})
        let_customers_choose(alex, True)
    for customer in CUSTOMERS[:2]:
        book(alex, services[1], 2, 9, customer, now)


def open_account(tradie: Tradie, now: datetime) -> None:
    refresh(tradie.connected_account, now=now)


def add_hours(tradie: Tradie, weekday: int, opens: tuple[int, int], closes: tuple[int, int]) -> None:
    WorkingHours.objects.create(
        calendar=tradie.calendars.get(),
        weekday=weekday,
        opens_minute=opens[0] * 60 + opens[1],
        closes_minute=closes[0] * 60 + closes[1],
    )


def add_services(tradie: Tradie, rows: list[dict[str, Any]]) -> list[Service]:
    return [
        Service.objects.create(tradie=tradie, position=number, **{"deposit_kind": DepositKind.NONE, **row})
        for number, row in enumerate(rows)
    ]


def next_weekday(local: datetime, ahead: int) -> datetime:
    day = local + timedelta(days=ahead)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def book(
    tradie: Tradie,
    service: Service,
    days: int,
    hour: int,
    person: tuple[str, ...],
    now: datetime,
    card: str = "pm_card_visa",
) -> Booking | None:
    """A booking the way a customer makes it, deposit and all, on the free time nearest to the wish."""
    local = in_zone(now, tradie.timezone) + timedelta(days=days)
    wish = datetime.combine(local.date(), time(hour), zone(tradie.timezone))
    asked_at = min(now, wish - timedelta(days=2))
    details = replace(details_of(tradie, person), answers=answers_to(service))
    terms = terms_of(service)
    terms = agreed_in_zone(tradie, terms, details, Attempt(), accepted_cents=MOST_FEE_CENTS) or terms
    near = nearest_open(Wish(tradie, service.pk, terms.job, wish), asked_at)
    if not near:
        return None
    booking = request_booking(
        tradie=tradie,
        service=service,
        starts_at=near[0].starts,
        details=details,
        attempt=Attempt(),
        now=asked_at,
        terms=terms,
    )
    if booking.deposit_cents:
        pay_with_test_card(booking, card, now=asked_at)
        booking.refresh_from_db()
    return booking


def details_of(tradie: Tradie, person: tuple[str, ...]) -> Details:
    name, email, phone, line1, suburb, postcode = person
    return Details(name, email, phone, line1, suburb, str(tradie.state), postcode, "", {})


def answers_to(service: Service) -> dict[str, str]:
    return {
        question["id"]: "About 6 square metres" for question in service.questions if question.get("required")
    }

"""So many days of a plumber's past, and a third as many of his future, with every state in them. By the same rules as
everything else, each as of its own day, so that what it makes is what the product makes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from django.db.models import Count
from django.utils import timezone

from accounts.models import Service, Tradie
from accounts.service_rules import DepositKind
from bookings.actors import CUSTOMER, By
from bookings.by_hand import Deposit, JobByHand
from bookings.details import Attempt, Details
from bookings.lifecycle import mark_completed
from bookings.models import Booking
from bookings.open_slots import Wish, nearest_open
from bookings.terms import terms_of
from invoicing import jobs_by_hand, quotes
from invoicing.invoice_models import How
from invoicing.invoices import issue_invoice
from invoicing.line_items import Line
from invoicing.quote_acceptance import accept
from invoicing.quote_models import Quote
from invoicing.quote_terms import Pricing
from invoicing.quotes import Writing
from invoicing.receipts import record_cash
from local import demo_everyday
from local.demo_data import book
from payments.approvals import decline
from payments.bills import standing_of
from payments.cancellations import cancel_booking, cancel_job
from payments.no_shows import mark
from payments.refunds_by_hand import refund_by_hand
from payments.totals import totals_of
from peepopay.local_time import in_zone

Person = tuple[str, ...]
FIRST = ("Ava", "Noah", "Isla", "Oliver", "Mia", "Jack", "Zoe", "Leo", "Ruby", "Arjun", "Hana", "Mateo")
LAST = ("Nguyen", "Smith", "Papadopoulos", "Singh", "O'Neill", "Rossi", "Kaur", "Brown", "Haddad", "Wilson")
PLACES = (
    ("Enmore", "2042"),
    ("Dulwich Hill", "2203"),
    ("Stanmore", "2048"),
    ("Ashfield", "2131"),
    ("Hornsby", "2077"),
)
HOURS = (7, 9, 11, 13)
TITLES = ("New hot water system", "Repipe the laundry", "Outdoor tap and hose reel")
A_DAY = timedelta(days=1)
MOST_COMING = 45  # Joe takes bookings so far ahead


@dataclass(frozen=True)
class Stage:
    """Whose history it is, who does it, and what chance has in store."""

    tradie: Tradie
    services: list[Service]
    by: By
    dice: Random
    now: datetime


def fill(days: int) -> dict[str, int]:
    """Joe's. Returns how many bookings he has in each state."""
    joe = Tradie.objects.get(slug="joe-plumber")
    demo_everyday.settle_in(joe)
    services = list(joe.services.all())
    for service in services:
        service.tradie = joe
    owner = joe.memberships.filter(role="owner").select_related("user")[0]
    stage = Stage(joe, services, By.of(owner), Random(days), timezone.now())  # noqa: S311 (no secret)
    people, fates = _people(stage.dice), cycle(FATES)
    for day in range(-days, 0):
        for hour in stage.dice.sample(HOURS, 2):
            _past_job(stage, day, hour, next(people), next(fates))
    for day in range(1, min(days // 3, MOST_COMING)):
        book(joe, stage.dice.choice(services), day, stage.dice.choice(HOURS), next(people), stage.now)
    _by_hand(stage, people)
    _quotes(stage, people)
    demo_everyday.go_on(joe, people, stage.by, stage.now)
    rows = joe.bookings.filter(holds_for=None).order_by().values("status").annotate(count=Count("pk"))
    return {row["status"]: row["count"] for row in rows}


def _people(dice: Random) -> Iterator[Person]:
    """Some come back."""
    known: list[Person] = []
    while True:
        if known and dice.random() < 0.3:
            yield dice.choice(known)
            continue
        first, last, number = dice.choice(FIRST), dice.choice(LAST), len(known)
        suburb, postcode = dice.choice(PLACES)
        street = f"{dice.randrange(1, 180)} {dice.choice(LAST)} Street"
        email = f"{first}.{last}.{number}@example.com".lower().replace("'", "")
        known.append((f"{first} {last}", email, f"+61412{556000 + number}", street, suburb, postcode))
        yield known[-1]


Fate = Callable[[Booking, Stage], object]


def _past_job(stage: Stage, day: int, hour: int, person: Person, fate: Fate) -> None:
    """A weekend, or a time that is taken, moves to the nearest free one; what that brings into the future stays."""
    services = [service for service in stage.services if service.requires_approval == (fate is _declined)]
    if fate is _disputed:
        services = [service for service in services if service.deposit_cents]
    card = "pm_card_createDispute" if fate is _disputed else "pm_card_visa"
    booking = book(stage.tradie, stage.dice.choice(services), day, hour, person, stage.now, card)
    if booking and booking.ends_at < stage.now:
        fate(booking, stage)


def _done(booking: Booking, stage: Stage) -> None:
    mark_completed(booking, by=stage.by, now=booking.ends_at)


def _disputed(booking: Booking, stage: Stage) -> None:
    """The card that paid sees to it."""
    _done(booking, stage)


def _invoiced(booking: Booking, stage: Stage) -> None:
    """Most pay what is left, one way or another."""
    at = booking.ends_at + timedelta(hours=1)
    lines = [Line("Labour, hours", Decimal("1.5"), 11_000), Line("Parts", Decimal(1), 4_250)]
    issue_invoice(booking, lines, key=uuid.uuid4(), by=stage.by, now=at)
    standing = standing_of(booking)
    if standing and standing.left_cents and stage.dice.random() < 0.8:
        paid_at = min(at + A_DAY, stage.now)
        record_cash(
            booking,
            standing.left_cents,
            how=stage.dice.choice(list(How)),
            received_on=in_zone(paid_at, stage.tradie.timezone).date(),
            key=uuid.uuid4(),
            by=stage.by,
            now=paid_at,
        )


def _cancelled(booking: Booking, stage: Stage) -> None:
    """In time, or so late that something is kept."""
    at = booking.starts_at - timedelta(hours=stage.dice.choice([3, 30]))
    cancel_booking(booking, by=CUSTOMER, now=at, reason="Something came up")


def _called_off(booking: Booking, stage: Stage) -> None:
    cancel_job(booking, by=stage.by, now=booking.starts_at - A_DAY, reason="The van broke down, sorry")


def _declined(booking: Booking, stage: Stage) -> None:
    decline(booking, by=stage.by, now=booking.starts_at - A_DAY, reason="Too far out for us")


def _no_show(booking: Booking, stage: Stage) -> None:
    mark(booking, by=stage.by, now=booking.starts_at + timedelta(minutes=30))


def _part_refunded(booking: Booking, stage: Stage) -> None:
    _done(booking, stage)
    if left := totals_of(booking).left_cents:
        at, key = min(booking.ends_at + A_DAY, stage.now), uuid.uuid4()
        refund_by_hand(booking, left // 3, note="For the mess in the hall", key=key, by=stage.by, now=at)


def _left_open(booking: Booking, stage: Stage) -> None:
    """Nobody said what became of it."""


FATES: tuple[Fate, ...] = (
    *(_done, _invoiced, _invoiced, _done, _cancelled, _invoiced, _no_show, _done, _part_refunded, _invoiced),
    *(_called_off, _done, _disputed, _invoiced, _declined, _done, _left_open),
)


def _by_hand(stage: Stage, people: Iterator[Person]) -> None:
    """For people who rang: asked for by a link, paid in cash, and waived."""
    drain = stage.services[0]
    for days, deposit in enumerate(Deposit, start=2):
        wish = Wish(stage.tradie, drain.pk, terms_of(drain).job, stage.now + days * A_DAY)
        free = nearest_open(wish, stage.now)[0]
        name, email, phone, line1, suburb, postcode = next(people)
        job = JobByHand(
            service=drain,
            starts_at=free.starts,
            details=Details(
                name, email, phone, line1, suburb, str(stage.tradie.state), postcode, "Rang this morning", {}
            ),
            attempt=Attempt(),
            deposit=deposit,
            by=stage.by,
            cash_cents=drain.deposit_cents,
        )
        jobs_by_hand.take(job, now=stage.now)


def _quotes(stage: Stage, people: Iterator[Person]) -> None:
    """A draft, one that waits, one that lapsed, one declined, and one that made a job."""
    draft, waits, lapsed, declined, accepted = (_writing(stage, next(people), number) for number in range(5))
    quotes.save_draft(stage.tradie, draft(stage.now), now=stage.now)
    quotes.send(stage.tradie, waits(stage.now), now=stage.now)
    long_ago = stage.now - 40 * A_DAY
    quotes.send(stage.tradie, lapsed(long_ago), now=long_ago)
    said_no = quotes.send(stage.tradie, declined(stage.now), now=stage.now)
    quotes.decline(said_no, version=1, reason="Found somebody closer", now=stage.now)
    said_yes = quotes.send(stage.tradie, accepted(stage.now), now=stage.now)
    _accept(Quote.objects.select_related("tradie", "current__service").get(pk=said_yes.pk), stage)


def _writing(stage: Stage, person: Person, number: int) -> Callable[[datetime], Writing]:
    name, email, phone, line1, suburb, postcode = person

    def on(day: datetime) -> Writing:
        return Writing(
            customer=Details(name, email, phone, line1, suburb, str(stage.tradie.state), postcode, "", {}),
            service=stage.services[0],
            title=TITLES[number % len(TITLES)],
            message="We take the old one away.",
            lines=[Line("Parts", Decimal(1), 120_000), Line("Fitting, hours", Decimal(3), 12_000)],
            duration_minutes=120,
            deposit=Pricing(DepositKind.NONE),
            last_day=in_zone(day, stage.tradie.timezone).date() + timedelta(days=14),
        )

    return on


def _accept(quote: Quote, stage: Stage) -> None:
    assert quote.current
    wish = Wish(stage.tradie, quote.current.service_id, quote.current.terms.job, stage.now + 4 * A_DAY)
    for free in nearest_open(wish, stage.now)[:1]:
        accept(quote, version=1, starts_at=free.starts, attempt=Attempt(), now=stage.now)

"""What the books say of a stretch of time: months, years, what is held."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from accounts.models import Tradie
from peepopay.local_time import in_zone, zone
from peepopay.periods import financial_year_of

from .chart import REVENUE, Account
from .models import Entry, Journal, JournalKind

RECEIVED = (JournalKind.DEPOSIT, JournalKind.BALANCE, JournalKind.NO_SHOW_FEE, JournalKind.CASH)
# What undoes a payment or a refund counts where that stood.
SENT_BACK = (JournalKind.REFUND, JournalKind.REVERSED, JournalKind.ADJUSTED)
DISPUTES = (JournalKind.DISPUTE, JournalKind.DISPUTE_WON)
CASH_ACCOUNTS = (Account.STRIPE, Account.BANK)
Sums = Mapping[tuple[str, str], int]  # (kind, account) -> cents


@dataclass(frozen=True)
class Figures:
    """In cents. `net_cents` is what is left of the money itself; `earned_cents` is without GST."""

    received_cents: int = 0
    deposits_cents: int = 0  # of that
    refunded_cents: int = 0
    disputed_cents: int = 0
    stripe_fees_cents: int = 0
    peepopay_fees_cents: int = 0
    earned_cents: int = 0
    gst_cents: int = 0
    paid_out_cents: int = 0
    other_cents: int = 0

    @property
    def fees_cents(self) -> int:
        return self.stripe_fees_cents + self.peepopay_fees_cents

    @property
    def net_cents(self) -> int:
        return self.received_cents - self.refunded_cents - self.disputed_cents - self.fees_cents

    @property
    def is_empty(self) -> bool:
        return not any(vars(self).values())


@dataclass(frozen=True)
class Month:
    starts: date
    figures: Figures


@dataclass(frozen=True)
class Bar:
    """A month with how long its bar is, of 100: by what was received."""

    month: Month
    length: int


@dataclass(frozen=True)
class Held:
    """What there is at a moment, in cents."""

    stripe_cents: int
    customers_cents: int
    disputed_cents: int


def month_of(tradie: Tradie, now: datetime) -> date:
    """The first of the month that it is at the tradie's."""
    return in_zone(now, tradie.timezone).date().replace(day=1)


def next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def months_back(first: date, count: int) -> list[date]:
    """This one and those before it."""
    found = [first]
    while len(found) < count:
        found.append(month_before(found[-1]))
    return found


def year_starts(day: date, *, financial: bool) -> date:
    """Of the year that the day is in: the calendar's, or the Australian financial year from July."""
    return financial_year_of(day) if financial else date(day.year, 1, 1)


def bounds(tradie: Tradie, first: date, until: date) -> tuple[datetime, datetime]:
    """From the beginning of one day to that of another, on the tradie's clock."""
    at = zone(tradie.timezone)
    return datetime.combine(first, time.min, at), datetime.combine(until, time.min, at)


def figures(tradie: Tradie, first: date, until: date) -> Figures:
    """Of the days from `first` to before `until`. One query."""
    return total(_figures(sums) for sums in _summed_by(MONTH, tradie, first, until).values())


def months(tradie: Tradie, first: date) -> list[Month]:
    """The twelve from `first` on. One query."""
    starts = [first]
    while len(starts) < 12:
        starts.append(next_month(starts[-1]))
    found = _summed_by(MONTH, tradie, first, next_month(starts[-1]))
    return [Month(month, _figures(found.get(month, {}))) for month in starts]


def with_bars(months: list[Month]) -> list[Bar]:
    most = max(month.figures.received_cents for month in months)
    return [
        Bar(month, max(month.figures.received_cents, 0) * 100 // most if most > 0 else 0) for month in months
    ]


def total(parts: Iterable[Figures]) -> Figures:
    """Of all of them together."""
    parts, names = list(parts), [field.name for field in fields(Figures)]
    return Figures(**{name: sum(getattr(part, name) for part in parts) for name in names})


def by_week(tradie: Tradie, first: date, until: date) -> dict[date, Figures]:
    """By the Mondays on which they begin; none where nothing moved. One query."""
    found = _summed_by(WEEK, tradie, first, until)
    return {week: _figures(sums) for week, sums in found.items() if week}


def by_service(tradie: Tradie, first: date, until: date) -> dict[uuid.UUID | None, Figures]:
    """By the service of the booking that it was for; under None what was for none. One query."""
    return {service: _figures(sums) for service, sums in _summed_by(SERVICE, tradie, first, until).items()}


MONTH = "date_trunc('month', j.at AT TIME ZONE %(zone)s)::date"
WEEK = "date_trunc('week', j.at AT TIME ZONE %(zone)s)::date"
SERVICE = "b.service_id"


def _summed_by(key: str, tradie: Tradie, first: date, until: date) -> dict[Any, Counter[tuple[str, str]]]:
    """What each account got by each kind of journal, by one of the expressions above."""
    found: defaultdict[Any, Counter[tuple[str, str]]] = defaultdict(Counter)
    since, before = bounds(tradie, first, until)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {key}, j.kind, e.account, sum(e.cents)
                FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
                LEFT JOIN bookings_booking b ON b.id = j.booking_id
                WHERE j.tradie_id = %(tradie)s AND j.at >= %(since)s AND j.at < %(before)s
                GROUP BY 1, 2, 3""",  # noqa: S608 (only expressions of our own go in)
            {"zone": tradie.timezone, "tradie": tradie.pk, "since": since, "before": before},
        )
        for group, kind, account, cents in cursor.fetchall():
            found[group][kind, account] += int(cents)
    return found


def _figures(sums: Sums) -> Figures:
    def of(accounts: tuple[Account, ...], kinds: tuple[JournalKind, ...] | None = None) -> int:
        return sum(
            cents
            for (kind, account), cents in sums.items()
            if account in accounts and (kinds is None or kind in kinds)
        )

    return Figures(
        received_cents=of(CASH_ACCOUNTS, RECEIVED),
        deposits_cents=of(CASH_ACCOUNTS, (JournalKind.DEPOSIT,)),
        refunded_cents=-of(CASH_ACCOUNTS, SENT_BACK),
        disputed_cents=-of(CASH_ACCOUNTS, DISPUTES),
        stripe_fees_cents=of((Account.STRIPE_FEES,)),
        peepopay_fees_cents=of((Account.PEEPOPAY_FEES,)),
        earned_cents=-of(REVENUE),
        gst_cents=-of((Account.GST,)),
        paid_out_cents=of((Account.BANK,), (JournalKind.PAYOUT,)),
        other_cents=-of((Account.OTHER,)),
    )


def balances(tradie: Tradie, *, until: datetime | None = None) -> dict[Account, int]:
    """What stands on each account: debit is positive. One query."""
    entries = Entry.objects.filter(journal__tradie=tradie)
    if until:
        entries = entries.filter(journal__at__lt=until)
    rows = entries.values_list("account").annotate(cents=Sum("cents"))
    return {Account(account): int(cents) for account, cents in rows}


def held(tradie: Tradie, *, until: datetime | None = None) -> Held:
    """What is there, of all time until then."""
    on = balances(tradie, until=until)
    return Held(on.get(Account.STRIPE, 0), -on.get(Account.DEPOSITS, 0), on.get(Account.DISPUTED, 0))


def has_any(tradie: Tradie) -> bool:
    """Whether anything ever stood in the books."""
    return Journal.objects.filter(tradie=tradie).exists()


def journals_in(tradie: Tradie, first: date, until: date) -> QuerySet[Journal]:
    """The newest first, with their entries and bookings; to be bounded by the caller."""
    since, before = bounds(tradie, first, until)
    return (
        Journal.objects.filter(tradie=tradie, at__gte=since, at__lt=before)
        .select_related("booking")
        .prefetch_related("entries")
        .order_by("-at", "-id")
    )


def balance_of(tradie_id: uuid.UUID, account: Account) -> int:
    """What stands on one account, in cents: debit is positive."""
    found = Entry.objects.filter(journal__tradie=tradie_id, account=account).aggregate(cents=Sum("cents"))
    return int(found["cents"] or 0)

"""The figures of the Reports page, worked out as they are asked for: the page asks for all, a file for its own."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from accounts.models import Membership
from accounts.roles import May
from bookings import tallies
from bookings.job_lists import jobs_of
from bookings.tallies import CalledOff, Tally, Who
from ledger import reports as books
from ledger.reports import Figures
from peepopay.periods import Period

from .reports_words import Ahead, Hours

NO_BOOKING = "Not for a booking"


class Line(NamedTuple):
    """What the bookings of a week or of a service came to, and what the books say of it."""

    name: str
    tally: Tally
    figures: Figures


class Side(NamedTuple):
    """All there is to compare of a period."""

    tally: Tally
    called_off: CalledOff
    who: Who
    figures: Figures


class Report:
    """Of a period, and of the one before it. Without the right to see the books, their figures are all 0."""

    def __init__(self, member: Membership, period: Period, before: Period, now: datetime) -> None:
        self.tradie, self.period, self.compared, self.now = member.tradie, period, before, now
        self.jobs, self.zone = jobs_of(member), member.tradie.timezone
        self.sees_money = May.MONEY in member.may

    @cached_property
    def weeks(self) -> list[Line]:
        """Two queries, or one without the books."""
        money = books.by_week(self.tradie, self.period.first, self.period.until) if self.sees_money else {}
        counted = tallies.by_week(self.jobs, self.period, self.zone, self.now)
        return [Line(str(week), tally, money.get(week.monday, Figures())) for week, tally in counted]

    @cached_property
    def services(self) -> list[Line]:
        """Those that were booked or brought in something, the most wanted first. Three queries, or two."""
        money = books.by_service(self.tradie, self.period.first, self.period.until) if self.sees_money else {}
        counted = tallies.by_service(self.jobs, self.period, self.zone, self.now)
        names = dict(self.tradie.services.values_list("pk", "name"))
        lines = [
            Line(
                names.get(key, NO_BOOKING) if key else NO_BOOKING,
                counted.get(key, Tally()) if key else Tally(),
                money.get(key, Figures()),
            )
            for key in {*counted, *money}
        ]
        told = [line for line in lines if line.tally.bookings or says_something(line.figures)]
        return sorted(told, key=lambda line: (-line.tally.jobs, line.name == NO_BOOKING, line.name))

    @cached_property
    def ahead(self) -> Ahead:
        """One query."""
        return Ahead(tallies.days_ahead(self.jobs, self.period, self.zone))

    @cached_property
    def hours(self) -> Hours:
        """One query."""
        return Hours(tallies.by_hour(self.jobs, self.period, self.zone))

    @cached_property
    def these(self) -> Side:
        """Two queries besides those of the weeks."""
        return Side(
            tallies.total(line.tally for line in self.weeks),
            *self._who_did_what(self.period),
            books.total(line.figures for line in self.weeks),
        )

    @cached_property
    def before(self) -> Side:
        """Four queries, or three without the books."""
        first, until = self.compared.first, self.compared.until
        return Side(
            tallies.tally(self.jobs, self.compared, self.zone, self.now),
            *self._who_did_what(self.compared),
            books.figures(self.tradie, first, until) if self.sees_money else Figures(),
        )

    def _who_did_what(self, period: Period) -> tuple[CalledOff, Who]:
        return (
            tallies.called_off(self.jobs, period, self.zone),
            tallies.who_came(self.jobs, period, self.zone),
        )

    @property
    def is_empty(self) -> bool:
        return not any(
            side.tally.bookings or says_something(side.figures) for side in (self.these, self.before)
        )


def says_something(figures: Figures) -> bool:
    return bool(figures.received_cents or figures.earned_cents)

"""Which journals a booking's books lack: for any life of a booking they sum to zero, to the cent, however often and
whenever somebody looks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.chart import REVENUE, Account
from ledger.models import JournalKind
from ledger.planning import Entered, Life, Plan, plan
from ledger.told import Movement, Owed, TaxedShare, Told
from peepopay.money import gst_within

BEGAN = datetime(2026, 6, 20, tzinfo=UTC)
CENTS = st.integers(1, 2_000_00)
HOURS = st.integers(0, 24 * 30)
POSITION = "booking:1"


def at(hours: int) -> datetime:
    return BEGAN + timedelta(hours=hours)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Told, Life]:
    """Payments, of which some goes back; some of that is still owed; a job that is done, called off, or to come."""
    movements, owed = [], []
    for number in range(draw(st.integers(1, 3))):
        paid, paid_at, at_once = draw(CENTS), draw(HOURS), draw(st.booleans())
        on = draw(st.sampled_from([Account.STRIPE, Account.BANK]))
        kind = draw(st.sampled_from([JournalKind.DEPOSIT, JournalKind.BALANCE]))
        movements.append(Movement(f"payment:{number}", kind, at(paid_at), {on: paid}, at_once))
        left, asked_at = paid, paid_at
        for part in range(draw(st.integers(0, 2))):
            back = draw(st.integers(0, left))
            asked_at += draw(st.integers(0, 50))
            sent_at = asked_at + draw(st.integers(0, 50))
            left -= back
            if draw(st.booleans()):
                source = f"refund:{number}.{part}"
                movements.append(Movement(source, JournalKind.REFUND, at(sent_at), {on: -back}, at_once))
                owed.append(Owed(back, at(asked_at), at(sent_at)))
            else:
                owed.append(Owed(back, at(asked_at)))
    shares = [
        TaxedShare(draw(st.integers(0, of)), of, at(draw(HOURS))) for of in draw(st.lists(CENTS, max_size=2))
    ]
    moments = [m.at for m in movements] + [o.since for o in owed] + [share.since for share in shares]
    ended_at = at(draw(HOURS)) if draw(st.booleans()) else None
    life = Life(
        POSITION,
        gst_registered=draw(st.booleans()),
        known_at=max([*moments, ended_at or BEGAN]),
        ended_at=ended_at,
        earned_on=draw(st.sampled_from([Account.SALES, Account.KEPT])),
    )
    return Told(movements, owed, shares), life


def entered_by(journals: list[Plan], before: dict[str, Entered] | None = None) -> dict[str, Entered]:
    """The books once these are entered too."""
    books = dict(before or {})
    for journal in journals:
        of = books.get(journal.source, Entered())
        assert journal.number == of.journals
        lines = Counter(of.lines)
        lines.update(journal.lines)
        taxed, free = of.taxed_cents + journal.taxed_cents, of.free_cents + journal.free_cents
        books[journal.source] = Entered(of.journals + 1, lines, taxed, free)
    return books


def sums(books: dict[str, Entered]) -> Counter[Account]:
    found: Counter[Account] = Counter()
    for entered in books.values():
        found.update(entered.lines)
    return found


def check(told: Told, life: Life, books: dict[str, Entered]) -> None:
    """What must be so of finished books, said once more in the test's own words."""
    on = sums(books)
    assert sum(on.values()) == 0
    held = sum(movement.held_cents for movement in told.movements)
    assert on[Account.STRIPE] + on[Account.BANK] == held
    taxed = 0
    if life.ended_at:
        owed = sum(part.cents for part in told.owed if part.until is None)
        assert -on[Account.DEPOSITS] == min(owed, held), "held: what still goes back, and no more"
        taxed = held - min(owed, held)
        assert -sum(on[account] for account in REVENUE) - on[Account.GST] == taxed
    else:
        assert all(on[account] == 0 for account in REVENUE), "earned before the job"
        taxed = sum(movement.held_cents for movement in told.movements if movement.taxed_at_once)
    for share in sorted(told.shares, key=lambda share: share.since)[-1:]:
        taxed = int(Fraction(taxed * share.taxed_cents, share.of_cents) + Fraction(1, 2))
    assert -on[Account.GST] == (gst_within(taxed) if life.gst_registered else 0)
    earned = -sum(on[account] for account in REVENUE) - on[Account.GST]
    free = sum(entered.free_cents for entered in books.values())
    # Where so few cents change their tax that the GST stays the same, nothing is entered.
    assert abs(free - (earned - taxed if life.ended_at and life.gst_registered else 0)) <= 10


@given(lives())
def test_the_books_sum_to_zero_and_say_what_moved_what_is_earned_and_what_is_due(
    life: tuple[Told, Life],
) -> None:
    told, of = life
    journals = plan(told, of, {})
    assert all(sum(journal.lines.values()) == 0 and journal.lines for journal in journals)
    check(told, of, entered_by(journals))


@given(lives())
def test_who_looks_twice_enters_nothing_twice(life: tuple[Told, Life]) -> None:
    told, of = life
    books = entered_by(plan(told, of, {}))
    assert plan(told, of, books) == []
    assert plan(told, replace(of, posted_until=of.known_at), books) == []


def until(told: Told, of: Life, moment: datetime) -> tuple[Told, Life]:
    """What was known then."""
    known = Told(
        [movement for movement in told.movements if movement.at <= moment],
        [
            replace(part, until=part.until if part.until and part.until <= moment else None)
            for part in told.owed
            if part.since <= moment
        ],
        [share for share in told.shares if share.since <= moment],
    )
    ended_at = of.ended_at if of.ended_at and of.ended_at <= moment else None
    return known, replace(of, known_at=moment, ended_at=ended_at)


@given(lives(), st.lists(HOURS, max_size=6))
def test_books_kept_as_it_happens_and_books_entered_a_year_later_are_the_same_month_by_month(
    life: tuple[Told, Life], looks: list[int]
) -> None:
    told, of = life
    books: dict[str, Entered] = {}
    as_it_happens: list[Plan] = []
    posted_until = None
    for moment in [*sorted(moment for hours in looks if (moment := at(hours)) < of.known_at), of.known_at]:
        known, so_far = until(told, of, moment)
        new = plan(known, replace(so_far, posted_until=posted_until), books)
        books, posted_until = entered_by(new, books), moment
        as_it_happens += new
    later = plan(told, of, {})
    check(told, of, books)
    assert by_moment(as_it_happens) == by_moment(later)


def by_moment(journals: list[Plan]) -> dict[datetime, dict[Account, int]]:
    found: dict[datetime, Counter[Account]] = {}
    for journal in journals:
        found.setdefault(journal.at, Counter()).update(journal.lines)
    return {
        moment: {a: c for a, c in lines.items() if c}
        for moment, lines in found.items()
        if any(lines.values())
    }


@given(lives(), lives())
def test_whatever_turns_out_otherwise_is_put_right(
    before: tuple[Told, Life], after: tuple[Told, Life]
) -> None:
    """A refund that failed after all, a job that was not done, another amount: the difference is entered."""
    books = entered_by(plan(*before, {}))
    now = max(before[1].known_at, after[1].known_at)
    registered = before[1].gst_registered  # frozen when the first money came
    told, of = (
        after[0],
        replace(after[1], known_at=now, gst_registered=registered, posted_until=before[1].known_at),
    )
    books = entered_by(plan(told, of, books), books)
    check(told, of, books)


def test_a_security_deposit_is_taxed_when_it_is_earned_and_a_part_payment_at_once() -> None:
    for at_once, due_first in ((False, 0), (True, 273)):
        paid = Told([Movement("payment:1", JournalKind.DEPOSIT, at(0), {Account.STRIPE: 3_000}, at_once)])
        before = Life(POSITION, True, at(0))
        books = entered_by(plan(paid, before, {}))
        assert -sums(books)[Account.GST] == due_first
        done = replace(before, known_at=at(48), ended_at=at(48), posted_until=at(0))
        (journal,) = plan(paid, done, books)
        assert (journal.kind, journal.at) == (JournalKind.EARNED, at(48))
        assert journal.lines[Account.SALES] == -2_727
        books = entered_by([journal], books)
        assert (sums(books)[Account.GST], sums(books)[Account.DEPOSITS]) == (-273, 0)


def test_of_lines_that_are_free_of_gst_none_is_due() -> None:
    """A quote of $220 of which half is free, a part payment of $110, and an invoice with the rest, free as well."""
    paid = Movement("payment:1", JournalKind.DEPOSIT, at(1), {Account.STRIPE: 11_000}, taxed_at_once=True)
    rest = Movement("receipt:1", JournalKind.CASH, at(3), {Account.BANK: 22_000}, taxed_at_once=True)
    quoted, invoiced = TaxedShare(11_000, 22_000, at(0)), TaxedShare(11_000, 33_000, at(2))
    life = Life(POSITION, gst_registered=True, known_at=at(1))
    books = entered_by(plan(Told([paid], shares=[quoted]), life, {}))
    assert sums(books)[Account.GST] == -500
    done = Life(POSITION, gst_registered=True, known_at=at(3), ended_at=at(2), posted_until=at(1))
    books = entered_by(plan(Told([paid, rest], shares=[quoted, invoiced]), done, books), books)
    assert (sums(books)[Account.GST], sums(books)[Account.SALES]) == (-1_000, -32_000)


def test_a_refund_after_the_job_is_a_refund_and_a_job_undone_takes_its_sale_back() -> None:
    paid = Movement("payment:1", JournalKind.DEPOSIT, at(0), {Account.STRIPE: 11_000})
    done = Life(POSITION, True, at(5), ended_at=at(5))
    books = entered_by(plan(Told([paid]), done, {}))
    back = Movement("refund:1", JournalKind.REFUND, at(9), {Account.STRIPE: -11_000})
    told = Told([paid, back], [Owed(11_000, at(8), at(9))])
    later = replace(done, known_at=at(9), posted_until=at(5))
    after = entered_by(plan(told, later, books), books)
    assert (sums(after)[Account.SALES], sums(after)[Account.REFUNDS]) == (-10_000, 10_000)
    undone = replace(later, ended_at=None, known_at=at(6))
    (journal,) = plan(Told([paid]), undone, books)
    assert (journal.kind, journal.lines[Account.SALES]) == (JournalKind.REVERSED, 10_000)


def test_a_dispute_that_is_lost_after_the_job_is_a_loss_and_its_gst_comes_back() -> None:
    paid = Movement("payment:1", JournalKind.DEPOSIT, at(0), {Account.STRIPE: 11_000})
    taken = Movement(
        "dispute:1", JournalKind.DISPUTE, at(9), {Account.STRIPE: -11_000, Account.DISPUTED: 11_000}
    )
    gone = Movement("dispute:1:lost", JournalKind.DISPUTE_LOST, at(30), {Account.DISPUTED: -11_000})
    told = Told([paid, taken, gone], [Owed(11_000, at(9), at(30), unless_earned=True)])
    on = sums(entered_by(plan(told, Life(POSITION, True, at(30), ended_at=at(5)), {})))
    assert {account: cents for account, cents in on.items() if cents} == {
        Account.SALES: -10_000,
        Account.DISPUTES_LOST: 10_000,
    }


def test_money_that_is_disputed_before_the_job_is_done_is_not_earned_until_the_bank_decides() -> None:
    paid = Movement("payment:1", JournalKind.DEPOSIT, at(0), {Account.STRIPE: 11_000})
    taken = Movement(
        "dispute:1", JournalKind.DISPUTE, at(2), {Account.STRIPE: -11_000, Account.DISPUTED: 11_000}
    )
    told = Told([paid, taken], [Owed(11_000, at(2), unless_earned=True)])
    on = sums(entered_by(plan(told, Life(POSITION, True, at(5), ended_at=at(5)), {})))
    assert (on[Account.SALES], on[Account.DEPOSITS], on[Account.DISPUTED]) == (0, -11_000, 11_000)

"""What the database itself promises of the books: they sum to zero, and nothing in them is ever changed or deleted."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Tradie
from ledger.chart import Account
from ledger.models import Entry, Journal, JournalKind
from ledger.planning import Plan
from ledger.posting import enter

pytestmark = pytest.mark.django_db(transaction=True)


def deposit(tradie: Tradie, lines: dict[Account, int], number: int = 0) -> Journal:
    planned = Plan("payment:1", number, JournalKind.DEPOSIT, timezone.now(), lines)
    with transaction.atomic():
        return enter(tradie.pk, planned, booking_id=None)


GOOD = {Account.STRIPE: 3_000, Account.DEPOSITS: -3_000}


@pytest.mark.parametrize(
    "lines", [{Account.STRIPE: 3_000}, {Account.STRIPE: 3_000, Account.DEPOSITS: -2_999}, {}]
)
def test_what_does_not_sum_to_zero_is_not_entered(sam: Tradie, lines: dict[Account, int]) -> None:
    with pytest.raises(IntegrityError, match="journal_sums_to_zero"):
        deposit(sam, lines)
    assert Journal.objects.count() == 0


def test_nothing_is_added_to_a_journal_that_stands(sam: Tradie) -> None:
    journal = deposit(sam, GOOD)
    more = [Entry(journal=journal, account=Account.GST, cents=5)]
    more += [Entry(journal=journal, account=Account.SALES, cents=-5)]
    with pytest.raises(IntegrityError, match="entry_comes_with_its_journal"):
        Entry.objects.bulk_create(more)


def test_an_event_is_entered_once(sam: Tradie) -> None:
    deposit(sam, GOOD)
    with pytest.raises(IntegrityError, match="journal_once_per_event"):
        deposit(sam, GOOD)
    deposit(sam, GOOD, number=1)


@pytest.mark.parametrize("table", ["ledger_journal", "ledger_entry"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nothing_is_changed_or_deleted_whoever_asks(sam: Tradie, table: str, change: str) -> None:
    deposit(sam, GOOD)
    with pytest.raises(IntegrityError, match="only ever added"), connection.cursor() as cursor:
        cursor.execute(change.format(table))
    assert Entry.objects.count() == 2


def test_an_entry_of_nothing_is_none(sam: Tradie) -> None:
    with pytest.raises(IntegrityError, match="entry_moves_something"):
        deposit(sam, {**GOOD, Account.GST: 0})

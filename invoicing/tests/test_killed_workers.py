"""A worker is killed at any statement while it makes a document, and another one takes the row up: one document, one
mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Service, Tradie
from invoicing.deposit_models import DepositReceipt
from invoicing.deposit_receipts import ask_for
from invoicing.models import InvoicePdf
from local.ports import wait_until
from local.testing.cast import make_booking
from local.testing.sent import Sent, deliver_all
from local.testing.working import work_on
from notifications.models import Message
from payments.tests.interleaving import Died, Fate
from peepopay.models import OutboxRow

from .test_deposit_receipts import paid
from .test_invoices import ABN, bill

pytestmark = pytest.mark.django_db(transaction=True)
DEATHS = [Fate.DIES_BEFORE, Fate.DIES_AFTER]
MOST_WRITES = 30


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """Before any test's transaction: on a busy machine that takes longer than one may be idle."""
    import_module("invoicing.paper")


class Killer:
    """Dies at the n-th statement that changes something, before the database has it or after."""

    def __init__(self, number: int, fate: Fate) -> None:
        self.left, self.fate = number, fate
        self.struck = False

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.lstrip().startswith(("UPDATE", "INSERT", "DELETE", "WITH", "NOTIFY")):
            self.left -= 1
        if self.left >= 0 or self.struck:
            return execute(sql, *rest)
        self.struck = True
        if self.fate is Fate.DIES_AFTER:
            execute(sql, *rest)
        raise Died


@contextmanager
def dying(killer: Killer) -> Iterator[None]:
    connection.ensure_connection()
    session = connection.connection.info.backend_pid
    try:
        with connection.execute_wrapper(killer):
            yield
    except Died:
        # A dead process's transaction and locks go with its session, which must not go back to the pool.
        connection.connection.close()
        connection.close()
        assert wait_until(lambda: not _lives(session), seconds=10)


def _lives(session: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)", [session])
        return bool(cursor.fetchone()[0])


def killed_everywhere(make: Callable[[], OutboxRow], fate: Fate) -> Iterator[OutboxRow]:
    """A fresh row for each statement of its work, killed there and then taken up by another worker."""
    for number in range(MOST_WRITES):
        row, killer = make(), Killer(number, fate)
        with dying(killer):
            work_on(row)
        if not killer.struck:
            assert number > 2, "the work changes nothing"
            return
        row.refresh_from_db()
        kept = row.content  # type: ignore[attr-defined]
        work_on(row)
        assert row.done_at, f"killed at statement {number}"
        assert kept in (None, row.content)  # type: ignore[attr-defined]
        yield row
    pytest.fail("it never ends")


@pytest.mark.parametrize("fate", DEATHS)
def test_an_invoice_is_made_once_and_mailed_once(fate: Fate, drain: Service, sent: Sent) -> None:
    Tradie.objects.update(abn=ABN)

    def make() -> OutboxRow:
        job = make_booking(drain, timezone.now() - timedelta(days=1 + InvoicePdf.objects.count()))
        return InvoicePdf.objects.get(invoice=bill(job, 12_000))

    for row in killed_everywhere(make, fate):
        assert Message.objects.filter(kind="invoice", channel="email").count() == 1
        before = len(sent.mails)
        deliver_all(now=timezone.now())
        documents = [part for mail in sent.mails[before:] for part in mail.iter_attachments()]
        assert [part.get_content() for part in documents] == [bytes(row.content)]  # type: ignore[attr-defined]
        Message.objects.all().delete()


@pytest.mark.parametrize("fate", DEATHS)
def test_the_receipt_of_a_deposit_is_made_once(fate: Fate, drain: Service) -> None:
    def make() -> OutboxRow:
        booking = paid(drain)
        assert ask_for(booking, now=timezone.now())
        return DepositReceipt.objects.get(payment__booking=booking)

    for row in killed_everywhere(make, fate):
        assert bytes(row.content).startswith(b"%PDF-")  # type: ignore[attr-defined]

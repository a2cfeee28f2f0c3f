"""After a test that commits, the rows that it left are deleted. Django's own way takes longer than most tests: it
truncates all tables, then makes the content types and permissions of all apps again. Before any test the cache is
empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase

from availability import slot_cache, slot_loans

# As `migrate` made them. No test changes them.
KEPT = {"django_content_type", "auth_permission"}
ONLY_EVER_ADDED_TO = ("accounts_auditentry", "ledger_journal", "ledger_entry")
WITHOUT_A_MODEL = {"cache"}  # counted guesses and sign-ups among it


@pytest.fixture(autouse=True)
def _empty_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test cached, or has on loan, is no other test's business."""
    caches["redis"].clear()
    monkeypatch.setattr(slot_cache, "_loans", slot_loans.Loans())


@pytest.fixture(scope="session", autouse=True)
def _left_rows_are_deleted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        djangos_way = TransactionTestCase._fixture_teardown
        patch.setattr(
            TransactionTestCase,
            "_fixture_teardown",
            lambda case: delete_rows() if may_skip_foreign_keys() else _emptied(djangos_way, case),
        )
        yield


def _emptied(djangos_way: Callable[[TransactionTestCase], None], case: TransactionTestCase) -> None:
    with audit_may_go():
        djangos_way(case)


@contextmanager
def audit_may_go() -> Iterator[None]:
    """The audit and the books let no row go (docs/audit.md, docs/ledger.md); the tables' owner can take their triggers
    off."""
    with connection.cursor() as cursor:
        for table in ONLY_EVER_ADDED_TO:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            for table in ONLY_EVER_ADDED_TO:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@cache
def may_skip_foreign_keys() -> bool:
    """The superuser that the run's own PostgreSQL has; not everybody who set a DATABASE_URL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone()[0] == "on")


def start_anew() -> None:
    """No rows, in the middle of a test that plays many stories. Truncating takes ten times as long: a new file for each
    table and index, and every connection plans all of its statements anew."""
    if may_skip_foreign_keys():
        delete_rows()
    else:
        with audit_may_go(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables())}")


def delete_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(deletion())


@cache
def deletion() -> str:
    """One statement for all tables, in any order."""
    deletes = "".join(f"DELETE FROM {table}; " for table in tables())  # noqa: S608
    return f"DO $$BEGIN PERFORM set_config('session_replication_role', 'replica', true); {deletes}END$$"


def tables() -> list[str]:
    """Those that tests write to."""
    models = connection.introspection.django_table_names(only_existing=True)
    return [connection.ops.quote_name(table) for table in sorted({*models, *WITHOUT_A_MODEL} - KEPT)]

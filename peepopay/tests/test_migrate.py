"""Tables are changed while they are in use: whoever comes meanwhile waits a moment at most."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from local.ports import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

IN_A_TRANSACTION = """from django.db import migrations


class Migration(migrations.Migration):
    operations = [migrations.RunSQL("ALTER TABLE in_use ADD COLUMN colour text")]
"""
STEP_BY_STEP = """from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    operations = [
        migrations.RunSQL("ALTER TABLE in_use ADD COLUMN colour text"),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY by_colour ON in_use (colour)"),
    ]
"""
INDEX = """from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    operations = [migrations.RunSQL("CREATE INDEX CONCURRENTLY by_number ON in_use (number)")]
"""


@contextmanager
def session(**limits: str) -> Iterator[psycopg.Connection]:
    given = connection.get_connection_params()
    address = {name: given[name] for name in ("dbname", "host", "port", "user", "password") if name in given}
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    with psycopg.connect(**address, options=options) as opened:
        yield opened


def waiting() -> int:
    """How many wait for a lock on the table."""
    with session() as looking:
        row = looking.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'in_use'::regclass"
        )
        return int(row.fetchone()[0])  # type: ignore[index]


@pytest.fixture
def table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE in_use AS SELECT generate_series(1, 3) AS number")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE in_use")
        cursor.execute("DELETE FROM django_migrations WHERE name = '0001_waits'")


def migrate() -> None:
    try:
        call_command("migrate", "ledger", "0001_waits", verbosity=0)
    finally:
        connection.close()


@pytest.fixture(params=[IN_A_TRANSACTION, STEP_BY_STEP], ids=["in a transaction", "step by step"])
def migration(
    request: pytest.FixtureRequest,
    table: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> str:
    folder = tmp_path / "waiting_migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "0001_waits.py").write_text(request.param)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("waiting_migrations")]:
        del sys.modules[name]
    settings.MIGRATION_MODULES = {"ledger": "waiting_migrations"}
    return str(request.param)


def test_readers_go_on_while_a_change_waits_for_a_slow_one(migration: str) -> None:
    with ThreadPoolExecutor() as threads, session() as slow:
        slow.execute("SELECT count(*) FROM in_use")  # and its transaction stays open
        done: Future[None] = threads.submit(migrate)
        assert wait_until(lambda: waiting() == 1, seconds=20)
        with session(lock_timeout="1000") as reader:
            for _ in range(20):
                reader.execute("SELECT count(*) FROM in_use")
                reader.commit()
        assert not done.done()
        slow.commit()
        done.result(timeout=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT colour FROM in_use")
        assert cursor.fetchall() == [(None,)] * 3
    assert valid_indexes() == migration.count("INDEX")


@pytest.mark.parametrize("migration", [INDEX], indirect=True)
def test_an_index_waits_for_as_long_as_somebody_works(migration: str) -> None:
    with ThreadPoolExecutor() as threads, session() as slow:
        slow.execute("INSERT INTO in_use VALUES (4)")  # and its transaction stays open
        done = threads.submit(migrate)
        assert wait_until(lambda: built_for_long(), seconds=20)
        slow.commit()
        done.result(timeout=30)
    assert valid_indexes() == 1


def built_for_long() -> bool:
    """Whether somebody has waited much longer to build an index than a change waits for its table."""
    with session() as looking:
        found = looking.execute(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
            " AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '400 ms'"
        )
        return found.fetchone() is not None


def valid_indexes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid = 'in_use'::regclass AND indisvalid")
        return int(cursor.fetchone()[0])

"""deploy/backup.sh and deploy/restore.sh: a database that is in use is copied, lost and filled again, and no row of it
differs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from local import postgres
from local.paths import CHECKOUT
from local.stack import Stack
from local.testing.crowd import Shop

pytestmark = pytest.mark.slow
SCRIPTS = CHECKOUT / "deploy"
FINGERPRINT = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {} t"
Fingerprints = dict[str, tuple[object, ...]]


def script(name: str, *words: str, database: str) -> subprocess.CompletedProcess[str]:
    """As an operator calls it: where the database is, libpq's variables say."""
    address = urlsplit(database)
    env = os.environ | {
        "PATH": f"{postgres.program_folder()}:{os.environ['PATH']}",
        "PGHOST": str(address.hostname),
        "PGPORT": str(address.port),
        "PGUSER": str(address.username),
        "PGDATABASE": address.path.removeprefix("/"),
    }
    return subprocess.run([SCRIPTS / name, *words], env=env, capture_output=True, text=True)


def fingerprints(link: psycopg.Connection) -> Fingerprints:
    """Of every row of every table, as this transaction sees them."""
    names = link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {
        name: link.execute(sql.SQL(FINGERPRINT).format(sql.Identifier(name))).fetchone() or ()
        for (name,) in names
    }


def rows(database: str) -> Fingerprints:
    with psycopg.connect(database) as link:
        return fingerprints(link)


@contextmanager
def customers_booking(shop: Shop) -> Iterator[list[int]]:
    """Two of them, one time after the other; the statuses that they were answered with."""
    service = shop.service("Leaking tap")
    starts = iter(shop.free_starts(service, at_least=100, after_days=20))
    answered: list[int] = []
    over = threading.Event()

    def book() -> None:
        while not over.is_set():
            answered.append(shop.book(service, next(starts)).status)

    threads = [threading.Thread(target=book) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.fixture(scope="module")
def copied(unlimited_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Fingerprints]:
    """The file, and the rows at the moment that it holds; customers booked all the while."""
    folder, database = tmp_path_factory.mktemp("backups"), unlimited_stack.env["DATABASE_URL"]
    with psycopg.connect(database) as link, customers_booking(Shop(unlimited_stack.site_url)) as answered:
        link.execute("SET idle_in_transaction_session_timeout = 0")
        link.commit()
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        (moment,) = link.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        done = script("backup.sh", str(folder), f"--snapshot={moment}", database=database)
        assert done.returncode == 0, done.stderr
        expected = fingerprints(link)
        assert rows(database)["bookings_booking"] != expected["bookings_booking"], "nobody booked meanwhile"
    assert set(answered) == {201}
    return Path(done.stdout.strip()), expected


@pytest.fixture
def empty(unlimited_stack: Stack) -> Iterator[str]:
    """A new database on the same server, as after the loss of the old one."""
    server = urlsplit(unlimited_stack.env["DATABASE_URL"])
    with psycopg.connect(urlunsplit(server), autocommit=True) as link:
        link.execute("CREATE DATABASE restored")
        yield urlunsplit(server._replace(path="/restored"))
        link.execute("DROP DATABASE restored WITH (FORCE)")


def test_every_row_comes_back_and_the_product_runs_on_it(
    copied: tuple[Path, Fingerprints], empty: str, unlimited_stack: Stack
) -> None:
    file, expected = copied
    done = script("restore.sh", str(file), database=empty)
    assert done.returncode == 0, done.stderr
    assert rows(empty) == expected
    with psycopg.connect(empty) as link:  # and again, after somebody did the worst
        link.execute("TRUNCATE payments_payment CASCADE; DROP TABLE bookings_bookingevent CASCADE")
    done = script("restore.sh", str(file), "--replace", "restored", database=empty)
    assert done.returncode == 0, done.stderr
    assert rows(empty) == expected
    assert product_on(empty, unlimited_stack).split()[-1] == "0"


def product_on(database: str, stack: Stack) -> str:
    """What an operator runs next: `migrate`, and the self-check with what it prints."""
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0); call_command('check_invariants')"
    )
    env = stack.env | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "peepopay.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_database_that_is_not_empty_is_left_alone(
    copied: tuple[Path, Fingerprints], unlimited_stack: Stack
) -> None:
    database = unlimited_stack.env["DATABASE_URL"]
    for words in ([], ["--replace", "another"]):
        done = script("restore.sh", str(copied[0]), *words, database=database)
        assert (done.returncode, "is not empty" in done.stderr) == (1, True)
    assert set(rows(database)) == set(copied[1])


def test_a_file_that_was_changed_is_not_restored(
    copied: tuple[Path, Fingerprints], empty: str, tmp_path: Path
) -> None:
    file = tmp_path / copied[0].name
    file.write_bytes(copied[0].read_bytes()[:-1] + b"?")
    Path(f"{file}.sha256").write_text(Path(f"{copied[0]}.sha256").read_text())
    done = script("restore.sh", str(file), database=empty)
    assert (done.returncode, done.stderr) == (
        1,
        f"restore.sh: {file} is not what backup.sh wrote: its checksum differs.\n",
    )
    assert rows(empty) == {}


def test_a_copy_that_failed_leaves_no_file(tmp_path: Path, unlimited_stack: Stack) -> None:
    nowhere = urlsplit(unlimited_stack.env["DATABASE_URL"])._replace(path="/nowhere")
    assert script("backup.sh", str(tmp_path), database=urlunsplit(nowhere)).returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_old_copies_go_and_the_new_one_stays(tmp_path: Path, unlimited_stack: Stack) -> None:
    old = tmp_path / "peepopay-20250101T000000Z.dump"
    old.touch()
    os.utime(old, (0, 0))
    done = script("backup.sh", str(tmp_path), "--schema-only", database=unlimited_stack.env["DATABASE_URL"])
    new = Path(done.stdout.strip())
    assert sorted(tmp_path.iterdir()) == [new, Path(f"{new}.sha256")]
    assert new.stat().st_mode & 0o077 == 0  # it holds everybody's address

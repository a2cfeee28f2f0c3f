"""PgBouncer from Debian's package, with the settings of deploy/pgbouncer: loopback only, its own folder."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from local.paths import CHECKOUT
from local.ports import LOOPBACK, answers, free_port
from local.postgres import server_user
from local.processes import Process

DEPLOYED = CHECKOUT / "deploy" / "pgbouncer" / "pgbouncer.ini"


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
        (self.folder / "databases").write_text(
            f"{self.database} = host={LOOPBACK} port={self.postgres_port} dbname={self.database}\n"
        )
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(self.settings())
        return Process(
            name="PgBouncer",
            argv=[str(program()), str(settings)],
            log=self.folder / "pgbouncer.log",
            ready=lambda: answers(self.port),
            user=server_user(),
            cwd=self.folder,
        )

    def settings(self) -> str:
        """Those of a deployment, but for where it listens, who may come and how few sessions it has."""
        here = {
            "default_pool_size": self.sessions,
            "listen_addr": LOOPBACK,
            "listen_port": self.port,
            "auth_type": "trust",
            "auth_file": self.folder / "users",
        }
        text = DEPLOYED.read_text().replace("/etc/peepopay/databases.ini", str(self.folder / "databases"))
        for name, value in here.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        return f"{text}admin_users = postgres\n"

    @property
    def url(self) -> str:
        return f"postgres://postgres@{LOOPBACK}:{self.port}/{self.database}"

    @property
    def console(self) -> str:
        """Its own database, which answers SHOW CLIENTS and the like."""
        return f"postgres://postgres@{LOOPBACK}:{self.port}/pgbouncer"

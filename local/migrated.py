"""A cluster whose database is migrated, made once and copied by whoever needs one for a while: migrating takes ten
seconds of computing, a copy next to none. Made anew whenever a migration, or what migrations run on, has changed."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from local import postgres
from local.offline import PRODUCTION_LIKE
from local.paths import CHECKOUT
from local.ports import free_port
from local.processes import StartFailed
from local.stamps import Stamp, locked

DATABASE = "peepopay"
APPS = (
    "peepopay",
    "accounts",
    "notifications",
    "availability",
    "bookings",
    "ledger",
    "payments",
    "invoicing",
)
MIGRATIONS = [CHECKOUT / app / "migrations" for app in APPS]
RUN_ON = (
    "requirements-dev.txt",
    "local/migrated.py",
    "local/postgres.py",
    "peepopay/database.py",
    "peepopay/management/commands/migrate.py",
    "peepopay/settings.py",
)


def cluster() -> Path:
    """Its data folder, of a server that was shut down: not to be started, only copied. Raises StartFailed."""
    programs = hashlib.sha256(str(postgres.program_folder()).encode()).hexdigest()[:12]
    home = CHECKOUT / ".data" / "migrated" / programs
    data = postgres.reachable_data(home / "postgres", postgres.server_user())
    stamp = Stamp(home / ".made", [*MIGRATIONS, *(CHECKOUT / name for name in RUN_ON)])
    with locked(home.parent / "lock"):
        if not (stamp.fresh() and data.exists()):
            shutil.rmtree(data, ignore_errors=True)
            make(home)
            stamp.write()
    return data


def make(home: Path) -> None:
    port = free_port()
    server = postgres.postgres(
        port=port, data=home / "postgres", log=home / "postgres.log", disposable=False
    ).start()
    try:
        postgres.create_database(port, DATABASE)
        migrate(postgres.url(port, DATABASE))
    finally:
        server.stop()


def migrate(url: str) -> None:
    """Raises StartFailed with what it said."""
    own = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PEEPOPAY_PROGRAM": "migrate",
        "DATABASE_URL": url,
        "DATABASE_DIRECT_URL": url,
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput"],
        env=os.environ | PRODUCTION_LIKE | own,
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise StartFailed(f"manage.py migrate failed:\n{done.stdout[-4000:]}")

"""A copy of 100,000 bookings with what belongs to each, made and restored by the operator's own scripts, into a server
that writes to its disk as in production."""

import os
import subprocess
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.db import connection

from bench.report import Report
from bench.servers import folder
from bench.tables import fill_with_bookings
from bookings.models import Booking
from local import postgres
from local.paths import CHECKOUT
from local.ports import free_port

TRADIES, EACH = 20, 5_000


def measure(report: Report) -> None:
    fill_with_bookings(TRADIES, EACH)
    port = free_port()
    server = postgres.postgres(
        port=port, data=folder / "restored", log=folder / "restored.log", disposable=False
    ).start()
    postgres.create_database(port, "peepopay")
    copies = folder / "copies"
    copies.mkdir()
    copying = seconds(lambda: run("backup.sh", str(copies), database=os.environ["DATABASE_URL"]))
    (file,) = copies.glob("*.dump")
    restoring = seconds(lambda: run("restore.sh", str(file), database=postgres.url(port, "peepopay")))
    server.stop()
    bookings = Booking.objects.count() / 100_000
    report.figure("rows", rows(), "")
    report.figure("the copy", file.stat().st_size / 2**20, "MiB")
    report.figure("copying, for 100,000 bookings", copying / bookings, "s", at_most=120)
    report.figure("restoring, for 100,000 bookings", restoring / bookings, "s", at_most=120)


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def run(script: str, *words: str, database: str) -> None:
    address = urlsplit(database)
    env = os.environ | {
        "PATH": f"{postgres.program_folder()}:{os.environ['PATH']}",
        "PGHOST": str(address.hostname),
        "PGPORT": str(address.port),
        "PGUSER": str(address.username),
        "PGDATABASE": address.path.removeprefix("/"),
    }
    subprocess.run([CHECKOUT / "deploy" / script, *words], env=env, check=True, stdout=subprocess.DEVNULL)


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT sum(n_live_tup) FROM pg_stat_user_tables")
        return int(cursor.fetchone()[0])

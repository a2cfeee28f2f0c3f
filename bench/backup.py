"""A copy of 100,000 bookings with what belongs to each, made and restored by the operator's own scripts, into a server
that writes to its disk as in production."""

import os
import subprocess
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.db import connection, models, transaction
from django.utils import timezone

from bench.report import Report
from bench.servers import folder
from bench.tables import fill_with_bookings
from bookings.models import Booking, BookingEvent
from local import postgres
from local.paths import CHECKOUT
from local.ports import free_port
from notifications.models import Message
from payments.models import Payment, StripeEvent

TRADIES, EACH = 20, 5_000


def measure(report: Report) -> None:
    fill_with_bookings(TRADIES, EACH)
    add_what_belongs_to_them()
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


def add_what_belongs_to_them() -> None:
    """A payment, two events of Stripe's, three lines of history and three messages for each booking."""
    now, booking = timezone.now(), Booking.objects.latest("starts_at")
    intent = {"amount": 9900, "currency": "aud", "metadata": {"booking": str(booking.pk)}}
    samples: list[tuple[models.Model, int, dict[str, str]]] = [
        (
            Payment(
                booking=booking,
                account_id="acct_1",
                amount_cents=9900,
                parameters=intent,
                created_at=now,
                intent_id="",
            ),
            1,
            {"id": "gen_random_uuid()", "booking_id": "b.id", "intent_id": "'pi_' || b.reference"},
        ),
        (
            StripeEvent(id="", type="payment_intent.succeeded", created_at=now, done_at=now),
            2,
            {"id": "'evt_' || b.id || n", "object_id": "'pi_' || b.reference"},
        ),
        (
            BookingEvent(booking=booking, kind="confirmed", actor="customer", at=now),
            3,
            {"id": "nextval(pg_get_serial_sequence('bookings_bookingevent', 'id'))", "booking_id": "b.id"},
        ),
        (
            Message(
                tradie=booking.tradie,
                about=booking.pk,
                kind="booking_confirmed",
                audience="customer",
                channel="email",
                recipient=booking.customer_email,
                dedupe_key="",
                subject="Booked: Job",
                done_at=now,
                sent_at=now,
            ),
            3,
            {"id": "gen_random_uuid()", "about": "b.id", "dedupe_key": "b.id || ':' || n"},
        ),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for sample, each, changed in samples:
            sample.save(force_insert=True)
            columns = [field.column for field in sample._meta.concrete_fields]
            table = sample._meta.db_table
            cursor.execute(
                f"""INSERT INTO {table} ({", ".join(columns)})
                    SELECT {", ".join(changed.get(column, f"s.{column}") for column in columns)}
                    FROM {table} s, bookings_booking b, generate_series(1, {each}) n
                    WHERE s.{sample._meta.pk.column} = %s AND b.id <> %s""",  # noqa: S608 (our own names)
                [sample.pk, booking.pk],
            )


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT sum(n_live_tup) FROM pg_stat_user_tables")
        return int(cursor.fetchone()[0])

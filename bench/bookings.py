"""Bookings a second through the whole API, against pgbench running the same statements on the same tables.

The service takes no deposit, so nothing waits for Stripe: what is compared is everything we do around the statements.
"""

import itertools
import json
import re
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from statistics import median

import orjson
from django.conf import settings
from django.db import connection

from accounts.models import Tradie
from availability.models import WorkingHours
from bench.report import Report
from bench.servers import folder, gunicorn, pgbench
from bench.tables import a_tradie
from bookings.open_slots import list_times
from bookings.slot_inputs import SQL

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 16
AT_ONCE = 100
TRADIES = 50


def measure(report: Report) -> None:
    tradies = [_always_open() for _ in range(TRADIES)]
    script = folder / "bookings.sql"
    script.write_text(STATEMENTS.format(listing=_with_variables(SQL), tradies=TRADIES))
    _number(tradies)
    server, port = gunicorn("web.wsgi:application")
    bodies = _bodies(tradies)
    _book(port, bodies, connections=4, seconds=2)
    rounds = [(_book(port, bodies, CONNECTIONS, SECONDS), _pgbench(number)) for number in range(ROUNDS)]
    report.figure("pgbench, the same statements", median(r[1] for r in rounds), "bookings/s")
    report.figure("POST /api/bookings", median(r[0] for r in rounds), "bookings/s")
    report.figure("POST /api/bookings / pgbench", median(r[0] / r[1] for r in rounds), "", at_least=0.14)
    took = median(_all_at_once(port, bodies) for _ in range(ROUNDS))
    report.figure(f"{AT_ONCE} bookings at once, all made within", took, "s", at_most=1)
    server.stop()


def _always_open() -> Tradie:
    """Around the clock, with many free times to book."""
    tradie = a_tradie("open")
    calendar = tradie.calendars.get()
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=calendar, weekday=day, opens_minute=0, closes_minute=1440) for day in range(7)
    )
    return tradie


def _bodies(tradies: list[Tradie]) -> Iterator[bytes]:
    """Requests for free times that don't meet, one tradie after the other so that no calendar is the bottleneck."""
    now = datetime.now(UTC)
    month = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    for number in itertools.count(1):
        for tradie in tradies:
            if number == 1:
                listing = list_times(tradie.slug, None, month, now, whole_month=True)[0]
                days = orjson.loads(listing.body)["days"]
                tradie.starts = iter([start for day in days for start in day["starts"]][::4])  # type: ignore[attr-defined]
            yield _body(tradie, next(tradie.starts))  # type: ignore[attr-defined]


def _body(tradie: Tradie, start: str) -> bytes:
    asked = {
        "tradie": tradie.slug,
        "service": str(tradie.services.values_list("pk", flat=True)[0]),
        "start": start,
        "customer": {"name": "Jo Citizen", "email": "jo@example.com", "phone": "0412 345 678"},
        "address": {"line1": "1 George Street", "suburb": "Newtown", "state": "NSW", "postcode": "2042"},
        "notes": "The dog is friendly.",
        "answers": {},
    }
    return json.dumps(asked).encode()


def _book(port: int, bodies: Iterator[bytes], connections: int, seconds: float) -> float:
    """Bookings a second over that many connections."""
    ready = list(itertools.islice(bodies, int(seconds * 400)))
    done = itertools.count()
    ends = time.perf_counter() + seconds

    def customer() -> None:
        link = HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < ends and ready:
            _post(link, ready.pop())
            next(done)
        link.close()

    customers = [threading.Thread(target=customer) for _ in range(connections)]
    began = time.perf_counter()
    for thread in customers:
        thread.start()
    for thread in customers:
        thread.join()
    return next(done) / (time.perf_counter() - began)


def _post(link: HTTPConnection, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    link.request("POST", "/api/bookings", body, headers)
    response = link.getresponse()
    answer = response.read()
    if response.status != 201:
        raise RuntimeError(f"{response.status}: {answer[:300]!r}")


def _all_at_once(port: int, bodies: Iterator[bytes]) -> float:
    """Seconds until the last of 100 customers who press the button together has a booking."""
    together = threading.Barrier(AT_ONCE + 1)

    def customer(body: bytes) -> None:
        link = HTTPConnection("127.0.0.1", port)
        link.connect()
        together.wait()
        _post(link, body)
        link.close()

    customers = [
        threading.Thread(target=customer, args=(body,)) for body in itertools.islice(bodies, AT_ONCE)
    ]
    for thread in customers:
        thread.start()
    together.wait()
    began = time.perf_counter()
    for thread in customers:
        thread.join()
    return time.perf_counter() - began


def _pgbench(number: int) -> float:
    """Transactions a second of the same statements, over as many connections as the server's threads have."""
    database = settings.DATABASES["default"]
    ran = subprocess.run(
        [
            *(str(pgbench()), "--no-vacuum", "--file", str(folder / "bookings.sql")),
            *("--client", "8", "--jobs", "2", "--time", str(SECONDS)),
            *("--define", f"round={number}", "--define", "k=0"),
            *("-h", database["HOST"], "-p", str(database["PORT"]), "-U", database["USER"], database["NAME"]),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    found = re.search(r"tps = ([\d.]+)", ran.stdout)
    if ran.returncode or not found:
        raise RuntimeError(ran.stderr or ran.stdout)
    return float(found[1])


def _number(tradies: list[Tradie]) -> None:
    """A table by which pgbench finds a tradie by number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_tradie (n int PRIMARY KEY, slug text, tradie uuid, service uuid, email text)"
        )
        cursor.executemany(
            "INSERT INTO bench_tradie VALUES (%s, %s, %s, %s, %s)",
            [(n, t.slug, t.pk, t.services.get().pk, t.email) for n, t in enumerate(tradies)],
        )


def _with_variables(sql: str) -> str:
    return sql % {
        "slug": "':x_slug'",
        "service": "NULL::uuid",
        "now": "now()",
        "starts": "(':x_starts'::timestamptz - interval '3 days')",
        "ends": "(':x_starts'::timestamptz + interval '3 days')",
        "ignoring": "NULL::uuid",
        "ignoring_token_hash": "''",
    }


# As Django sends them for one request, in its order. The numbers give every booking a time of its own, in years that
# the requests don't reach.
STATEMENTS = r"""
\set k :k + 1
\set number (:round * 8 + :client_id) * 100000 + :k
\set which :number % {tradies}
\set hours :number / {tradies} * 2
SELECT s.*, t.*, b.slug AS slug, b.tradie AS tradie, b.service AS service, b.email AS email,
    gen_random_uuid() AS booking, timestamptz '2030-01-01Z' + :hours * interval '1 hour' AS starts
FROM bench_tradie b JOIN accounts_tradie t ON t.id = b.tradie JOIN accounts_service s ON s.id = b.service
WHERE b.n = :which \gset x_
BEGIN;
SELECT * FROM accounts_tradie WHERE id = ':x_tradie' LIMIT 21 FOR NO KEY UPDATE;
SELECT * FROM bookings_booking WHERE client_key = ':x_booking' AND tradie_id = ':x_tradie' ORDER BY starts_at LIMIT 1;
{listing};
INSERT INTO bookings_booking (
    id, reference, tradie_id, service_id, status, starts_at, ends_at, period, service_name, duration_minutes,
    buffer_before_minutes, buffer_after_minutes, price_cents, price_from, deposit_cents, requires_approval, policy,
    questions, customer_name, customer_email, customer_phone, address_line1, address_suburb,
    address_state, address_postcode, notes, answers, tradie_notes, token_hash, client_key, request_hash,
    client_address_hash, sequence, cancel_reason, created_at, confirmed_at)
VALUES (':x_booking', substr(':x_booking', 1, 12), ':x_tradie', ':x_service', 'confirmed', ':x_starts',
    ':x_starts'::timestamptz + interval '1 hour',
    tstzrange(':x_starts', ':x_starts'::timestamptz + interval '90 minutes'), 'Job', 60, 0, 30, 0, false, 0, false,
    '{{"late_fee_cents": 0, "no_refund_hours": 2, "no_show_fee_cents": 0, "free_cancellation_hours": 24}}', '[]',
    'Jo Citizen', 'jo@example.com', '+61412345678', '1 George Street', 'Newtown', 'NSW', '2042',
    'The dog is friendly.', '{{}}', '',
    ':x_booking', ':x_booking', 'b63382ea6dce7cfe8d192aad7ff41395108088da2dbe8ab7f7232912d3506636',
    'ecbd665bec18abdd936bea7e61aa31270745e32532bcd6d197f8c9dde8bd1fa7', 0, '', now(), now());
INSERT INTO bookings_bookingevent (booking_id, kind, actor, at, detail)
VALUES (':x_booking', 'confirmed', 'customer', now(), '') RETURNING id;
INSERT INTO notifications_message (
    due_at, lease, attempts, last_error, id, tradie_id, about, kind, audience, channel, recipient, dedupe_key, facts,
    created_at, skipped_because, subject)
SELECT now(), 0, 0, '', gen_random_uuid(), ':x_tradie', ':x_booking', kind, audience, channel, ':x_email',
    concat_ws(chr(58), ':x_booking', kind, audience, channel), '{{"sequence": 0}}', now(), '', ''
FROM (VALUES ('booking_confirmed', 'customer', 'email'), ('booking_confirmed', 'customer', 'sms'),
             ('booking_confirmed_tradie', 'tradie', 'email')) messages (kind, audience, channel);
NOTIFY peepopay_outbox;
UPDATE accounts_tradie SET calendar_version = calendar_version + 1 WHERE id = ':x_tradie'
RETURNING slug, calendar_version;
COMMIT;
SELECT sum(amount_cents), sum(refunded_cents), sum(reserved_cents) FROM payments_payment
WHERE booking_id = ':x_booking' AND status = 'succeeded';
"""

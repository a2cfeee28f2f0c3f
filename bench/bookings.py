"""Bookings a second through the whole API, against pgbench running the same statements on the same tables.

The service takes no deposit, so nothing waits for Stripe: what is compared is everything we do around the statements.
"""

import itertools
import json
import re
import subprocess
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from http.client import HTTPConnection
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings

from accounts.models import Tradie
from availability.models import WorkingHours
from bench.report import Report
from bench.servers import folder, pgbench, serve
from bench.statements import pgbench_script, record
from bench.tables import a_tradie
from bookings.open_slots import list_times

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 16
AT_ONCE = 100
TRADIES = 50
BRISBANE = ZoneInfo("Australia/Brisbane")


def measure(report: Report) -> None:
    tradies = [_always_open() for _ in range(TRADIES)]
    recorded = [record(_body(tradie, _some_noon(number))) for number, tradie in enumerate(tradies)]
    (folder / "bookings.sql").write_text(pgbench_script(recorded))
    report.figure("statements of a booking", len(recorded[0].statements), "")
    server, port = serve("web.warm_wsgi:application")
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
    """Around the clock, with many free times to book, where every day has 24 hours."""
    tradie = a_tradie("open", timezone=BRISBANE.key, state="QLD", closed_on_public_holidays=False)
    calendar = tradie.calendars.get()
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=calendar, weekday=day, opens_minute=0, closes_minute=1440) for day in range(7)
    )
    return tradie


def _some_noon(number: int) -> str:
    """Days differ, so that a time which is not told apart from the others shows."""
    day = datetime.now(BRISBANE).date() + timedelta(days=10 + number % 14)
    return datetime.combine(day, time(12), BRISBANE).isoformat()


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
    ends = perf_counter() + seconds

    def customer() -> None:
        link = HTTPConnection("127.0.0.1", port)
        while perf_counter() < ends and ready:
            _post(link, ready.pop())
            next(done)
        link.close()

    customers = [threading.Thread(target=customer) for _ in range(connections)]
    began = perf_counter()
    for thread in customers:
        thread.start()
    for thread in customers:
        thread.join()
    return next(done) / (perf_counter() - began)


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
    began = perf_counter()
    for thread in customers:
        thread.join()
    return perf_counter() - began


def _pgbench(number: int) -> float:
    """Transactions a second of the same statements, over eight connections: on two cores more are no faster."""
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

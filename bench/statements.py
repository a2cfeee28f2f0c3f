"""The statements of one booking as a pgbench script: recorded while the product makes some bookings, with all that is
one booking's own (its ids, its hashes, its times) turned into variables. So pgbench runs what the product runs today.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import unified_diff

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?\+\d\d(?::?\d\d)?")
AN_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])")
AN_HOUR, A_MINUTE = timedelta(hours=1), timedelta(minutes=1)

# Every run books a time of its own, in years that the requests don't reach.
SCRIPT = r"""
\set k :k + 1
\set number (:round * 8 + :client_id) * 100000 + :k
\set hours :number / {tradies} * 2
SELECT tradie.*, {variables}
FROM bench_tradie tradie, (SELECT timestamptz '2030-01-01Z' + :hours * interval '1 hour' AS starts) job
WHERE tradie.n = :number % {tradies} \gset x_
{statements}
"""
ID, HASH = "gen_random_uuid()", "md5(random()::text) || md5(random()::text)"
BARE_ID = "md5(random()::text)"  # as long as a UUID without its dashes
OWN_IDS = {"id": ID, "client_key": ID}
OWN_TEXTS = {"reference": "substr(md5(random()::text), 1, 9)", "token_hash": HASH, "request_hash": HASH}


@dataclass(frozen=True)
class Recorded:
    """A booking, and the SQL that made it, as it was sent."""

    booking: Booking
    statements: list[str]


def record(body: bytes) -> Recorded:
    """Book through the API, in this process."""
    with CaptureQueriesContext(connection) as queries:
        answer = Client(SERVER_NAME="127.0.0.1").post(
            "/api/bookings",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
    if answer.status_code != 201:
        raise RuntimeError(f"{answer.status_code}: {answer.content[:300]!r}")
    booking = Booking.objects.select_related("tradie").get(pk=answer.json()["booking"]["id"])
    return Recorded(booking, [query["sql"] for query in queries])


def pgbench_script(recorded: list[Recorded]) -> str:
    """Makes a booking for any of the tradies of `recorded`, one booking each, whom it also numbers in a table.

    Raises RuntimeError if the bookings differ in more than their own values.
    """
    _number([each.booking for each in recorded])
    templates = [Template(each) for each in recorded]
    for other in templates[1:]:
        if other.text != templates[0].text:
            difference = unified_diff(templates[0].text.splitlines(), other.text.splitlines(), n=0)
            raise RuntimeError("bookings are not made alike:\n" + "\n".join(difference))
    variables = ", ".join(f"{value} AS {name}" for name, value in templates[0].variables.items())
    return SCRIPT.format(tradies=len(recorded), variables=variables, statements=templates[0].text)


class Template:
    """`text`: the statements with `:x_name` for each of `variables` (name -> SQL) and for columns of bench_tradie."""

    def __init__(self, recorded: Recorded) -> None:
        self.booking = booking = recorded.booking
        self.variables = {**OWN_IDS, **OWN_TEXTS}
        self.ids = {getattr(booking, name): name for name in (*OWN_IDS, *_references())}
        text = "".join(f"{statement};\n" for statement in recorded.statements)
        for name, value in [("slug", booking.tradie.slug), *((n, getattr(booking, n)) for n in OWN_TEXTS)]:
            text = re.sub(rf"(?<![\w-]){value}(?![\w-])", f":x_{name}", text)
        self.text = AN_ID.sub(self._id, INSTANT.sub(self._instant, text))

    def _id(self, found: re.Match[str]) -> str:
        """One that is not the booking's belongs to a row that was made along with it, or is the request's."""
        known = uuid.UUID(found[0])
        if known not in self.ids:
            self.ids[known] = f"id_{len(self.ids)}"
            self.variables[self.ids[known]] = ID if "-" in found[0] else BARE_ID
        return f":x_{self.ids[known]}"

    def _instant(self, found: re.Match[str]) -> str:
        """Near the moment at which it was booked: so far from now; any other: so far from the job's start."""
        instant = datetime.fromisoformat(found[0])
        after_booking = instant - self.booking.created_at
        if abs(after_booking) < AN_HOUR:
            return self._time("now()", round(after_booking / A_MINUTE) * 60)
        return self._time("starts", round((instant - self.booking.starts_at).total_seconds()))

    def _time(self, base: str, seconds: int) -> str:
        name = f"{base.strip('()')}_{'before' if seconds < 0 else 'after'}_{abs(seconds)}"
        self.variables[name] = f"{base} + interval '{seconds} seconds'"
        return f":x_{name}"


def _references() -> list[str]:
    """The columns of a booking that point to rows of the tradie."""
    return [field.attname for field in Booking._meta.concrete_fields if field.is_relation]


def _number(bookings: Iterable[Booking]) -> None:
    """A table by which pgbench finds what a booking of tradie `n` points to."""
    columns = ", ".join(f"b.{name}" for name in _references())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TABLE bench_tradie AS SELECT row_number() OVER () - 1 AS n, t.slug, {columns}
                FROM bookings_booking b JOIN accounts_tradie t ON t.id = b.tradie_id WHERE b.id = ANY(%s)""",  # noqa: S608
            [[booking.pk for booking in bookings]],
        )
        cursor.execute("CREATE UNIQUE INDEX ON bench_tradie (n)")

"""Tables as full as those of a busy platform, filled by the database itself."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import Service, Tradie
from availability.models import Calendar, WorkingHours
from bookings.models import Booking
from local.testing.cast import make_booking

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # no copy meets its first there
_numbers = itertools.count(1)


def a_tradie(name: str, **fields: Any) -> Tradie:
    """A Sydney tradie with one service of an hour, followed by half an hour's drive."""
    number = next(_numbers)
    tradie = Tradie.objects.create(
        slug=f"{name}-{number}",
        business_name=name.title(),
        email=f"{name}@example.com",
        phone="+61295501234",
        **{"state": "NSW", "timezone": "Australia/Sydney", **fields},
    )
    Calendar.objects.create(tradie=tradie, name=tradie.business_name)
    Service.objects.create(tradie=tradie, name="Job", duration_minutes=60, buffer_after_minutes=30)
    return tradie


def a_week_of_hours(tradie: Tradie) -> None:
    """Weekdays 7 to 12 and 12:30 to 16."""
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=tradie.calendars.get(), weekday=day, opens_minute=opens, closes_minute=closes)
        for day in range(5)
        for opens, closes in ((420, 720), (750, 960))
    )


def fill_with_bookings(tradies: int, each: int) -> None:
    """`each` bookings for each of `tradies` tradies: three a day, half of them to come."""
    first = [make_booking(a_tradie("busy").services.get(), LONG_AGO).pk for _ in range(tradies)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_fill(), {"first": first, "each": each, "days_back": each // 6})
        Booking.objects.filter(pk__in=first).delete()
        cursor.execute("ANALYZE")


# Where a copy of a booking is not like the first; `later` is how much later it is.
OF_A_COPY = {
    "id": "gen_random_uuid()",
    "reference": "substr(md5(random()::text), 1, 12)",
    "token_hash": "md5(random()::text || b.id || n)",
    "starts_at": "b.starts_at + later",
    "ends_at": "b.ends_at + later",
    "period": "tstzrange(lower(b.period) + later, upper(b.period) + later)",
}


def _fill() -> str:
    """Copies of the bookings `first`, whatever columns a booking has."""
    columns = [field.column for field in Booking._meta.concrete_fields]
    return f"""
        INSERT INTO bookings_booking ({", ".join(columns)})
        SELECT {", ".join(OF_A_COPY.get(column, f"b.{column}") for column in columns)}
        FROM bookings_booking b, generate_series(0, %(each)s - 1) n,
            LATERAL (SELECT date_trunc('day', now()) - interval '3 hours'
                + make_interval(days => n / 3 - %(days_back)s, hours => n %% 3 * 2) - b.starts_at AS later) copy
        WHERE b.id = ANY(%(first)s)
    """  # noqa: S608 (only names of columns go in)

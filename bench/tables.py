"""Tables as full as those of a busy platform, filled by the database itself."""

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import Membership, Service, Tradie, User
from accounts.roles import Role
from availability.models import Calendar, WorkingHours
from bookings.models import Actor, Booking, BookingEvent, EventKind
from local.testing.cast import make_booking
from notifications.models import Message
from payments.models import Payment, PaymentStatus, StripeEvent

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # no copy meets its first there
_numbers = itertools.count(1)


def a_tradie(name: str, **fields: Any) -> Tradie:
    """A Sydney tradie with an owner and one service of an hour, followed by half an hour's drive."""
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
    owner = User.objects.create(email=f"owner@{tradie.slug}.example.com", name="Sam")
    Membership.objects.create(tradie=tradie, user=owner, role=Role.OWNER)
    return tradie


def a_week_of_hours(tradie: Tradie) -> None:
    """Weekdays 7 to 12 and 12:30 to 16."""
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=tradie.calendars.get(), weekday=day, opens_minute=opens, closes_minute=closes)
        for day in range(5)
        for opens, closes in ((420, 720), (750, 960))
    )


def fill_with_bookings(tradies: int, each: int) -> list[Tradie]:
    """`tradies` more of them, with `each` bookings: three a day, half of them to come; and what belongs to every
    booking: its deposit, Stripe's event, two lines of history, two messages."""
    made = _tradies(tradies)
    booking = make_booking(made[0].services.get(), LONG_AGO)
    samples = [*_what_belongs_to(booking), Copies(booking, OF_A_BOOKING)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("DROP TABLE IF EXISTS filled")
        cursor.execute(
            FILLED, {"tradies": [tradie.pk for tradie in made], "each": each, "days_back": each // 6}
        )
        for sample in reversed(samples):  # a booking before what refers to it
            cursor.execute(sample.sql(), [sample.row.pk])
        for sample in samples:
            type(sample.row)._base_manager.filter(pk=sample.row.pk).delete()
        booking.events.all().delete()
        Booking.objects.filter(pk=booking.pk).delete()
        cursor.execute("ANALYZE")
    return made


def _tradies(many: int) -> list[Tradie]:
    """As `a_tradie` makes them, in a statement for each table."""
    sample = a_tradie("busy")
    calendar, service, owner = sample.calendars.get(), sample.services.get(), sample.memberships.get()
    tradies = [_like(sample, slug=f"busy-{next(_numbers)}") for _ in range(many - 1)]
    Tradie.objects.bulk_create(tradies, batch_size=1000)
    Calendar.objects.bulk_create((_like(calendar, tradie=tradie) for tradie in tradies), batch_size=1000)
    Service.objects.bulk_create((_like(service, tradie=tradie) for tradie in tradies), batch_size=1000)
    somebody = User.objects.create(email=f"owner@all-like-{sample.slug}.example.com", name="Alex")
    members = (_like(owner, tradie=tradie, user=somebody) for tradie in tradies)
    Membership.objects.bulk_create(members, batch_size=1000)
    return [sample, *tradies]


def _like(sample: Model, **changes: Any) -> Any:
    """The same with another key."""
    fields = {field.attname: getattr(sample, field.attname) for field in sample._meta.concrete_fields}
    row = type(sample)(**fields | {"id": uuid.uuid4()})
    for name, value in changes.items():
        setattr(row, name, value)
    return row


@dataclass
class Copies:
    """`times` rows like `row` for every booking that `filled` names (as `f`); `changed`: columns that differ, in SQL,
    in which `n` counts."""

    row: Model
    changed: dict[str, str]
    times: int = 1

    def sql(self) -> str:
        table = self.row._meta.db_table
        columns = [field.column for field in self.row._meta.concrete_fields]
        return f"""
            INSERT INTO {table} ({", ".join(columns)})
            SELECT {", ".join(self.changed.get(column, f"s.{column}") for column in columns)}
            FROM {table} s, filled f, generate_series(1, {self.times}) n WHERE s.{self.row._meta.pk.column} = %s
        """  # noqa: S608 (only names of our own go in)


FILLED = """
    CREATE TEMP TABLE filled AS
    SELECT gen_random_uuid() AS id, s.tradie_id, s.id AS service_id, c.id AS calendar_id,
        date_trunc('day', now()) - interval '3 hours'
            + make_interval(days => n / 3 - %(days_back)s, hours => n %% 3 * 2) AS starts_at
    FROM accounts_service s JOIN availability_calendar c USING (tradie_id), generate_series(0, %(each)s - 1) n
    WHERE s.tradie_id = ANY(%(tradies)s)
"""
OF_A_BOOKING = {
    **{column: f"f.{column}" for column in ("id", "tradie_id", "service_id", "calendar_id", "starts_at")},
    "reference": "substr(md5(f.id::text), 1, 12)",
    "token_hash": "md5(f.id::text)",
    "ends_at": "f.starts_at + (s.ends_at - s.starts_at)",
    "period": "tstzrange(f.starts_at + (lower(s.period) - s.starts_at), f.starts_at + (upper(s.period) - s.starts_at))",
}


def _what_belongs_to(booking: Booking) -> list[Copies]:
    now = timezone.now()
    payment = Payment(
        booking=booking,
        status=PaymentStatus.SUCCEEDED,
        account_id="acct_1",
        intent_id="pi_1",
        amount_cents=9900,
        sent='{"amount": 9900, "currency": "aud"}',
        created_at=now,
        paid_at=now,
        checked_at=now,
    )
    event = StripeEvent(
        id="evt_1", type="payment_intent.succeeded", account_id="acct_1", created_at=now, done_at=now
    )
    line = BookingEvent(booking=booking, kind=EventKind.CONFIRMED, actor=Actor.CUSTOMER, at=now)
    message = Message(
        tradie=booking.tradie,
        about=booking.pk,
        kind="booking_confirmed",
        audience="customer",
        channel="email",
        recipient=booking.customer_email,
        dedupe_key="of a sample",
        subject="Booked: Job",
        done_at=now,
        sent_at=now,
    )
    for row in (payment, event, line, message):
        row.save(force_insert=True)
    intent = "'pi_' || md5(f.id::text)"
    next_line = "nextval(pg_get_serial_sequence('bookings_bookingevent', 'id'))"
    return [
        Copies(payment, {"id": "gen_random_uuid()", "booking_id": "f.id", "intent_id": intent}),
        Copies(event, {"id": "'evt_' || md5(f.id::text)", "object_id": intent}),
        Copies(line, {"id": next_line, "booking_id": "f.id"}, times=2),
        Copies(
            message,
            {
                "id": "gen_random_uuid()",
                "tradie_id": "f.tradie_id",
                "about": "f.id",
                "dedupe_key": "f.id || ':' || n",
            },
            times=2,
        ),
    ]

"""Tables as full as those of a busy platform, filled by the database itself."""

import itertools

from django.db import connection, transaction

from accounts.models import Service, Tradie, User
from availability.models import Calendar, WorkingHours

_numbers = itertools.count(1)


def a_tradie(name: str) -> Tradie:
    """A Sydney tradie with one service of an hour, followed by half an hour's drive."""
    number = next(_numbers)
    tradie = Tradie.objects.create(
        owner=User.objects.create(email=f"{name}{number}@example.com"),
        slug=f"{name}-{number}",
        business_name=name.title(),
        email=f"{name}@example.com",
        phone="(02) 9550 1234",
        state="NSW",
        timezone="Australia/Sydney",
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
    services = [a_tradie("busy").services.get() for _ in range(tradies)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            FILL, {"services": [service.pk for service in services], "each": each, "days_back": each // 6}
        )
        cursor.execute("ANALYZE")


FILL = """
INSERT INTO bookings_booking (
    id, reference, tradie_id, calendar_id, service_id, status, starts_at, ends_at, period, service_name,
    duration_minutes,
    buffer_before_minutes, buffer_after_minutes, price_cents, price_from, deposit_cents, requires_approval, policy,
    questions, customer_name, customer_email, customer_phone, address_line1, address_suburb,
    address_state, address_postcode, notes, answers, tradie_notes, token_hash, request_hash, client_address_hash,
    sequence, cancel_reason, created_at)
SELECT gen_random_uuid(), substr(md5(random()::text), 1, 12), s.tradie_id, c.id, s.id, 'confirmed', t.at,
    t.at + interval '1 hour', tstzrange(t.at, t.at + interval '90 minutes'), 'Job', 60, 0, 30, 0, false, 0, false,
    '{"late_fee_cents": 0, "no_refund_hours": 2, "no_show_fee_cents": 0, "free_cancellation_hours": 24}', '[]', 'Jo',
    'jo@example.com', '+61412345678', '1 George Street', 'Newtown', 'NSW', '2042', '', '{}', '',
    md5(random()::text || s.id || n), '', '',
    0, '', now()
FROM accounts_service s JOIN availability_calendar c USING (tradie_id), generate_series(0, %(each)s - 1) n,
    LATERAL (SELECT date_trunc('day', now()) - interval '3 hours'
                    + make_interval(days => n / 3 - %(days_back)s, hours => n %% 3 * 2) AS at) t
WHERE s.id = ANY(%(services)s)
"""

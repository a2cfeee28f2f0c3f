"""Everything that decides which times are free, read by one SQL statement: a miss of the slot cache costs one query.

The ORM would need six; what they bring back is plain numbers for the arithmetic in `availability.slots`.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from psycopg.types.multirange import Multirange

from accounts.call_out_zones import CallOutZone, read_zones, zone_for
from availability.openings import Openings, tidy
from availability.public_holidays import holidays_between
from availability.recurrence import Block
from availability.slots import Diary, Job, Rules
from availability.travel import Travel, Visit
from availability.wall_clock import DAY, Span, minute_of, wall_minute
from peepopay.errors import OutsideServiceArea
from peepopay.local_time import zone

from .models import HOLDS_TIME

# Literals, not parameters: PostgreSQL must see that they imply the condition of the exclusion constraint's index.
_HOLDS_TIME = ", ".join(f"'{status.value}'" for status in HOLDS_TIME)

_TAKEN = """floor(extract(epoch FROM lower(b.period)) / 60)::bigint,
                                         ceil(extract(epoch FROM upper(b.period)) / 60)::bigint,
                                         floor(extract(epoch FROM b.starts_at) / 60)::bigint"""
_AROUND = "tstzrange(%(starts)s, horizon.ends)"
_PLACE = "ceil(extract(epoch FROM b.ends_at) / 60)::bigint, b.address_postcode"

# Instants leave as whole UTC minutes (what ends within a minute takes all of it), dates as ISO strings.
SQL = f"""
SELECT json_build_object(
  'tradie', json_build_object(
    'id', t.id, 'business_name', t.business_name, 'is_open', t.is_open, 'timezone', t.timezone, 'state', t.state,
    'customers_choose', t.customers_choose_who,
    'horizon', t.horizon_days, 'keeps_holidays', t.closed_on_public_holidays, 'version', t.calendar_version,
    'zones', t.call_out_zones, 'kmh', t.travel_kmh, 'slack', t.travel_slack_minutes,
    'near', t.shows_near_days),
  'service', json_build_object(
    'id', s.id, 'is_active', s.is_active, 'length', s.length, 'before', s.before, 'after', s.after,
    'is_agreed', s.is_agreed),
  'calendars', (
    SELECT json_agg(json_build_object(
      'id', c.id, 'step', c.slot_step_minutes, 'notice', c.minimum_notice_minutes, 'cap', c.max_bookings_per_day,
      'hours', (
        SELECT json_agg(json_build_array(h.weekday, h.opens_minute, h.closes_minute))
        FROM availability_workinghours h WHERE h.calendar_id = c.id),
      'exceptions', (
        SELECT json_agg(json_build_array(e.date, e.opens_minute, e.closes_minute))
        FROM availability_dateexception e
        WHERE e.calendar_id = c.id AND e.date BETWEEN %(starts)s::date AND %(ends)s::date),
      'time_off', (
        SELECT json_agg(json_build_array(extract(epoch FROM o.starts_at), extract(epoch FROM o.ends_at),
                                         o.repeats, o.repeat_until))
        FROM availability_timeoff o
        WHERE o.calendar_id = c.id AND o.starts_at < %(ends)s
          AND (o.ends_at > %(starts)s OR o.repeats <> 'never')),
      'taken', (
        SELECT json_agg(CASE WHEN t.travel_kmh IS NULL AND NOT t.shows_near_days THEN json_build_array({_TAKEN})
                        ELSE json_build_array({_TAKEN}, {_PLACE}) END)
        FROM bookings_booking b
        WHERE b.calendar_id = c.id AND b.period && {_AROUND}
          AND b.status IN ({_HOLDS_TIME})
          AND b.id IS DISTINCT FROM %(ignoring)s
          AND (b.holds_for_id IS NULL OR b.holds_for_id IS DISTINCT FROM %(ignoring)s)
          AND b.token_hash <> %(ignoring_token_hash)s)
    ) ORDER BY c.position, c.name, c.id)
    FROM availability_calendar c
    WHERE c.tradie_id = t.id AND c.is_active AND (%(calendar)s::uuid IS NULL OR c.id = %(calendar)s)
      -- A service that names no calendar can be done by any.
      AND (NOT EXISTS (SELECT FROM availability_calendar_services cs WHERE cs.service_id = s.id)
           OR EXISTS (SELECT FROM availability_calendar_services cs
                      WHERE cs.service_id = s.id AND cs.calendar_id = c.id)))
)::text
FROM accounts_tradie t
CROSS JOIN LATERAL (
  -- However far ahead was asked: nothing beyond the tradie's horizon is on offer.
  SELECT greatest(%(starts)s, least(%(ends)s, %(now)s + make_interval(days => t.horizon_days + 3))) AS ends) horizon
LEFT JOIN LATERAL (
  SELECT s.id, s.is_active, coalesce(b.duration_minutes, s.duration_minutes) AS length,
         coalesce(b.buffer_before_minutes, s.buffer_before_minutes) AS before,
         coalesce(b.buffer_after_minutes, s.buffer_after_minutes) AS after, b.id IS NOT NULL AS is_agreed
  FROM accounts_service s
  LEFT JOIN bookings_booking b
    ON b.token_hash = %(ignoring_token_hash)s AND b.service_id = s.id AND b.status IN ({_HOLDS_TIME})
  WHERE s.tradie_id = t.id AND (s.id = %(service)s OR (%(service)s::uuid IS NULL AND s.is_active))
  ORDER BY s.position, s.name, s.id LIMIT 1) s ON true
WHERE t.slug = %(slug)s
"""  # noqa: S608 (only our own constants go in)

# Of what is taken only what meets some of these, whatever lies between: an index answers that for a year of dates.
SQL_OF_PERIODS = SQL.replace(_AROUND, "%(periods)s::tstzmultirange")

LONGEST_HORIZON = timedelta(days=366)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarDiary:
    """One calendar that can do the job, and all that decides when."""

    id: uuid.UUID
    diary: Diary


@dataclass(frozen=True, slots=True)
class SlotInputs:
    """A tradie's calendars around some dates, in their order, and the service asked for, where there is one.

    `job` is what the service takes today, or where `is_agreed` what was agreed in the booking that is to move.
    """

    business_name: str
    timezone: str
    horizon_days: int
    takes_bookings: bool
    customers_choose: bool
    calendar_version: int
    service_id: str | None
    service_is_active: bool
    job: Job | None
    is_agreed: bool
    zones: tuple[CallOutZone, ...]
    tells_places: bool  # the answer for a place depends on where the jobs are
    calendars: tuple[CalendarDiary, ...]

    def job_at(self, postcode: str) -> Job | None:
        """What the service takes there. Raises OutsideServiceArea where that is in no zone though there are some."""
        if self.job is None or not postcode:
            return self.job
        zone = zone_for(self.zones, postcode)
        if self.zones and zone is None:
            raise OutsideServiceArea
        job = self.job.with_more(zone.extra_minutes) if zone and not self.is_agreed else self.job
        return replace(
            job, weekdays=frozenset(zone.weekdays) if zone and zone.weekdays else None, postcode=postcode
        )

    @property
    def diaries(self) -> tuple[Diary, ...]:
        return tuple(calendar.diary for calendar in self.calendars)


def parameters(
    slug: str,
    service_id: uuid.UUID | None,
    first: date,
    last: date,
    now: datetime,
    *,
    calendar_id: uuid.UUID | None = None,
    ignoring: uuid.UUID | None = None,
    ignoring_token_hash: str = "",
) -> dict[str, Any]:
    """What `SQL` needs to know for the local dates `first` to `last`. Without a calendar: every one that can.

    Dates are kept to those that could be on offer, so that no date a client sends can leave the calendar. A day more
    on either side covers the zone's offset and a job's length and buffers.
    """
    earliest, latest = now.date() - A_DAY, now.date() + LONGEST_HORIZON + A_DAY
    first, last = (min(max(day, earliest), latest) for day in (first, last))
    return {
        "slug": slug,
        "now": now,
        "service": service_id,
        "calendar": calendar_id,
        "starts": datetime.combine(first - A_DAY, time(), UTC),
        "ends": datetime.combine(last + 2 * A_DAY, time(), UTC),
        "ignoring": ignoring,
        "ignoring_token_hash": ignoring_token_hash,
    }


def load(
    asked: dict[str, Any], *, count: bool = False, periods: Iterable[DateTimeTZRange] | None = None
) -> SlotInputs | None:
    """Run the statement; None: no such tradie. `count`: how many bookings each day has is asked for, whether or not
    a calendar has a daily cap. `periods`: all that is asked about; what is taken elsewhere is not read."""
    with connection.cursor() as cursor:
        if periods is None:
            cursor.execute(SQL, asked)
        else:
            within: Any = Multirange(periods)
            cursor.execute(SQL_OF_PERIODS, {**asked, "periods": within})
        row = cursor.fetchone()
    return _inputs(orjson.loads(row[0]), asked, count) if row else None


def _inputs(row: dict[str, Any], asked: dict[str, Any], count: bool) -> SlotInputs:
    tradie, service = row["tradie"], row["service"]
    known = service["id"] is not None
    ends = min(asked["ends"], asked["now"] + timedelta(days=tradie["horizon"] + 3))
    holidays = _holidays(tradie, asked["starts"], ends)
    within = minute_of(asked["starts"]), minute_of(ends)
    return SlotInputs(
        business_name=tradie["business_name"],
        timezone=tradie["timezone"],
        horizon_days=tradie["horizon"],
        takes_bookings=tradie["is_open"],
        customers_choose=tradie["customers_choose"],
        calendar_version=tradie["version"],
        service_id=service["id"],
        service_is_active=bool(service["is_active"]),
        job=Job(service["length"], service["before"], service["after"]) if known else None,
        is_agreed=bool(service["is_agreed"]),
        zones=tuple(read_zones(tradie["zones"])),
        tells_places=bool(tradie["kmh"]) or tradie["near"],
        calendars=tuple(
            CalendarDiary(uuid.UUID(calendar["id"]), _diary(calendar, tradie, holidays, within, count))
            for calendar in row["calendars"] or ()
        ),
    )


def _diary(
    calendar: dict[str, Any], tradie: dict[str, Any], holidays: frozenset[date], within: Span, count: bool
) -> Diary:
    tz, taken = zone(tradie["timezone"]), calendar["taken"] or ()
    return Diary(
        rules=Rules(tz, calendar["step"], calendar["notice"], tradie["horizon"], calendar["cap"]),
        openings=Openings(
            weekly=_weekly(calendar["hours"] or ()),
            exceptions=_exceptions(calendar["exceptions"] or ()),
            holidays=holidays,
        ),
        taken=tuple((begins, finishes) for begins, finishes, *_ in taken),
        time_off=tuple(_time_off(calendar["time_off"] or (), tz, within)),
        booked=Counter(wall_minute(tz, job_starts) // DAY for _, _, job_starts, *_ in taken)
        if calendar["cap"] or count
        else {},
        visits=tuple(Visit(*visit) for _, _, *visit in taken) if tradie["kmh"] or tradie["near"] else (),
        travel=Travel(tradie["kmh"], tradie["slack"]) if tradie["kmh"] else None,
        shows_near=tradie["near"],
    )


def _weekly(rows: Any) -> dict[int, tuple[Span, ...]]:
    ranges: dict[int, list[Span]] = defaultdict(list)
    for weekday, opens, closes in rows:
        ranges[weekday].append((opens, closes))
    return {weekday: tidy(of_day) for weekday, of_day in ranges.items()}


def _exceptions(rows: Any) -> dict[date, tuple[Span, ...]]:
    ranges: dict[date, list[Span]] = defaultdict(list)
    for day, opens, closes in rows:
        of_day = ranges[date.fromisoformat(day)]
        if opens is not None:
            of_day.append((opens, closes))
    return {day: tidy(of_day) for day, of_day in ranges.items()}


def _holidays(tradie: dict[str, Any], starts: datetime, ends: datetime) -> frozenset[date]:
    if not tradie["keeps_holidays"]:
        return frozenset()
    return holidays_between(tradie["state"], starts.year, ends.year)


def _time_off(rows: Any, tz: ZoneInfo, within: Span) -> list[Span]:
    return [
        span
        for starts, ends, repeats, until in rows
        for span in Block(
            datetime.fromtimestamp(starts, UTC),
            datetime.fromtimestamp(ends, UTC),
            repeats,
            date.fromisoformat(until) if until else None,
        ).spans(tz, within)
    ]

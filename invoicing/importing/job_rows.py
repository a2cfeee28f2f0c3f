"""Rows of a table as jobs ahead: when, which service, for whom and where, or a sentence that says what is missing."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import localities
from accounts.models import Service, Tradie
from accounts.places import AustralianState
from accounts.service_rules import LONGEST_WINDOW_MINUTES, SHORTEST_WINDOW_MINUTES
from bookings.details import Details
from peepopay.as_typed import cents_in, email_in, instant_in, instant_of, is_so, minutes_in, phone_in
from peepopay.sheets import Outcome, Row, What

from .repeats import UNREAD, Repeat

NO_SERVICE = (
    "No service here is called “{name}”. Bring your services first, or choose one for such rows below."
)
NO_START = "It doesn't say when it starts."
NO_NAME = "It doesn't say who the customer is."
NO_PHONE = "It has no phone number of the customer."
NO_ADDRESS = "Its address isn't whole: we need street, suburb, state and postcode."
LASTS = "It lasts from 5 minutes to 12 hours."
WINDOW = "An arrival window is 30 to 240 minutes."
REPEATS = "It repeats in a way that we can't read. Write each date as a row, or book it again here."
PAST = "It is over, so it stays in your archive."
NOT_AHEAD = "There it is “{status}”, so it stays in your archive."
ONE_LINE = re.compile(
    r"(?P<line1>.+?),\s*(?P<suburb>[^,]+?),?\s+(?P<state>NSW|ACT|VIC|QLD|SA|WA|TAS|NT),?\s+(?P<postcode>[0-9]{4})"
    r"(,?\s*Australia)?",
    re.IGNORECASE | re.DOTALL,
)
OFF = (
    "cancel",
    "declin",
    "complet",
    "done",
    "no_show",
    "no show",
    "no-show",
    "expired",
    "lost",
    "unsuccessful",
)
UNDECIDED = ("pending", "expiring", "requested", "quote")
A_TERM = ("duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "arrival_window_minutes")


@dataclass(frozen=True)
class Job:
    row: Row
    service: Service
    starts_at: datetime
    details: Details
    as_agreed: dict[str, Any]
    tradie_notes: str
    calendar_id: uuid.UUID | None
    repeat: Repeat | None = None


class Kept(ValueError):
    """It isn't brought along, and stays where it is."""


def read_job(
    row: Row,
    tradie: Tradie,
    services: dict[str, Service],
    calendars: dict[str, uuid.UUID],
    usual: Service | None,
    now: datetime,
) -> Job | Outcome:
    name = row.get("name") or f"{row.get('first_name')} {row.get('last_name')}".strip() or row.get("company")
    try:
        starts_at = start_of(row, tradie)
        require_ahead(row, starts_at, now)
        service, name = _service_of(row, name, services, usual)
        service.tradie = tradie
        agreed = _agreed(row, service, starts_at, tradie)
        details = _details(row, name, tradie)
    except Kept as why:
        return Outcome(row.line, What.KEPT, name or "(no name)", str(why))
    except ValueError as problem:
        return Outcome(row.line, What.REFUSED, name or row.get("service") or "(no name)", str(problem))
    calendar_id = calendars.get(row.get("calendar").casefold())
    notes, repeat = row.get("tradie_notes")[:4_000], Repeat.read(row.get("repeats"))
    return Job(row, service, starts_at, details, agreed, notes, calendar_id, repeat)


def start_of(row: Row, tradie: Tradie) -> datetime:
    """Raises ValueError with a sentence."""
    if row.get("repeats") == UNREAD:
        raise ValueError(REPEATS)
    if row.get("day") and row.get("time"):
        return instant_of(row.get("day"), row.get("time"), tradie.timezone)
    if text := row.get("start") or row.get("day"):
        if row.get("start") and row.get("day") and len(text) < 12 and ":" in text:
            return instant_of(row.get("day"), text, tradie.timezone)
        return instant_in(text, tradie.timezone)
    raise ValueError(NO_START)


def end_of(row: Row, tradie: Tradie) -> datetime:
    """Raises ValueError with a sentence."""
    ends = row.get("end")
    if len(ends) < 12 and row.get("day"):
        return instant_of(row.get("day"), ends, tradie.timezone)
    return instant_in(ends, tradie.timezone)


def require_ahead(row: Row, starts_at: datetime, now: datetime) -> None:
    """Raises Kept."""
    status = row.get("status").casefold()
    if starts_at <= now:
        raise Kept(PAST)
    if status.startswith(OFF) or status in UNDECIDED:
        raise Kept(NOT_AHEAD.format(status=row.get("status")[:40]))


def _service_of(
    row: Row, name: str, services: dict[str, Service], usual: Service | None
) -> tuple[Service, str]:
    """And who it is for: where there is no column for that, it is what an entry says besides (`Blocked drain: Jo`)."""
    said = row.get("service")
    if exact := services.get(said.casefold()):
        return exact, name
    within = [service for key, service in services.items() if key in said.casefold()]
    service = max(within, key=lambda one: len(one.name), default=usual)
    if service is None:
        raise ValueError(NO_SERVICE.format(name=said[:80]))
    rest = re.sub(re.escape(service.name), "", said, flags=re.IGNORECASE) if within else said
    return service, name or rest.strip(" :-\N{EN DASH},|()")


def _agreed(row: Row, service: Service, starts_at: datetime, tradie: Tradie) -> dict[str, Any]:
    """What was promised to them goes before what the service is today."""
    agreed: dict[str, Any] = {name: minutes_in(row.get(name)) for name in A_TERM if row.get(name)}
    if row.get("end") and "duration_minutes" not in agreed:
        ends_at = end_of(row, tradie)
        agreed["duration_minutes"] = round((ends_at - starts_at).total_seconds() / 60)
    if not 5 <= agreed.get("duration_minutes", 60) <= 720:
        raise ValueError(LASTS)
    if max(agreed.get("buffer_before_minutes", 0), agreed.get("buffer_after_minutes", 0)) > 240:
        raise ValueError(LASTS)
    if agreed.get("arrival_window_minutes", 0) not in (
        0,
        *range(SHORTEST_WINDOW_MINUTES, LONGEST_WINDOW_MINUTES + 1),
    ):
        raise ValueError(WINDOW)
    if price := row.get("price"):
        agreed |= {"price_cents": cents_in(price), "price_from": is_so(row.get("price_from"))}
    return agreed


def _details(row: Row, name: str, tradie: Tradie) -> Details:
    if not name:
        raise ValueError(NO_NAME)
    phone = row.get("mobile") or row.get("phone")
    if not phone:
        raise ValueError(NO_PHONE)
    place = _place(row, tradie)
    return Details(
        name=name[:120],
        email=email_in(row.get("email")) if row.get("email") else "",
        phone=phone_in(phone),
        notes=row.get("notes")[:2_000],
        answers=_answers(row),
        **place,
    )


def _place(row: Row, tradie: Tradie) -> dict[str, str]:
    place = {name: row.get(name) for name in ("suburb", "state", "postcode")}
    line1 = row.get("address")
    if not (place["suburb"] and place["postcode"]) and (whole := ONE_LINE.fullmatch(line1)):
        line1, place = whole["line1"], {name: whole[name] for name in place}
    place["state"] = (place["state"] or tradie.state).upper()
    if place["state"] not in AustralianState.values:
        place["state"] = next(
            (key for key, name in AustralianState.choices if name.upper() == place["state"]), ""
        )
    postcode = place["postcode"].zfill(4) if place["postcode"].isdigit() else ""
    if not (line1 and place["suburb"] and place["state"] and len(postcode) == 4):
        raise ValueError(NO_ADDRESS)
    place |= {"postcode": postcode, "suburb": place["suburb"][:80]}
    if problems := localities.problems(**place):
        raise ValueError(" ".join(str(said) for said in problems.values()))
    return {"line1": line1[:200], **place}


def _answers(row: Row) -> dict[str, str]:
    try:
        found = json.loads(row.get("answers") or "{}")
        return {str(key)[:40]: str(answer)[:2_000] for key, answer in list(found.items())[:10]}
    except (ValueError, AttributeError, RecursionError):
        return {}

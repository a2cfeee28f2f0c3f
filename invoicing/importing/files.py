"""What somebody sent, as sheets: a table, a calendar, or the ZIP file of everything that is made here."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from bookings.series_models import State
from peepopay.csv_files import in_dollars
from peepopay.errors import ValidationFailed
from peepopay.sheets import LONGEST_CELL, NO_ROWS, NOT_TEXT, as_text, read_sheet

from .headings import FIELDS, OURS, Kind, guessed, guessed_kind
from .repeats import UNREAD, Repeat, dates_in, is_of_a_series

LARGEST_BYTES = 8 * 1024 * 1024
MOST_ROWS = {Kind.SERVICES: 200, Kind.CUSTOMERS: 5_000, Kind.JOBS: 5_000}
MOST_UNPACKED = 24 * 1024 * 1024  # of one table in an archive
MOST_ENTRIES = 20_000
TOO_LARGE = (
    "That file is larger than 8 MB. Of the file of everything, only services, customers, customer_contacts and bookings"
    " (.json) are needed: put those into a ZIP file of their own."
)
EMPTY = "That file is empty."
NO_ARCHIVE = "That ZIP file can't be read, or isn't the one from “Download everything”."
BOMB = "That ZIP file unpacks to more than we can read. Send the one from “Download everything”."
TOO_MANY = "{kind}: more than {most:,} are in that file. Bring fewer at a time."
NO_EVENTS = "There are no entries in that calendar file."
OF_BOOKINGS = {
    "starts_at": "start",
    "service_name": "service",
    "customer_name": "name",
    "customer_email": "email",
    "customer_phone": "mobile",
    "address_line1": "address",
    "address_suburb": "suburb",
    "address_state": "state",
    "address_postcode": "postcode",
    "calendar_name": "calendar",
}
READ_HERE = {"services", "customers", "customer_contacts", "bookings", "series", "series_visits"}
READ_HERE |= {"README.txt", "logo.jpg"}
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")
PHONE = re.compile(r"(?:\+61|\b0)[ 0-9()-]{8,14}[0-9]")


def sheets_of(content: bytes, *, zone_name: str, now: datetime) -> tuple[list[dict[str, Any]], list[str]]:
    """As `BroughtFile` keeps them, and what else an archive has. Raises ValidationFailed."""
    if not content:
        raise ValidationFailed(EMPTY)
    if len(content) > LARGEST_BYTES:
        raise ValidationFailed(TOO_LARGE)
    if content.startswith(b"PK") or is_zipfile(io.BytesIO(content)):
        return _of_archive(content, now)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        ahead, over = _ahead(list(_events(content, zone_name, now)), now)
        return [_sheet(Kind.JOBS, ahead)], over
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"{", b"<", b"\xd0\xcf")):
        raise ValidationFailed(NOT_TEXT)
    read = read_sheet(content, most_rows=max(MOST_ROWS.values()))
    kind = guessed_kind(read.headings)
    rows = [[line, cells] for line, cells in enumerate(read.rows, start=2)]
    sheet = {"kind": kind, "headings": read.headings, "columns": guessed(kind, read.headings), "rows": rows}
    require_not_too_many(sheet)
    return [sheet], []


def require_not_too_many(sheet: dict[str, Any]) -> None:
    """Raises ValidationFailed."""
    kind = Kind(sheet["kind"])
    if len(sheet["rows"]) > MOST_ROWS[kind]:
        raise ValidationFailed(TOO_MANY.format(kind=kind.label, most=MOST_ROWS[kind]))


def _sheet(kind: Kind, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Of rows that have our names already: nothing of it is to be chosen."""
    names = [name for name in (*FIELDS[kind], *OURS[kind], "repeats") if any(name in row for row in rows)]
    cells = [[line, [row.get(name, "") for name in names]] for line, row in enumerate(rows, start=1)]
    sheet = {"kind": kind, "headings": [], "columns": names, "rows": cells}
    require_not_too_many(sheet)
    return sheet


def _of_archive(content: bytes, now: datetime) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise ValidationFailed(BOMB)
            tables = {kind: READ[kind](archive, entries) for kind in Kind}
        tables[Kind.JOBS], over = _ahead(tables[Kind.JOBS], now)
        sheets = [_sheet(kind, rows) for kind, rows in tables.items() if rows]
    except (
        BadZipFile,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        RecursionError,
        EOFError,
        OSError,
    ):
        raise ValidationFailed(NO_ARCHIVE) from None
    if not sheets:
        raise ValidationFailed(NO_ARCHIVE if not _tables(entries) else NO_ROWS)
    return sheets, [*over, *sorted(_left_behind(entries))]


def _tables(entries: Iterable[ZipInfo]) -> set[str]:
    return {entry.filename.partition(".")[0] for entry in entries if entry.filename.endswith(".json")}


def _left_behind(entries: Iterable[ZipInfo]) -> set[str]:
    """Kinds with anything in them: `[\\n]\\n` is none."""
    full = {re.sub(r"-[0-9]+$", "", name) for name in _tables(e for e in entries if e.file_size > 4)}
    folders = {entry.filename.partition("/")[0] for entry in entries if "/" in entry.filename}
    return {name.replace("_", " ") for name in (full | folders) - READ_HERE}


def _rows_of(archive: ZipFile, entries: list[ZipInfo], name: str) -> Iterator[dict[str, Any]]:
    """Of NAME.json, NAME-2.json and so on. Sizes are counted as they are unpacked: what an archive says of itself may
    be wrong."""
    pattern, left = re.compile(rf"{name}(-[0-9]+)?\.json"), MOST_UNPACKED
    for entry in (entry for entry in entries if pattern.fullmatch(entry.filename)):
        with archive.open(entry) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise ValidationFailed(BOMB)
        rows = json.loads(content)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError(name)
        yield from rows


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_cents") and isinstance(value, int):
        return str(in_dollars(value))
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return text.replace("\0", "")[:LONGEST_CELL]


def _plain(row: dict[str, Any], names: dict[str, str] | None = None) -> dict[str, str]:
    called = names or {}
    told = {name: _text(name, value) for name, value in row.items()}
    return {called.get(name, name).removesuffix("_cents"): text for name, text in told.items() if text}


def _services(archive: ZipFile, entries: list[ZipInfo]) -> list[dict[str, str]]:
    rows = list(_rows_of(archive, entries, "services"))
    return [_plain(row) for row in sorted(rows, key=lambda row: (int(row["position"]), str(row["name"])))]


def _customers(archive: ZipFile, entries: list[ZipInfo]) -> list[dict[str, str]]:
    contacts: dict[str, list[str]] = {}
    for row in _rows_of(archive, entries, "customer_contacts"):
        contacts.setdefault(str(row["customer_id"]), []).append(str(row["value"])[:254])
    rows = [_plain(row) for row in _rows_of(archive, entries, "customers")]
    return [row | {"contacts": "\n".join(contacts.get(row["id"], []))} for row in rows]


def _repeats(archive: ZipFile, entries: list[ZipInfo]) -> dict[str, str]:
    """By its reference, of a job that is one of a series."""
    visits: dict[str, list[dict[str, Any]]] = {}
    for row in _rows_of(archive, entries, "series_visits"):
        visits.setdefault(row["series_id"], []).append(row)
    found = {}
    for row in _rows_of(archive, entries, "series"):
        of_it = visits.get(row["id"], [])
        left_out = [visit["on"] for visit in of_it if visit["state"] == State.SKIPPED]
        for visit in of_it:
            if visit["booking_reference"]:
                found[visit["booking_reference"]] = Repeat.of_series(row, visit["on"], left_out).written()
    return found


def _bookings(archive: ZipFile, entries: list[ZipInfo]) -> list[dict[str, str]]:
    repeats = _repeats(archive, entries)
    rows = [
        _plain({**row, "repeats": repeats.get(row["reference"])}, OF_BOOKINGS)
        for row in _rows_of(archive, entries, "bookings")
    ]
    return sorted(rows, key=lambda row: datetime.fromisoformat(row["start"]))


def _ahead(rows: list[dict[str, str]], now: datetime) -> tuple[list[dict[str, str]], list[str]]:
    """Jobs that are over can be many, and stay: one line says so."""
    ahead = [row for row in rows if row.get("repeats") == UNREAD or not _is_over(row.get("start", ""), now)]
    over = len(rows) - len(ahead)
    said = "1 job that is over" if over == 1 else f"{over:,} jobs that are over"
    return ahead, [said] if over else []


def _is_over(start: str, now: datetime) -> bool:
    """Of one without a zone or a time only when it is so everywhere."""
    at = datetime.fromisoformat(start) if start else now
    return (at if at.tzinfo else at.replace(tzinfo=UTC) + timedelta(days=2)) < now


READ = {Kind.SERVICES: _services, Kind.CUSTOMERS: _customers, Kind.JOBS: _bookings}


def _events(content: bytes, zone_name: str, now: datetime) -> Iterator[dict[str, str]]:
    """Of each entry, and of each date ahead of one that repeats, what a row of a table would have; who and where is
    looked for in its words."""
    from icalendar import Calendar

    try:
        found = Calendar.from_ical(as_text(content)).walk("VEVENT")
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise ValidationFailed(NOT_TEXT) from None
    if not found:
        raise ValidationFailed(NO_EVENTS)
    for event in found:
        if not is_of_a_series(event):
            yield _event(event)
    for event, repeat in dates_in([one for one in found if is_of_a_series(one)], zone_name, now):
        yield _event(event) | {"repeats": repeat}


def _event(event: Any) -> dict[str, str]:
    said = {
        name: str(event.get(name, ""))[:LONGEST_CELL]
        for name in ("summary", "description", "location", "status")
    }
    words = f"{said['summary']}\n{said['description']}\n{said['location']}"
    attendee = event.get("attendee")
    invited = str(attendee[0] if isinstance(attendee, list) and attendee else attendee or "")
    mail, phone = MAIL.search(invited) or MAIL.search(words), PHONE.search(words)
    row = {
        "start": _instant(event, "dtstart"),
        "end": _instant(event, "dtend"),
        "service": said["summary"],
        "address": said["location"],
        "tradie_notes": said["description"],
        "status": said["status"] if said["status"].upper() == "CANCELLED" else "",
        "email": mail[0] if mail else "",
        "mobile": phone[0] if phone else "",
    }
    return {name: text for name, text in row.items() if text}


def _instant(event: Any, name: str) -> str:
    """ISO 8601, a day alone for one of the whole day."""
    try:
        if name == "dtend" and event.get("dtend") is None and event.get("duration"):
            found: date = event.decoded("dtstart") + event.decoded("duration")
        else:
            found = event.decoded(name)
    except (KeyError, ValueError, TypeError, OverflowError):
        return ""
    return found.isoformat() if isinstance(found, date) else ""

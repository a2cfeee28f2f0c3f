"""Bringing a file in: it is read and kept for a day, tried out, looked at, and then brought in by one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Membership, Service, Tradie
from availability.calendars import lock_calendars
from availability.imported_services import bring_services
from bookings.actors import By
from bookings.imported_customers import bring_customers
from peepopay.errors import RateLimited
from peepopay.sheets import Outcome, Row, What

from ..import_models import BroughtFile
from .files import require_not_too_many, sheets_of
from .headings import FIELDS, OURS, Kind, guessed
from .jobs import bring_jobs
from .other_times import keep_times

KEPT = timedelta(days=1)
MOST_A_DAY = 30
NOUNS = {
    Kind.SERVICES: ("service", "services"),
    Kind.CUSTOMERS: ("customer", "customers"),
    Kind.JOBS: ("calendar entry", "calendar entries"),
}
ENOUGH = f"{MOST_A_DAY} files a day are the most. Please go on tomorrow."


def take_file(member: Membership, content: bytes, name: str, *, now: datetime) -> BroughtFile:
    """Read, kept and tried out; nothing of it is brought in. Raises ValidationFailed and RateLimited."""
    tradie = member.tradie
    if tradie.brought_files.filter(created_at__gt=now - KEPT).count() >= MOST_A_DAY:
        raise RateLimited(ENOUGH)
    sheets, left_behind = sheets_of(content, zone_name=tradie.timezone, now=now)
    file = BroughtFile.objects.create(
        tradie=tradie,
        sent_by=member.user,
        name=name[-120:],
        sheets=sheets,
        left_behind=left_behind,
        created_at=now,
    )
    try_out(file, member, now=now)
    return file


def choose(
    file: BroughtFile,
    member: Membership,
    *,
    kind: Kind,
    columns: Sequence[str],
    usual_service: Service | None,
    keeps_other_times: bool,
    now: datetime,
) -> None:
    """What a table has, and what each of its columns is; another kind has its columns guessed anew. Raises
    ValidationFailed."""
    file.usual_service, file.keeps_other_times = usual_service, keeps_other_times
    if len(file.sheets) == 1 and (sheet := file.sheets[0])["headings"]:
        if kind != sheet["kind"]:
            sheet |= {"kind": kind, "columns": guessed(kind, sheet["headings"])}
            require_not_too_many(sheet)
        else:
            sheet["columns"] = _each_once(kind, columns, len(sheet["headings"]))
    file.save(update_fields=["sheets", "usual_service", "keeps_other_times"])
    try_out(file, member, now=now)


def _each_once(kind: Kind, columns: Sequence[str], count: int) -> list[str]:
    known, found = {*FIELDS[kind], *OURS[kind]}, list[str]()
    for name in [*columns, *[""] * count][:count]:
        found.append(name if name in known and name not in found else "")
    return found


def try_out(file: BroughtFile, member: Membership, *, now: datetime) -> None:
    """What would become of each row: it is brought in and taken back, so it is as true as can be."""
    with transaction.atomic():
        outcomes = _bring(file, member, now)
        transaction.set_rollback(True)
    BroughtFile.objects.filter(pk=file.pk, brought_in_at=None).update(outcomes=outcomes)
    file.outcomes = outcomes


@transaction.atomic
def bring_in(file: BroughtFile, member: Membership, *, now: datetime) -> bool:
    """All that can be, at once; what became of each row is kept in place of the rows. False: it was brought in
    before."""
    row = BroughtFile.objects.select_for_update(of=("self",)).select_related("usual_service").get(pk=file.pk)
    if row.brought_in_at:
        return False
    outcomes = _bring(row, member, now)
    BroughtFile.objects.filter(pk=file.pk).update(outcomes=outcomes, sheets=[], brought_in_at=now)
    audit.note(file.tradie_id, Change.IMPORTED, detail=in_short(outcomes))
    return True


def in_short(outcomes: Sequence[dict[str, Any]]) -> str:
    """`3 new services, 1 changed customer`; nothing of a customer."""
    count = Counter((one["kind"], one["what"]) for one in outcomes)
    said = [
        f"{number:,} {what} {NOUNS[kind][number != 1]}"
        for kind in Kind
        for what in (What.NEW, What.CHANGED)
        if (number := count[kind, what])
    ]
    return ", ".join(said) or "nothing that wasn't here"


def forget_old(*, now: datetime) -> int:
    gone, _ = BroughtFile.objects.filter(created_at__lte=now - KEPT).delete()
    return gone


def _bring(file: BroughtFile, member: Membership, now: datetime) -> list[dict[str, Any]]:
    lock_calendars(file.tradie_id)  # before the business itself, as everybody does
    told: list[dict[str, Any]] = []
    for sheet in file.sheets:
        kind, rows = Kind(sheet["kind"]), _rows(sheet)
        told += [{"kind": kind, **asdict(outcome)} for outcome in _of_kind(kind, file, rows, member, now)]
    return told


def _of_kind(
    kind: Kind, file: BroughtFile, rows: list[Row], member: Membership, now: datetime
) -> list[Outcome]:
    tradie: Tradie = member.tradie
    match kind:
        case Kind.SERVICES:
            return bring_services(tradie, rows)
        case Kind.CUSTOMERS:
            return bring_customers(tradie, rows, now=now)
    told = bring_jobs(tradie, rows, by=By.of(member), now=now, usual=file.usual_service)
    return keep_times(tradie, rows, told, now=now) if file.keeps_other_times else told


def _rows(sheet: dict[str, Any]) -> list[Row]:
    return [
        Row(line, {name: cell for name, cell in zip(sheet["columns"], cells, strict=False) if name and cell})
        for line, cells in sheet["rows"]
    ]

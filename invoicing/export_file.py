"""The ZIP file of everything that a business has, written by as many tasks as it takes: each begins where the last one
stopped. What it wrote since then and did not note is written anew."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from accounts.logos import logo_of
from accounts.models import Tradie
from bookings.photo_models import Photo, PhotoState, photo_files
from peepopay.csv_files import harmless, in_dollars

from .everything import KINDS
from .export_kinds import Kind
from .export_models import Export, ExportPart
from .models import DepositReceipt, InvoicePdf

PART_BYTES = 1_000_000
SECONDS = 10.0  # the piece that is begun then may take as long again; a task is stopped after 30
ROWS_IN_A_FILE = 10_000
DOCUMENTS_AT_ONCE = 10
FILES_IN_A_PIECE = 100
READ_ME = """Everything that {business} has with PeepoPay, as of {at}.

Each kind of thing is there twice: as .json, with amounts in whole cents, and as .csv for a spreadsheet, with amounts in
dollars. Times are those of {zone}. What belongs together says so by reference, or by an id that both have.

What has more than {rows:,} rows goes on in a second file, bookings-2.json.

documents/ has your invoices, credit notes and receipts of deposits, as your customers got them. Where a customer's
details were erased, so was the document. photos/ has the photos of each booking, logo.jpg is your logo.
"""

Step = Callable[[ZipFile, Tradie, Any, int], Any]


def write_on(export: Export, *, now: datetime) -> bool:
    """True: the file is complete. Else its row says how far it is."""
    at = {"step": 0, "after": None, "piece": 1, "part": 0, "size": 0, "entries": [], **export.progress}
    export.parts.filter(number__gte=at["part"]).delete()
    parts = _Parts(export, at["part"], at["size"])
    file = _opened(parts, at["entries"])
    steps, give_up_at = _steps(now), time.monotonic() + SECONDS
    while at["step"] < len(steps):
        after = steps[at["step"]](file, export.tradie, at["after"], at["piece"])
        ended = {"step": at["step"] + 1, "after": None, "piece": 1}
        at |= ended if after is None else {"after": str(after), "piece": at["piece"] + 1}
        if time.monotonic() > give_up_at and at["step"] < len(steps):
            entries = [_noted(entry) for entry in file.filelist]
            file.fp = None  # its table of contents is yet to come
            parts.close()
            at |= {"part": parts.number, "size": parts.size, "entries": entries}
            Export.objects.filter(pk=export.pk).update(progress=at)
            return False
    file.close()
    parts.close()
    Export.objects.filter(pk=export.pk).update(size_bytes=parts.size)
    return True


def _steps(now: datetime) -> list[Step]:
    """Each writes a piece, after what it answered for the one before; None: that was its last."""
    return [
        *(partial(_rows, kind) for kind in KINDS),
        _logo,
        _documents,
        _receipts,
        _photos,
        partial(_read_me, now),
    ]


def _rows(kind: Kind, file: ZipFile, tradie: Tradie, after: Any, piece: int) -> Any:
    name = kind.name if piece == 1 else f"{kind.name}-{piece}"
    until = kind.last_of(tradie, after=after, count=ROWS_IN_A_FILE)
    if until is None and piece > 1:
        return None
    with file.open(f"{name}.json", "w") as entry, io.TextIOWrapper(entry, "utf-8") as text:
        _as_json(kind.rows(tradie, after=after, until=until), text)
    with file.open(f"{name}.csv", "w") as entry, io.TextIOWrapper(entry, "utf-8-sig", newline="") as text:
        _as_csv(kind.rows(tradie, after=after, until=until), text)
    return until


def _as_json(rows: Iterator[dict[str, Any]], text: io.TextIOBase) -> None:
    text.write("[")
    for position, row in enumerate(rows):
        text.write(",\n" if position else "\n")
        text.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False))
    text.write("\n]\n")


def _as_csv(rows: Iterator[dict[str, Any]], text: io.TextIOBase) -> None:
    table = csv.writer(text)
    for position, row in enumerate(rows):
        if not position:
            table.writerow(name.removesuffix("_cents") for name in row)
        table.writerow(_cell(name, value) for name, value in row.items())


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_cents"):
        return str(in_dollars(value))
    return harmless(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value))


def _logo(file: ZipFile, tradie: Tradie, after: Any, piece: int) -> None:
    if content := logo_of(tradie.pk):
        _store(file, "logo.jpg", content)


def _documents(file: ZipFile, tradie: Tradie, after: Any, piece: int) -> Any:
    made = InvoicePdf.objects.filter(invoice__tradie=tradie, content__isnull=False).select_related("invoice")
    last = None
    for last in _piece(made, after):
        _store(file, f"documents/{last.invoice.label}.pdf", bytes(last.content or b""))
    return last and last.pk


def _receipts(file: ZipFile, tradie: Tradie, after: Any, piece: int) -> Any:
    made = DepositReceipt.objects.filter(payment__booking__tradie=tradie, content__isnull=False)
    last = None
    for last in _piece(made.select_related("payment__booking"), after):
        reference = last.payment.booking.reference
        _store(file, f"documents/deposit-{reference}-{str(last.pk)[:8]}.pdf", bytes(last.content or b""))
    return last and last.pk


def _photos(file: ZipFile, tradie: Tradie, after: Any, piece: int) -> Any:
    ready = Photo.objects.filter(booking__tradie=tradie, state=PhotoState.READY).defer("original")
    last = None
    for last in _piece(ready.select_related("booking"), after):
        with suppress(FileNotFoundError), photo_files().open(last.name) as photo:
            _store(file, f"photos/{last.booking.reference}-{str(last.pk)[:8]}.jpg", photo.read())
    return last and last.pk


def _read_me(now: datetime, file: ZipFile, tradie: Tradie, after: Any, piece: int) -> None:
    said = READ_ME.format(
        business=tradie.business_name,
        at=f"{now:%d %B %Y}",
        zone=tradie.get_timezone_display(),
        rows=ROWS_IN_A_FILE,
    )
    file.writestr("README.txt", said)


def _piece(rows: QuerySet[Any], after: Any) -> Iterator[Any]:
    """Never many at once: each has some 30 kB and more."""
    further = rows.filter(pk__gt=after) if after else rows
    yield from further.order_by("pk")[:FILES_IN_A_PIECE].iterator(DOCUMENTS_AT_ONCE)


def _store(file: ZipFile, name: str, content: bytes) -> None:
    """As it is: packed it would be no smaller."""
    as_it_is = ZipInfo(name)
    as_it_is.compress_type = ZIP_STORED
    file.writestr(as_it_is, content)


NOTED: tuple[str, ...] = (
    "filename",
    "CRC",
    "compress_size",
    "file_size",
    "header_offset",
    "compress_type",
    "flag_bits",
)
NOTED += ("extract_version", "create_version", "external_attr")


def _noted(entry: ZipInfo) -> list[Any]:
    """What the table of contents at the end of the file wants to know of it."""
    return [getattr(entry, name) for name in NOTED]


def _opened(parts: _Parts, entries: list[list[Any]]) -> ZipFile:
    """To go on with, after these."""
    file = ZipFile(parts, "w", ZIP_DEFLATED)  # it needs no more than `write` and `tell`
    for noted in entries:
        entry = ZipInfo(noted[0])
        for name, value in zip(NOTED, noted, strict=True):
            setattr(entry, name, value)
        file.filelist.append(entry)
        file.NameToInfo[entry.filename] = entry
    return file


class _Parts:
    """What is written to it becomes rows of a megabyte."""

    def __init__(self, export: Export, number: int, size: int) -> None:
        self.export, self.number, self.size, self.waiting = export, number, size, bytearray()

    def tell(self) -> int:
        return self.size + len(self.waiting)

    def write(self, content: Any) -> int:
        self.waiting += content
        while len(self.waiting) >= PART_BYTES:
            self._store(PART_BYTES)
        return len(content)

    def flush(self) -> None:
        """What is there is stored when it is enough."""

    def close(self) -> None:
        if self.waiting:
            self._store(len(self.waiting))

    def _store(self, count: int) -> None:
        ExportPart.objects.create(export=self.export, number=self.number, content=bytes(self.waiting[:count]))
        del self.waiting[:count]
        self.number += 1
        self.size += count

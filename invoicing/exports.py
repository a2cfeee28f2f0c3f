"""Everything of a business as one ZIP file: asked for, made by a worker piece by piece, kept for a week, handed out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.logos import logo_of
from accounts.models import Membership, Tradie
from accounts.people import lock_business
from bookings.photo_models import Photo, PhotoState, photo_files
from peepopay import outbox
from peepopay.csv_files import harmless, in_dollars
from peepopay.errors import RateLimited

from .account_messages import tell_export_ready
from .everything import KINDS, Kind
from .export_models import Export, ExportPart
from .models import DepositReceipt, InvoicePdf

KEPT = timedelta(days=7)
MOST_A_DAY = 3
PART_BYTES = 1_000_000
DOCUMENTS_AT_ONCE = 10
ENOUGH = f"{MOST_A_DAY} files a day are the most. The last one is still below."
READ_ME = """Everything that {business} has with PeepoPay, as of {at}.

Each kind of thing is there twice: as .json, with amounts in whole cents, and as .csv for a spreadsheet, with amounts in
dollars. Times are those of {zone}. What belongs together says so by reference, or by an id that both have.

documents/ has your invoices, credit notes and receipts of deposits, as your customers got them. Where a customer's
details were erased, so was the document. photos/ has the photos of each booking, logo.jpg is your logo.
"""


@transaction.atomic
def ask_for_export(member: Membership, *, now: datetime) -> Export:
    """The one that is being made, or a new one. Raises RateLimited."""
    tradie = lock_business(member.tradie_id)
    if waiting := outbox.open_rows(Export).filter(tradie=tradie).first():
        return waiting
    if tradie.exports.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise RateLimited(ENOUGH)
    export = Export.objects.create(tradie=tradie, asked_by=member.user, created_at=now, due_at=now)
    audit.note(tradie.pk, Change.EXPORT_ASKED)
    outbox.announce()
    return export


def to_fetch(tradie: Tradie, *, now: datetime) -> Any:
    """Those that are made and still there, the newest first."""
    return tradie.exports.filter(done_at__isnull=False, expires_at__gt=now)


def make(export: Export, *, now: datetime) -> outbox.Changes:
    """Anew from its beginning, whatever an attempt before left behind. Returns what to write into the row."""
    export.parts.all().delete()
    parts = _Parts(export)
    with ZipFile(parts, "w", ZIP_DEFLATED) as file:  # it needs no more than `write`
        _write(file, export.tradie, now)
    parts.close()
    until = now + KEPT
    tell_export_ready(export, until=until, now=now)
    return {"expires_at": until, "size_bytes": parts.size}


def content_of(export: Export) -> Iterator[bytes]:
    """Part by part, a query for each."""
    for number in export.parts.order_by("number").values_list("number", flat=True):
        yield bytes(export.parts.get(number=number).content)


def note_fetching(export: Export) -> None:
    audit.note(export.tradie_id, Change.EXPORT_FETCHED)


def forget_old(*, now: datetime) -> int:
    """Their week is over, or nobody could make them; returns how many went."""
    over = Export.objects.filter(expires_at__lte=now) | Export.objects.filter(
        expires_at=None, created_at__lte=now - KEPT
    )
    gone, _ = over.delete()
    return gone


def _write(file: ZipFile, tradie: Tradie, now: datetime) -> None:
    for kind in KINDS:
        with file.open(f"{kind.name}.json", "w") as entry, io.TextIOWrapper(entry, "utf-8") as text:
            _as_json(kind, tradie, text)
        with (
            file.open(f"{kind.name}.csv", "w") as entry,
            io.TextIOWrapper(entry, "utf-8-sig", newline="") as text,
        ):
            _as_csv(kind, tradie, text)
    for name, content in chain(_logo(tradie), _documents(tradie), _photos(tradie)):
        as_it_is = ZipInfo(name)
        as_it_is.compress_type = ZIP_STORED
        file.writestr(as_it_is, content)
    said = READ_ME.format(
        business=tradie.business_name, at=f"{now:%d %B %Y}", zone=tradie.get_timezone_display()
    )
    file.writestr("README.txt", said)


def _as_json(kind: Kind, tradie: Tradie, text: io.TextIOBase) -> None:
    text.write("[")
    for position, row in enumerate(kind.rows(tradie)):
        text.write(",\n" if position else "\n")
        text.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False))
    text.write("\n]\n")


def _as_csv(kind: Kind, tradie: Tradie, text: io.TextIOBase) -> None:
    table = csv.writer(text)
    for position, row in enumerate(kind.rows(tradie)):
        if not position:
            table.writerow(name.removesuffix("_cents") for name in row)
        table.writerow(_cell(name, value) for name, value in row.items())


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_cents"):
        return str(in_dollars(value))
    return harmless(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value))


def _logo(tradie: Tradie) -> Iterator[tuple[str, bytes]]:
    if content := logo_of(tradie.pk):
        yield "logo.jpg", content


def _documents(tradie: Tradie) -> Iterator[tuple[str, bytes]]:
    """Never many at once: each has some 30 kB."""
    made = InvoicePdf.objects.filter(invoice__tradie=tradie, content__isnull=False).select_related("invoice")
    for document in made.order_by("pk").iterator(DOCUMENTS_AT_ONCE):
        yield f"documents/{document.invoice.label}.pdf", bytes(document.content or b"")
    receipts = DepositReceipt.objects.filter(payment__booking__tradie=tradie, content__isnull=False)
    for receipt in receipts.select_related("payment__booking").order_by("pk").iterator(DOCUMENTS_AT_ONCE):
        reference = receipt.payment.booking.reference
        yield f"documents/deposit-{reference}-{str(receipt.pk)[:8]}.pdf", bytes(receipt.content or b"")


def _photos(tradie: Tradie) -> Iterator[tuple[str, bytes]]:
    """One at a time."""
    ready = Photo.objects.filter(booking__tradie=tradie, state=PhotoState.READY).defer("original")
    for photo in ready.select_related("booking").order_by("pk").iterator(DOCUMENTS_AT_ONCE):
        with suppress(FileNotFoundError), photo_files().open(photo.name) as file:
            yield f"photos/{photo.booking.reference}-{str(photo.pk)[:8]}.jpg", file.read()


class _Parts:
    """What is written to it becomes rows of a megabyte."""

    def __init__(self, export: Export) -> None:
        self.export, self.waiting, self.number, self.size = export, bytearray(), 0, 0

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

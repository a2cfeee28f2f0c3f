"""All that happened with a booking, in one line of time: its history, its money and documents, its messages.

What `accounts/audit.py` notes about a booking stands in its history too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bookings.models import Booking, BookingEvent, EventKind
from bookings.sending_again import may_be_sent_again
from invoicing.invoice_models import DocumentKind
from invoicing.thread import Entry
from notifications.models import Message
from payments.models import PaymentKind

MOST_LINES = 100
OF_PAYMENT = {
    PaymentKind.DEPOSIT: EventKind.PAID,
    PaymentKind.BALANCE: EventKind.BALANCE_PAID,
    PaymentKind.NO_SHOW_FEE: EventKind.FEE_PAID,
}
OF_DOCUMENT = {DocumentKind.INVOICE: EventKind.INVOICED, DocumentKind.CREDIT_NOTE: EventKind.CREDITED}
STATES = {
    "waiting": "waiting to be sent",
    "retrying": "being tried again",
    "sent": "sent",
    "skipped": "not sent",
    "failed": "failed",
}


@dataclass(frozen=True)
class Line:
    """Money and documents are one line with their event: it says who."""

    at: datetime
    event: BookingEvent | None = None
    entry: Entry | None = None
    message: Message | None = None
    may_be_sent_again: bool = False

    @property
    def detail(self) -> str:
        """What the line doesn't say by itself: of a refund, why."""
        if self.event is None:
            return ""
        return self.event.detail.partition(": ")[2] if self.entry else self.event.detail

    @property
    def about(self) -> str:
        """What a message tells: `Booking confirmed`."""
        kind = self.message.kind if self.message else ""
        return kind.removesuffix("_tradie").replace("_", " ").capitalize()

    @property
    def state(self) -> str:
        return STATES[self.message.state] if self.message else ""


@dataclass(frozen=True)
class Timeline:
    """`is_cut`: there was more before."""

    lines: list[Line]
    is_cut: bool


def timeline_of(booking: Booking, thread: Iterable[Entry], *, now: datetime) -> Timeline:
    """The newest lines, in the order in which they happened. Two queries."""
    newest = booking.events.select_related("user").order_by("-at", "-id")[: MOST_LINES + 1]
    messages = Message.objects.filter(tradie=booking.tradie_id, about=booking.pk).order_by("-created_at")
    lines = [
        *_with_money(list(reversed(newest)), thread),
        *(_of_message(booking, message, now) for message in reversed(messages[: MOST_LINES + 1])),
    ]
    lines.sort(key=lambda line: line.at)
    return Timeline(lines[-MOST_LINES:], len(lines) > MOST_LINES)


def _of_message(booking: Booking, message: Message, now: datetime) -> Line:
    again = may_be_sent_again(booking, message, now=now)
    return Line(message.created_at, message=message, may_be_sent_again=again)


def _with_money(events: list[BookingEvent], thread: Iterable[Entry]) -> list[Line]:
    """Both were written with one `now`, in one transaction."""
    told: defaultdict[tuple[str, datetime], list[Entry]] = defaultdict(list)
    for entry in thread:
        told[_kind_of(entry), entry.at].append(entry)
    lines = []
    for event in events:
        entries = told[event.kind, event.at]
        lines.append(Line(event.at, event, entries.pop(0) if entries else None))
    return lines + [Line(entry.at, entry=entry) for entries in told.values() for entry in entries]


def _kind_of(entry: Entry) -> str:
    if entry.payment:
        return OF_PAYMENT[PaymentKind(entry.payment.kind)]
    if entry.document:
        return OF_DOCUMENT[DocumentKind(entry.document.kind)]
    return EventKind.RECEIVED if entry.receipt else EventKind.REFUND_REQUESTED

"""The reckoning, from outside: Stripe's own ledger, the files that mails became, and the database by SQL. No rule of
the product is asked whether it kept its promise."""

from __future__ import annotations

import email
import email.policy
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from local.stack import Stack
from local.testing.stripe_control import StripeControl

from .customers import MAIL_DOMAIN, Told

GOES_AHEAD = ("confirmed", "completed", "no_show")
HOLDS_TIME = ("pending", "expiring", "requested", *GOES_AHEAD)
NO_LONGER_PAYABLE = ("succeeded", "canceled")


@dataclass
class Booking:
    id: str
    reference: str
    status: str
    calendar: str
    period: tuple[Any, Any]
    deposit_cents: int
    email: str
    was_confirmed: bool


@dataclass
class Charges:
    """What Stripe says of one booking: cents of every charge that succeeded, and cents that went back."""

    charged: list[int] = field(default_factory=list)
    returned: int = 0
    payable: int = 0  # intents that could still be paid

    @property
    def kept(self) -> int:
        return sum(self.charged) - self.returned


def findings(stack: Stack, stripe: StripeControl, told: list[Told]) -> Iterator[str]:
    """Sentences about what must not be; none if all is well. Everything must have settled before."""
    bookings = read_bookings(stack)
    charges = read_charges(stripe)
    yield from money(bookings, charges)
    yield from sold_twice(bookings)
    yield from lost(bookings, told)
    yield from mails(bookings, read_mails(stack.sent / "mail"))


def read_bookings(stack: Stack) -> dict[str, Booking]:
    rows = stack.query(
        "SELECT id::text, reference, status, calendar_id::text, lower(period), upper(period), deposit_cents,"
        " customer_email, confirmed_at IS NOT NULL FROM bookings_booking"
    )
    return {
        key: Booking(key, reference, status, calendar, (begins, ends), cents, address, confirmed)
        for key, reference, status, calendar, begins, ends, cents, address, confirmed in rows
    }


def read_charges(stripe: StripeControl) -> dict[str, Charges]:
    """By booking id, as our metadata on the intent says."""
    found: dict[str, Charges] = defaultdict(Charges)
    owner: dict[str, Charges] = {}
    for intent in stripe.intents():
        of = owner[intent["id"]] = found[intent["metadata"].get("booking_id", intent["id"])]
        if intent["status"] == "succeeded":
            of.charged.append(intent["amount_received"])
        of.payable += intent["status"] not in NO_LONGER_PAYABLE
    for refund in stripe.refunds():
        if refund["status"] != "failed":
            owner[refund["payment_intent"]].returned += refund["amount"]
    return found


def money(bookings: dict[str, Booking], charges: dict[str, Charges]) -> Iterator[str]:
    """Every charge ended as exactly one booking or as a refund. Everybody books days ahead, when cancelling is free."""
    for key, of in charges.items():
        booking = bookings.get(key)
        if booking is None:
            yield f"Stripe charged {of.charged} for {key}, which is no booking"
        elif booking.email.endswith(MAIL_DOMAIN):
            due = booking.deposit_cents if booking.status in GOES_AHEAD else 0
            if of.kept != due:
                yield f"{booking.reference} is {booking.status}: {of.kept} cents were kept, {due} are due"
            if of.payable and booking.status != "pending":
                yield f"{booking.reference} is {booking.status} and can still be paid"
    for booking in bookings.values():
        if booking.email.endswith(MAIL_DOMAIN) and booking.status in GOES_AHEAD and booking.deposit_cents:
            paid = charges[booking.id].charged if booking.id in charges else []
            if paid != [booking.deposit_cents]:
                yield f"{booking.reference} goes ahead with {booking.deposit_cents} due and {paid} paid"


def sold_twice(bookings: dict[str, Booking]) -> Iterator[str]:
    live = [booking for booking in bookings.values() if booking.status in HOLDS_TIME]
    live.sort(key=lambda booking: (booking.calendar, booking.period))
    for _, of_one in groupby(live, key=lambda booking: booking.calendar):
        latest: Booking | None = None
        for booking in of_one:
            if latest and booking.period[0] < latest.period[1]:
                yield f"{booking.reference} and {latest.reference} have one time"
            if latest is None or booking.period[1] > latest.period[1]:
                latest = booking


def lost(bookings: dict[str, Booking], told: list[Told]) -> Iterator[str]:
    """Whatever a customer was told must still be so."""
    for customer in told:
        booking = bookings.get(customer.booking)
        if customer.booking and booking is None:
            yield f"Customer {customer.who} was told 201 for {customer.booking}, which is gone"
        elif booking and customer.cancelled and booking.status != "cancelled":
            yield f"{booking.reference} is {booking.status}, and its customer was told that it is cancelled"
        elif booking and customer.confirmed and not booking.was_confirmed:
            yield f"{booking.reference} is {booking.status}, and its customer was told that it is confirmed"


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    message_id: str


def read_mails(folder: Path) -> list[Mail]:
    read = (
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in folder.glob("*.eml")
    )
    return [Mail(str(mail["To"]), str(mail["Subject"]), str(mail["Message-ID"])) for mail in read]


def mails(bookings: dict[str, Booking], sent: list[Mail]) -> Iterator[str]:
    """One confirmation for every booking that goes ahead; at most one for what was cancelled, perhaps before it was
    sent; none for what never was confirmed. A mail that went out and whose worker was killed before it could write
    that down goes out again, with the same Message-ID; that is counted by `sent_again`, not here."""
    distinct = {mail.message_id: mail for mail in sent}.values()
    confirmations = Counter(mail.to for mail in distinct if mail.subject.startswith("Booked: "))
    ours = [booking for booking in bookings.values() if booking.email.endswith(MAIL_DOMAIN)]
    at_least = Counter(booking.email for booking in ours if booking.status in GOES_AHEAD)
    at_most = Counter(booking.email for booking in ours if booking.was_confirmed)
    for address in sorted({booking.email for booking in ours}):
        if not at_least[address] <= confirmations[address] <= at_most[address]:
            yield f"{address} got {confirmations[address]} confirmations for {at_most[address]} bookings"


def sent_again(sent: list[Mail]) -> int:
    return len(sent) - len({mail.message_id for mail in sent})

"""Customers whom a business brings along from somewhere else: known by phone or e-mail, as if they had booked. Nobody
is written to, and what is known here is added to, never overwritten."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import Tradie
from availability.calendars import lock_calendars
from peepopay.as_typed import email_in, instant_in, phone_in
from peepopay.phone import as_written
from peepopay.sheets import Outcome, Row, What

from .customer_models import Customer, CustomerContact
from .erasure import A_MONTH

NO_NAME = "It has no name."
NO_CONTACT = "It has neither a phone number nor an email address, so we couldn't know them again."
TWO_PEOPLE = "Its number and its address are those of two customers: {one} and {other}. Make them one first."
LONGEST_NOTES = 4_000
AT_ONCE = 500


@dataclass
class Person:
    """As a row says it, or as it is here already."""

    row: Row
    name: str
    contacts: list[str]
    notes: str
    problems: list[str]
    blocked_at: datetime | None = None
    created_at: datetime | None = None
    seen_at: datetime | None = None


def bring_customers(tradie: Tradie, rows: Sequence[Row], *, now: datetime) -> list[Outcome]:
    """In the caller's transaction; what becomes of each row, in their order. The same rows again change nothing."""
    lock_calendars(tradie.pk)  # as whoever books somebody for the first time
    people = [_read(row, tradie, now) for row in rows]
    known = _known(tradie, [value for person in people for value in person.contacts])
    made: list[Customer] = []
    changed: dict[uuid.UUID, Customer] = {}
    contacts: list[CustomerContact] = []
    outcomes = []
    for person in people:
        outcome, customer, added = _take(tradie, person, known, now)
        outcomes.append(outcome)
        if customer is None:
            continue
        if outcome.what == What.NEW:
            made.append(customer)
        elif outcome.what == What.CHANGED:
            changed[customer.pk] = customer
        contacts += [CustomerContact(tradie=tradie, customer=customer, value=value) for value in added]
    Customer.objects.bulk_create(made, batch_size=AT_ONCE)
    fresh = {customer.pk for customer in made}
    Customer.objects.bulk_update(
        [row for row in changed.values() if row.pk not in fresh], ["notes"], batch_size=AT_ONCE
    )
    CustomerContact.objects.bulk_create(contacts, batch_size=AT_ONCE)
    return outcomes


def forget_imported(*, now: datetime) -> int:
    """Who never booked goes when the details of a job would; returns how many."""
    before = now - settings.PERSONAL_DATA_MONTHS * A_MONTH
    over = Customer.objects.filter(imported_at__lt=before, seen_at__lt=before, bookings=None)
    return over.delete()[1].get("bookings.Customer", 0)


def _read(row: Row, tradie: Tradie, now: datetime) -> Person:
    problems: list[str] = []
    contacts: list[str] = []
    for name, read in (("mobile", phone_in), ("phone", phone_in), ("email", email_in)):
        if text := row.get(name):
            try:
                contacts.append(read(text))
            except ValueError as problem:
                problems.append(str(problem))
    contacts += row.get("contacts").split("\n") if row.get("contacts") else []
    in_two = f"{row.get('first_name')} {row.get('last_name')}".strip()
    name = row.get("name") or in_two or row.get("company")
    person = Person(row, name[:120], list(dict.fromkeys(contacts)), _notes(row), problems)
    for column in ("blocked_at", "created_at", "seen_at"):
        setattr(person, column, _past(row.get(column), tradie.timezone, now))
    return person


def _past(text: str, zone_name: str, now: datetime) -> datetime | None:
    """Of our own file."""
    try:
        return min(instant_in(text, zone_name), now) if text else None
    except ValueError:
        return None


def _notes(row: Row) -> str:
    """A customer here has no address of their own, each job has: it goes where the business can read it."""
    of_place = [row.get(name) for name in ("suburb", "state", "postcode")]
    place = ", ".join(filter(None, (row.get("address"), " ".join(filter(None, of_place)))))
    company = row.get("company") if row.get("name") or row.get("first_name") else ""
    lines = [row.get("notes"), company and f"Company: {company}", place and f"Address: {place}"]
    return "\n".join(line for line in lines if line)[:LONGEST_NOTES]


def _known(tradie: Tradie, values: Iterable[str]) -> dict[str, Customer]:
    """By number and address. Two queries for each few hundred."""
    found: dict[str, Customer] = {}
    wanted = list(dict.fromkeys(values))
    for at in range(0, len(wanted), 2_000):
        rows = CustomerContact.objects.filter(tradie=tradie, value__in=wanted[at : at + 2_000])
        found |= {row.value: row.customer for row in rows.select_related("customer")}
    same = {customer.pk: customer for customer in found.values()}
    return {value: same[customer.pk] for value, customer in found.items()}


def _take(
    tradie: Tradie, person: Person, known: dict[str, Customer], now: datetime
) -> tuple[Outcome, Customer | None, list[str]]:
    """What becomes of the row, the customer it is about, and what they are newly known by."""

    def says(what: What, *sentences: str) -> Outcome:
        return Outcome(person.row.line, what, person.name or "(no name)", " ".join(filter(None, sentences)))

    if not person.name:
        return says(What.REFUSED, NO_NAME), None, []
    if not person.contacts:
        return says(What.REFUSED, *(person.problems or [NO_CONTACT])), None, []
    left_out = [f"{problem} It is left out." for problem in person.problems]
    those = {known[value].pk: known[value] for value in person.contacts if value in known}
    if len(those) > 1:
        one, other = list(those.values())[:2]
        return says(What.REFUSED, TWO_PEOPLE.format(one=one.name, other=other.name)), None, []
    added = [value for value in person.contacts if value not in known]
    if not those:
        customer = _new(tradie, person, now)
        known |= dict.fromkeys(added, customer)
        return says(What.NEW, *left_out), customer, added
    (customer,) = those.values()
    known |= dict.fromkeys(added, customer)
    adds = [as_written(value) for value in added]
    if person.notes and person.notes not in customer.notes:
        room = LONGEST_NOTES - len(customer.notes) - 1
        if room > 0:
            customer.notes = f"{customer.notes}\n{person.notes[:room]}".strip()
            adds.append("notes")
    called = f"Here: {customer.name}." if customer.name != person.name else ""
    if not adds:
        return says(What.SAME, called, *left_out), customer, []
    return says(What.CHANGED, called, f"Adds {', '.join(adds)}.", *left_out), customer, added


def _new(tradie: Tradie, person: Person, now: datetime) -> Customer:
    return Customer(
        id=uuid.uuid4(),
        tradie=tradie,
        name=person.name,
        notes=person.notes,
        blocked_at=person.blocked_at,
        created_at=person.created_at or now,
        seen_at=person.seen_at or now,
        imported_at=now,
    )

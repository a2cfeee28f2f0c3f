"""The customers of a business: known by phone or e-mail, noted about, asked to call instead, and made one of two."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from availability.calendars import lock_calendars
from peepopay import sweeps
from peepopay.asked_along import Asked
from peepopay.errors import BookingNotChangeable, CallInstead, ValidationFailed
from peepopay.phone import as_written

from .call_backs import forget_number
from .customer_models import Customer
from .details import Details
from .erasure import erase, erase_contacts
from .job_lists import WAS_BOOKED, digits_of
from .models import HOLDS_TIME, Booking, Status
from .waitlist import forget_contacts

# One statement: whoever is known by the phone, else by the address, else somebody new; and whether one is blocked by
# either. The calendars are held, so no two of a business's run at once. {along}: columns of the caller's own.
KNOWN = """
WITH found AS (
  SELECT customer_id AS id FROM bookings_customercontact
  WHERE tradie_id = %(tradie)s AND value = ANY(%(values)s::text[]) ORDER BY value <> %(phone)s LIMIT 1),
made AS (
  INSERT INTO bookings_customer (id, tradie_id, name, created_at, seen_at)
  SELECT %(id)s, %(tradie)s, %(name)s, %(now)s, %(now)s WHERE NOT EXISTS (SELECT FROM found) RETURNING id),
seen AS (UPDATE bookings_customer SET seen_at = %(now)s WHERE id IN (SELECT id FROM found)),
who AS (SELECT id FROM found UNION ALL SELECT id FROM made),
ways AS (
  INSERT INTO bookings_customercontact (tradie_id, customer_id, value)
  SELECT %(tradie)s, who.id, value FROM who, unnest(%(values)s::text[]) AS value
  ON CONFLICT (tradie_id, value) DO NOTHING)
SELECT who.id, EXISTS (
  SELECT FROM bookings_customercontact t JOIN bookings_customer c ON c.id = t.customer_id
  WHERE t.tradie_id = %(tradie)s AND t.value = ANY(%(values)s::text[]) AND c.blocked_at IS NOT NULL){along}
FROM who
"""
AHEAD = "There is a booking ahead. Cancel it, or wait until it is over; then their details can go."
SAME = "Choose another customer: this is the same one."
MOST_A_NIGHT = 2_000


class Known(NamedTuple):
    id: uuid.UUID
    is_blocked: bool
    answers: tuple[Any, ...] = ()  # to what was asked along


def known(tradie: Tradie, details: Details, now: datetime, *, along: Sequence[Asked] = ()) -> Known:
    """The customer with this phone or address, made if there is none; call it while holding the calendars. `along`:
    what else is to be known, by the same statement."""
    values = [value for value in (details.phone, details.email.lower()) if value]
    asked: dict[str, Any] = {
        "tradie": tradie.pk,
        "values": values,
        "phone": details.phone,
        "name": details.name,
        "id": uuid.uuid4(),
        "now": now,
    }
    for column in along:
        asked |= column.given
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.format(along="".join(f", {column.sql}" for column in along)), asked)
        customer, is_blocked, *answers = cursor.fetchone()
    return Known(customer, is_blocked, tuple(answers))


def require_not_blocked(tradie: Tradie, customer: Known) -> None:
    """Raises CallInstead, which says nothing of why."""
    if customer.is_blocked:
        raise CallInstead(f"Please call {tradie.business_name} on {as_written(tradie.phone)} to book.")


def listed(tradie: Tradie, text: str) -> QuerySet[Customer]:
    """Those who ever had a booking or were brought along, whoever was here last first; who match the search words by
    name, number or address."""
    booked = Booking.objects.filter(WAS_BOOKED, customer=OuterRef("pk"))
    rows = tradie.customers.filter(Exists(booked) | Q(imported_at__isnull=False))
    if text:
        wanted = Q(name__icontains=text) | Q(contacts__value__icontains=text.lower())
        digits = digits_of(text)
        if len(digits) >= 3:
            wanted |= Q(contacts__value__contains=digits)
        rows = rows.filter(pk__in=tradie.customers.filter(wanted).values("pk"))
    return rows.prefetch_related("contacts")


class Figures(NamedTuple):
    """How many bookings somebody had, what became of them, and the start of the latest."""

    jobs: int
    done: int
    no_shows: int
    cancelled: int
    latest: datetime | None


def figures_of(customers: list[Customer]) -> dict[uuid.UUID, Figures]:
    """One query."""
    rows = Booking.objects.filter(WAS_BOOKED, customer__in=customers).order_by().values("customer")
    counted = rows.annotate(
        jobs=Count("pk"),
        done=Count("pk", filter=Q(status=Status.COMPLETED)),
        no_shows=Count("pk", filter=Q(status=Status.NO_SHOW)),
        cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
        latest=Max("starts_at"),
    )
    found = {
        row["customer"]: Figures(row["jobs"], row["done"], row["no_shows"], row["cancelled"], row["latest"])
        for row in counted
    }
    return {customer.pk: found.get(customer.pk, Figures(0, 0, 0, 0, None)) for customer in customers}


def note(customer: Customer, notes: str) -> None:
    """The business's own, about the person."""
    Customer.objects.filter(pk=customer.pk).update(notes=notes)
    customer.notes = notes


@transaction.atomic
def block(customer: Customer, *, is_blocked: bool, now: datetime) -> bool:
    """From now on they are asked to call where they would book online; the business can still book for them. What is
    booked stays. False: so it was."""
    rows = Customer.objects.filter(pk=customer.pk, blocked_at__isnull=is_blocked)
    if not rows.update(blocked_at=now if is_blocked else None):
        return False
    kind = Change.CUSTOMER_BLOCKED if is_blocked else Change.CUSTOMER_UNBLOCKED
    audit.note(customer.tradie_id, kind)
    return True


@transaction.atomic
def merge(customer: Customer, other: Customer) -> None:
    """They are one person: `other`'s bookings, numbers, addresses and notes become `customer`'s. Who was blocked as
    either stays so. Raises ValidationFailed."""
    lock_calendars(customer.tradie_id)  # or somebody is booking as one who is about to go
    pair = {
        row.pk: row for row in Customer.objects.select_for_update().filter(pk__in=[customer.pk, other.pk])
    }
    if customer.pk == other.pk or len(pair) < 2 or customer.tradie_id != other.tradie_id:
        raise ValidationFailed(SAME)
    kept, gone = pair[customer.pk], pair[other.pk]
    Booking.objects.filter(customer=gone).update(customer=kept)
    gone.contacts.update(customer=kept)
    kept.notes = "\n".join(filter(None, (kept.notes, gone.notes)))[:4000]
    kept.blocked_at = kept.blocked_at or gone.blocked_at
    kept.seen_at = max(kept.seen_at, gone.seen_at)
    kept.save(update_fields=["notes", "blocked_at", "seen_at"])
    gone.delete()
    audit.note(kept.tradie_id, Change.CUSTOMERS_MERGED)


@transaction.atomic
def erase_customer(customer: Customer, *, now: datetime) -> int:
    """Their details go at once, as they would by themselves some time after the job; what the books need stays. Returns
    of how many bookings. Raises BookingNotChangeable while one is ahead, or a quote waits for their answer."""
    lock_calendars(customer.tradie_id)
    bookings = customer.bookings.filter(erased_at=None)
    if bookings.filter(status__in=HOLDS_TIME, ends_at__gt=now).exists():
        raise BookingNotChangeable(AHEAD)
    values = list(customer.contacts.values_list("value", flat=True))
    forget_contacts(customer.tradie_id, values)
    forget_number(customer.tradie_id, values)
    erase_contacts(customer.tradie_id, values, now=now)
    count = erase(bookings, now=now, because="as they asked")
    Customer.objects.filter(pk=customer.pk).delete()
    return count


def assign_missing(*, now: datetime, at_most: int = MOST_A_NIGHT) -> int:
    """Bookings without a customer, as those that a version before this one made; returns how many have one now."""
    rows = Booking.objects.filter(customer=None, erased_at=None, holds_for=None).select_related("tradie")
    found = list(rows.order_by("created_at")[:at_most])
    return sweeps.each(found, _assign, seconds=sweeps.ALL_NIGHT)


@transaction.atomic
def _assign(booking: Booking) -> bool:
    lock_calendars(booking.tradie_id)
    who = known(booking.tradie, Details.of(booking), booking.created_at)
    return bool(Booking.objects.filter(pk=booking.pk).update(customer=who.id))

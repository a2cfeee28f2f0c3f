"""Who finds no time that suits waits for one: for a day, or for any sooner than what was free when they asked.

Anybody may do that, so it is counted: for a number, for a business, and by the doors for an address. What they are
offered, and when, is in `waitlist_offers.py`.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Service, Tradie
from notifications import kinds
from notifications.budgets import key_of
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from peepopay import sweeps
from peepopay.derived_tokens import hash_of
from peepopay.errors import CallInstead, NotFound, ValidationFailed
from peepopay.local_time import day_of, in_zone
from peepopay.lookups import only
from peepopay.phone import as_written
from peepopay.throttling import count_try

from .customer_models import CustomerContact
from .message_context import one_line
from .open_slots import Wish, open_times
from .terms import terms_of
from .waiter_models import Waiter
from .waitlist_links import new_token, url_of

KIND = "waitlist_joined"
A_DAY = timedelta(days=1)
MOST_OF_A_NUMBER = 3  # a day, at all businesses
MOST_OF_A_BUSINESS = 50  # a day
MOST_WAITING = 200  # at one business
KEPT = timedelta(days=90)
NO_WAITLIST = "{business} keeps no waitlist. Give them a call: {phone}."


def waitlist_of(slug: str) -> Tradie:
    """The business under this slug. Raises NotFound, CallInstead where it keeps no waitlist."""
    tradie = only(Tradie.objects.filter(slug=slug, closed_at=None))
    if tradie is None:
        raise NotFound("We couldn't find that business.")
    if not (tradie.has_waitlist and tradie.is_open):
        raise CallInstead(NO_WAITLIST.format(business=tradie.business_name, phone=as_written(tradie.phone)))
    return tradie


@transaction.atomic
def join(
    service: Service, *, name: str, phone: str, email: str, day: date | None, now: datetime
) -> tuple[Waiter, bool]:
    """`phone` is E.164, `email` may be empty, `day` None: any sooner than what is free now. A number that waits for
    that service already waits on as before: then the answer's second part is False, and the first is for nobody to
    see, since anybody can type a number.

    Raises ValidationFailed where there is a free time that would do, CallInstead after several, or where the business
    wants to talk to them first.
    """
    tradie = service.tradie
    first_free = _first_free(service, day, now)
    _require_not_blocked(tradie, phone, email)
    waiter_id = uuid.uuid4()
    waiter, is_new = Waiter.objects.get_or_create(
        tradie=tradie,
        service=service,
        phone=phone,
        defaults={
            "id": waiter_id,
            "name": name,
            "email": email,
            "created_at": now,
            "token_hash": hash_of(new_token(waiter_id)),
            "day": day,
            "sooner_than": first_free,
        },
    )
    if is_new:
        _count(waiter, now)
        _tell(waiter, now)
    return waiter, is_new


def _first_free(service: Service, day: date | None, now: datetime) -> date | None:
    """The first day that has a free time, or None: one before it is what they wait for. Raises ValidationFailed where
    nobody has to wait, or can."""
    tradie = service.tradie
    today = in_zone(now, tradie.timezone).date()
    last = today + timedelta(days=tradie.horizon_days)
    if day and not today <= day <= last:
        raise ValidationFailed(fields={"day": [f"Choose a day from today to {day_of(last)}."]})
    wish = Wish(tradie, service.pk, terms_of(service).job, now)
    times = open_times(wish, day or today, day or last, now)
    first = in_zone(times[0], tradie.timezone).date() if times else None
    if day and first:
        raise ValidationFailed(fields={"day": ["There is a free time that day: choose it on the calendar."]})
    if first == today:
        raise ValidationFailed(
            fields={"day": ["There is a free time today. Choose it, or say which day suits."]}
        )
    return first


def _require_not_blocked(tradie: Tradie, phone: str, email: str) -> None:
    """Raises CallInstead, which says nothing of why."""
    ways = CustomerContact.objects.filter(tradie=tradie, value__in=[phone, email.lower()])
    if ways.filter(customer__blocked_at__isnull=False).exists():
        raise CallInstead(f"Please call {tradie.business_name} on {as_written(tradie.phone)} to book.")


def _count(waiter: Waiter, now: datetime) -> None:
    """Raises CallInstead."""
    of_number = count_try(key_of("waitlist", Channel.SMS, waiter.phone), window=A_DAY, now=now)
    of_business = count_try(f"waitlist business:{waiter.tradie_id}", window=A_DAY, now=now)
    if not settings.RATE_LIMITS:
        return
    is_full = waiter.tradie.waiters.count() > MOST_WAITING
    if is_full or of_number > MOST_OF_A_NUMBER or of_business > MOST_OF_A_BUSINESS:
        raise CallInstead(
            f"Please call {as_written(waiter.tradie.phone)}: the waitlist takes nobody else today."
        )


def waiting(tradie: Tradie) -> QuerySet[Waiter]:
    """Those who wait or think about an offer, the longest first; at most MOST_WAITING."""
    return tradie.waiters.select_related("service", "offer")


def wanted(waiter: Waiter) -> str:
    """For people: `Fri 14 Jan 2027`, or `any day before Mon 7 Dec 2026`."""
    if waiter.day:
        return day_of(waiter.day)
    return f"any day before {day_of(waiter.sooner_than)}" if waiter.sooner_than else "the next free day"


def could_take(waiter: Waiter, day: date) -> bool:
    """Whether a time on that day is what they wait for."""
    if waiter.day:
        return day == waiter.day
    return waiter.sooner_than is None or day < waiter.sooner_than


def forget_old(*, now: datetime) -> int:
    """After so long nobody waits any more."""
    old = Waiter.objects.filter(created_at__lt=now - KEPT, offer=None)
    sweeps.forget(Message.objects.filter(about__in=old.values("pk")))
    return sweeps.forget(old.filter(~Exists(Message.objects.filter(about=OuterRef("pk")))))


@transaction.atomic
def let_go(waiters: QuerySet[Waiter]) -> int:
    """They wait no longer, and nothing says that they did: what was sent to them goes too. Returns how many."""
    keys = list(waiters.values_list("pk", flat=True))
    Message.objects.filter(about__in=keys).delete()
    Waiter.objects.filter(pk__in=keys).delete()
    return len(keys)


def forget_contacts(tradie_id: uuid.UUID, values: list[str]) -> None:
    """Whoever has one of these numbers or addresses waits no longer: their details are erased."""
    rows = Waiter.objects.filter(tradie=tradie_id).alias(address=Lower("email"))
    let_go(rows.filter(Q(phone__in=values) | Q(address__in=values)))


def _tell(waiter: Waiter, now: datetime) -> None:
    """By mail, where they left an address: nobody needs it, so it leaves room for what they do."""
    if not waiter.email:
        return
    message = Message(
        tradie_id=waiter.tradie_id,
        about=waiter.pk,
        kind=KIND,
        audience=Audience.CUSTOMER,
        channel=Channel.EMAIL,
        recipient=waiter.email,
        dedupe_key=f"{waiter.pk}:{KIND}",
        due_at=now,
    )
    queue_messages([message], courtesy=True)


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies."""
    waiter = only(Waiter.objects.select_related("tradie", "service").filter(pk=message.about))
    if waiter is None:
        raise NoLongerApplies("They wait no longer.")
    business = one_line(waiter.tradie.business_name)
    return {
        "business": business,
        "business_phone": as_written(waiter.tradie.phone),
        "accent_colour": waiter.tradie.accent_colour,
        "customer": one_line(waiter.name),
        "service": one_line(waiter.service.name),
        "wanted": wanted(waiter),
        "waiting_url": url_of(waiter),
        "from_name": f"{business} via PeepoPay",
        "reply_to": waiter.tradie.email,
    }


kinds.register(KIND, channels=(Channel.EMAIL,), context_for=context_for)

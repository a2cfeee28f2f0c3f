"""What assistants can do: the rules behind the public API, under names and with words made for them.

A business is found here only once it said so; the terms come before the hold, and paying is left to a person.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import serializers

from accounts.models import Service, Tradie
from accounts.offers import service_on_offer
from accounts.profiles import profile_of
from accounts.service_area import require_in_area
from bookings.booking_again import widget_link
from bookings.details import Attempt
from bookings.models import HELD, Booking
from bookings.scheduling import find_attempt
from bookings.terms import Terms, terms_for
from bookings.tokens import find_by_token, token_of
from payments import checkout
from payments.checkout import Order
from peepopay.api import validated
from peepopay.client_address import address_hash
from peepopay.errors import NotFound, OutsideServiceArea, RateLimited, Unauthorized
from peepopay.local_time import iso
from peepopay.throttling import AddressLimit, BookingAttempts, TokenAttempts
from web.api.availability import answer_to
from web.api.availability_query import read_query
from web.api.booking_inputs import details_of
from web.api.booking_outputs import booking_answer
from web.api.service_words import in_short, price_text
from web.api.tradie_profile import profile_answer

from .inputs import FindInput, FreeTimesInput, HoldInput, StatusInput, TermsInput
from .refusals import TermsNotAgreed
from .schemas import schema_of

Sent = dict[str, Any]
MOST_BUSINESSES = 10
OF_BUSINESS = ("slug", "business_name", "phone", "suburb", "state", "timezone", "bookable")
OF_SERVICE = (
    "id",
    "name",
    "description",
    "price_text",
    "in_short",
    "requires_approval",
    "bookable",
    "questions",
)
OF_BOOKING = (
    "id",
    "reference",
    "status",
    "start",
    "end",
    "deposit_cents",
    "paid_cents",
    "refunded_cents",
    "policy_statement",
    "changeable_until",
    "manage_url",
)


@dataclass(frozen=True)
class Tool:
    """`changes`: it may leave a booking; the same call again leaves no second one."""

    name: str
    title: str
    description: str
    input: type[serializers.Serializer[Any]]
    run: Callable[[Sent, HttpRequest], dict[str, Any]]
    changes: bool = False
    limit: type[AddressLimit] | None = None

    @property
    def described(self) -> dict[str, Any]:
        """As `tools/list` has it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": schema_of(self.input),
            "annotations": {
                "title": self.title,
                "readOnlyHint": not self.changes,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }

    def call(self, arguments: Any, request: HttpRequest) -> dict[str, Any]:
        """Raises AppError, and DRF's ValidationError."""
        if self.limit and not self.limit().allow_request(request, None):
            raise RateLimited
        return self.run(validated(self.input, arguments), request)


def find_services(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    found = on().order_by("business_name", "pk")
    for word in sent["words"].split():
        # No join: forty words would be forty of them.
        does = Service.objects.filter(tradie=OuterRef("pk"), is_active=True, name__icontains=word)
        found = found.filter(
            Q(business_name__icontains=word)
            | Q(trade__icontains=word)
            | Q(suburb__icontains=word)
            | Exists(does)
        )
    near = (tradie.slug for tradie in found if _works_in(tradie, sent["postcode"]))
    slugs = list(islice(near, MOST_BUSINESSES + 1))
    return {
        "businesses": [_business(slug) for slug in slugs[:MOST_BUSINESSES]],
        "more": len(slugs) > MOST_BUSINESSES,
    }


def free_times(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    _require_on(sent["tradie"])
    query = read_query({**sent, "service": str(sent["service"])})
    answer: dict[str, Any] = orjson.loads(answer_to(sent["tradie"], query, address_hash(request)).body)
    return answer


def terms(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    service = _service(sent["tradie"], sent["service"])
    return _terms_answer(service, terms_for(service, None), sent["start"], timezone.now())


def hold(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    service = _service(sent["tradie"], sent["service"])
    agreed = terms_for(service, None)
    attempt = _attempt(sent, request)
    is_new = find_attempt(service.tradie, attempt) is None
    if is_new and sent["agreed_terms"] != terms_id(service, agreed, sent["start"], now):
        raise TermsNotAgreed
    details = details_of(sent, agreed)
    require_in_area(service.tradie, details.postcode)
    booking, _ = checkout.start(
        Order(
            service,
            sent["start"],
            details,
            attempt,
            accepted_cents=sent["deposit_cents"],
            accepted_fee_cents=sent["call_out_fee_cents"],
        ),
        now=now,
    )
    return _booking(booking, now)


def status(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    booking = find_by_token(sent["token"])
    if booking is None:
        raise Unauthorized
    return _booking(booking, timezone.now())


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "find_services",
            "Find tradies and their services",
            "Businesses that take bookings through assistants, with their services, prices, deposits and the questions"
            f" that a booking has to answer; at most {MOST_BUSINESSES}. Start here.",
            FindInput,
            find_services,
        ),
        Tool(
            "free_times",
            "Free times of a service",
            "The times on offer on a date or in a month, with the UTC offset of the business. Nothing is held.",
            FreeTimesInput,
            free_times,
        ),
        Tool(
            "terms",
            "Terms of a booking",
            "What is due, and what cancelling would cost, for a service at a time. Show the customer every sentence and"
            " have them agree before you hold. Nothing is held.",
            TermsInput,
            terms,
        ),
        Tool(
            "hold",
            "Hold a time",
            "Holds a time for a customer who was shown the terms and agreed. Give them pay_url: they pay there"
            " themselves, before held_until; you can't pay for them. Where pay_url is null nothing is due, and the time"
            " is booked, or asked for where the business says yes first. If no answer arrives send the same call again,"
            " with the same idempotency_key.",
            HoldInput,
            hold,
            changes=True,
            limit=BookingAttempts,
        ),
        Tool(
            "status",
            "How a booking stands",
            "Whether it is pending (to be paid), requested (the business says yes or no), confirmed, expired or"
            " cancelled, by the token that hold answered. The customer changes or cancels it at manage_url.",
            StatusInput,
            status,
            limit=TokenAttempts,
        ),
    )
}


def on() -> Any:
    """The businesses that let assistants in."""
    return Tradie.objects.filter(for_assistants=True, is_open=True, closed_at=None)


def terms_id(service: Service, agreed: Terms, start: datetime, now: datetime) -> str:
    """Names what the customer was shown: it is another as soon as any of it is."""
    shown = [str(service.pk), start.timestamp(), *_shown(service, agreed, start, now).values()]
    return hashlib.sha256(orjson.dumps(shown)).hexdigest()


def _shown(service: Service, agreed: Terms, start: datetime, now: datetime) -> dict[str, Any]:
    zone, asked = service.tradie.timezone, agreed.requires_approval
    return {
        "price_text": price_text(agreed),
        "in_short": in_short(agreed),
        "deposit_cents": agreed.deposit_cents,
        "requires_approval": asked,
        "policy_statement": agreed.policy_statement(start, zone, now=now, is_asked=asked),
    }


def _terms_answer(service: Service, agreed: Terms, start: datetime, now: datetime) -> dict[str, Any]:
    return {
        "tradie": service.tradie.slug,
        "service": str(service.pk),
        "start": iso(start, service.tradie.timezone),
        **_shown(service, agreed, start, now),
        "terms_id": terms_id(service, agreed, start, now),
        "next": "Show these terms to the customer. When they agree, call hold with terms_id as agreed_terms.",
    }


def _require_on(slug: str) -> None:
    if not on().filter(slug=slug).exists():
        raise NotFound("We couldn't find that business.")


def _service(slug: str, service_id: uuid.UUID) -> Service:
    _require_on(slug)
    return service_on_offer(slug, service_id, along="tradie__connected_account")


def _works_in(tradie: Tradie, postcode: str) -> bool:
    try:
        if postcode:
            require_in_area(tradie, postcode)
    except OutsideServiceArea:
        return False
    return True


def _business(slug: str) -> dict[str, Any]:
    profile = orjson.loads(profile_of(slug, profile_answer).body)
    services = [{name: service[name] for name in OF_SERVICE} for service in profile["services"]]
    return {**{name: profile[name] for name in OF_BUSINESS}, "services": services}


def _attempt(sent: Sent, request: HttpRequest) -> Attempt:
    """Without the terms: who asks again after they changed is still asking for the same booking."""
    asked = {name: value for name, value in sent.items() if name not in ("agreed_terms", "idempotency_key")}
    body = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return Attempt(sent["idempotency_key"], hashlib.sha256(body).hexdigest(), address_hash(request))


def _booking(booking: Booking, now: datetime) -> dict[str, Any]:
    """Without anybody's name, number or address: the assistant has no need of them."""
    told = booking_answer(booking, now=now)
    is_held = booking.status in HELD and booking.held_until is not None
    until = booking.held_until if is_held else None
    return {
        **{name: told[name] for name in OF_BOOKING},
        "held_until": iso(until, booking.tradie.timezone) if until else None,
        "pay_url": widget_link(booking) if is_held else None,
        "token": token_of(booking),
    }

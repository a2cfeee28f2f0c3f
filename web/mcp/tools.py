"""What assistants can do: the rules behind the public API, under names and with words made for them.

A business is found here only once it said so; the terms come before the hold, and paying is left to a person.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import serializers

from accounts.models import Service
from accounts.offers import service_on_offer
from accounts.service_area import require_in_area
from bookings.deposit_rules import raised_before_details
from bookings.details import Attempt
from bookings.scheduling import find_attempt
from bookings.terms import Terms, terms_for
from bookings.tokens import find_by_token
from payments import checkout
from payments.checkout import Order
from peepopay.api import validated
from peepopay.client_address import address_hash
from peepopay.errors import NotFound, RateLimited, Unauthorized
from peepopay.local_time import iso
from peepopay.throttling import AddressLimit, BookingAttempts, TokenAttempts
from web.api.availability import answer_to
from web.api.availability_query import read_query
from web.api.booking_inputs import details_of
from web.api.service_words import in_short, price_text

from .changing import cancel, move
from .finding import MOST_BUSINESSES, find_services, on
from .inputs import CancelInput, FindInput, FreeTimesInput, HoldInput, MoveInput, StatusInput, TermsInput
from .outputs import booking_told, id_of
from .refusals import TermsNotAgreed
from .schemas import schema_of

Sent = dict[str, Any]
Offer = tuple[Terms, str | None]


@dataclass(frozen=True)
class Tool:
    """`changes`: it may leave a booking, or change it; the same call again changes nothing more. `destroys`: it may
    end one."""

    name: str
    title: str
    description: str
    input: type[serializers.Serializer[Any]]
    run: Callable[[Sent, HttpRequest], dict[str, Any]]
    changes: bool = False
    destroys: bool = False
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
                "destructiveHint": self.destroys,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }

    def call(self, arguments: Any, request: HttpRequest) -> dict[str, Any]:
        """Raises AppError, and DRF's ValidationError."""
        if self.limit and not self.limit().allow_request(request, None):
            raise RateLimited
        return self.run(validated(self.input, arguments), request)


def free_times(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    _require_on(sent["tradie"])
    query = read_query({**sent, "service": str(sent["service"])})
    answer: dict[str, Any] = orjson.loads(answer_to(sent["tradie"], query, address_hash(request)).body)
    return answer


def terms(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    service = _service(sent["tradie"], sent["service"])
    now = timezone.now()
    return _terms_answer(service, _on_offer(service, sent["start"], now), sent["start"], now)


def hold(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    service = _service(sent["tradie"], sent["service"])
    agreed, raised = _on_offer(service, sent["start"], now)
    attempt = _attempt(sent, request)
    is_new = find_attempt(service.tradie, attempt) is None
    if is_new and sent["agreed_terms"] != terms_id(service, (agreed, raised), sent["start"], now):
        raise TermsNotAgreed
    details = details_of(sent, agreed)
    require_in_area(service.tradie, details.postcode)
    booking, _ = checkout.start(
        Order(
            service,
            sent["start"],
            details,
            attempt,
            accepted_cents=max(sent["deposit_cents"] or 0, agreed.deposit_cents),
            accepted_fee_cents=sent["call_out_fee_cents"],
        ),
        now=now,
    )
    return booking_told(booking, now)


def status(sent: Sent, request: HttpRequest) -> dict[str, Any]:
    booking = find_by_token(sent["token"])
    if booking is None:
        raise Unauthorized
    return booking_told(booking, timezone.now())


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
            " cancelled, by the token that hold answered. The customer changes or cancels it at manage_url too.",
            StatusInput,
            status,
            limit=TokenAttempts,
        ),
        Tool(
            "move",
            "Move a booking",
            "To another free time, by the token that hold answered; what was paid stays with it. Call it without"
            " agreed_terms first: it answers from when to when, and what cancelling would cost from then on; nothing"
            " changes. Show that to the customer; when they agree call again with its terms_id.",
            MoveInput,
            move,
            changes=True,
            limit=TokenAttempts,
        ),
        Tool(
            "cancel",
            "Cancel a booking",
            "By the token that hold answered. Call it without agreed_terms first: it answers what would go back to the"
            " customer and what would be kept; nothing changes. Show that to the customer; when they agree call again"
            " with its terms_id. It can't be undone.",
            CancelInput,
            cancel,
            changes=True,
            destroys=True,
            limit=TokenAttempts,
        ),
    )
}


def _on_offer(service: Service, start: datetime, now: datetime) -> Offer:
    """With a higher deposit where a rule of the business asks for one, as far as that follows from the job itself; and
    why."""
    raised = raised_before_details(service, start, now=now)
    return (raised.terms, raised.sentence) if raised else (terms_for(service, None), None)


def terms_id(service: Service, offer: Offer, start: datetime, now: datetime) -> str:
    """Names what the customer was shown: it is another as soon as any of it is."""
    return id_of([str(service.pk), start.timestamp(), *_shown(service, offer, start, now).values()])


def _shown(service: Service, offer: Offer, start: datetime, now: datetime) -> dict[str, Any]:
    agreed, why_raised = offer
    zone, asked = service.tradie.timezone, agreed.requires_approval
    return {
        "price_text": price_text(agreed),
        "in_short": in_short(agreed),
        "deposit_cents": agreed.deposit_cents,
        "deposit_raised": why_raised,
        "requires_approval": asked,
        "policy_statement": agreed.policy_statement(start, zone, now=now, is_asked=asked),
    }


def _terms_answer(service: Service, offer: Offer, start: datetime, now: datetime) -> dict[str, Any]:
    return {
        "tradie": service.tradie.slug,
        "service": str(service.pk),
        "start": iso(start, service.tradie.timezone),
        **_shown(service, offer, start, now),
        "terms_id": terms_id(service, offer, start, now),
        "next": "Show these terms to the customer. When they agree, call hold with terms_id as agreed_terms.",
    }


def _require_on(slug: str) -> None:
    if not on().filter(slug=slug).exists():
        raise NotFound("We couldn't find that business.")


def _service(slug: str, service_id: uuid.UUID) -> Service:
    _require_on(slug)
    return service_on_offer(slug, service_id, along="tradie__connected_account")


def _attempt(sent: Sent, request: HttpRequest) -> Attempt:
    """Without the terms: who asks again after they changed is still asking for the same booking."""
    asked = {name: value for name, value in sent.items() if name not in ("agreed_terms", "idempotency_key")}
    body = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return Attempt(sent["idempotency_key"], hashlib.sha256(body).hexdigest(), address_hash(request))

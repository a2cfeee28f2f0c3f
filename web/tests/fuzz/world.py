"""A business with everything that the API can be asked about, and how requests come to name what is there.

Whatever is made up at random names nothing that exists and gets no further than a 404. So most of what a request says
in order is replaced by something real, and what it says wrong stays as it is: right but for one thing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.test import Client
from django.utils import timezone
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation as Place

from accounts.models import Service
from availability.models import Calendar, DateException, TimeOff, WorkingHours
from bookings.lifecycle import MAY_BECOME
from bookings.models import Booking, Status
from bookings.tokens import token_of
from invoicing.models import Invoice
from invoicing.quote_models import Quote
from invoicing.tests.billing import ABN, bill
from local.testing.cast import JO, add_hours, make_booking, make_service, make_tradie, owner_of, soon
from local.testing.quoting import sent_quote
from web.tests.openapi import alternatives, body_of, description, fits, is_allowed
from web.tests.test_text_replies import signature
from web.tests.test_webhook import signed

REAL = 0.85  # of what could be anything
OTHERS_TOKEN = 0.1
NONE = ["", "Bearer ", "Bearer nobody", "Basic am86am8=", "Bearer " + "é" * 20, "Token x", "Bearer a b c"]
PHONES = ["0412 345 678", "+61 412 345 678", "(02) 9550 1234", "1300 975 707", "+64 21 123 4567"]
EMAILS = ["jo@example.com", "o'brien+tap@mail.example.com.au", "JO@EXAMPLE.COM"]
HELD_ONES = [*[Status.PENDING] * 20, Status.EXPIRING, Status.EXPIRED, Status.LOST]
OTHERS = [*[Status.CONFIRMED] * 12, Status.REQUESTED, Status.CANCELLED, Status.COMPLETED]
EVENTS = [
    "customer.created",
    "payment_intent.succeeded",
    "charge.refunded",
    "account.updated",
    "no.such.event",
]


@dataclass
class World:
    """`fill(case)` makes a generated request one about this business."""

    services: list[Service]
    bookings: list[Booking]
    invoices: list[Invoice]
    quotes: list[Quote]
    session: dict[str, str]
    dice: Random

    @classmethod
    def make(cls, seed: int) -> World:
        """Two businesses: one person who sells all there is, and a crew of three."""
        may_ask = {"customers_choose_who": True}
        sam = make_tradie(
            slug="sam-plumber", business_name="Sam's Plumbing", account_id="acct_demo_joe", abn=ABN, **may_ask
        )
        crew = make_tradie(
            slug="crew", business_name="Crew & Co", account_id="acct_demo_alex", state="WA", **may_ask
        )
        for name in ("Van 2", "Van 3"):
            add_hours(crew.calendars.create(name=name))
        where = {"id": "where", "label": "Where is it?", "required": True, "choices": [], "photo": False}
        asked = {"questions": [where]}
        services = [
            make_service(sam),
            make_service(
                sam, name="Quote", price_cents=0, deposit_kind="none", duration_minutes=30, position=1
            ),
            make_service(sam, name="Visit", deposit_kind="none", requires_approval=True, position=2),
            make_service(sam, name="Leak", deposit_kind="none", position=3, **asked),
            make_service(crew, name="Gutter", deposit_kind="none"),
        ]
        hours = count()
        bookings = [
            make_booking(service, _hour(service, next(hours)), status=status)
            for service in services
            for status in (HELD_ONES if service.deposit_cents else OTHERS)
        ]
        done = [make_booking(services[0], timezone.now() - timedelta(days=days)) for days in range(1, 4)]
        invoices = [bill(booking, 12_000) for booking in done]
        quotes = [sent_quote(services[0])]
        client = Client()
        client.force_login(owner_of(sam))
        session = {"sessionid": client.cookies["sessionid"].value, "csrftoken": "a" * 32}
        return cls(services, bookings, invoices, quotes, session, Random(seed))

    def fill(self, case: Case) -> dict[str, Any]:
        """Returns the credentials to send along, as keywords of `case.call`."""
        of_sam = "dashboardSession" in _credentials_of(case)  # whose session it is
        sams = [service for service in self.services if service.tradie == self.services[0].tradie]
        services = sams if of_sam else self.services
        service, booking = self.dice.choice(services), self._booking_for(case)
        real = {
            "slug": service.tradie.slug,
            "tradie": service.tradie.slug,
            "service": str(service.pk),
            "calendar": str(self.dice.choice(list(service.tradie.calendars.all())).pk),
            "start": self._time(service),
            "end": soon(service.tradie, days=60).isoformat(),
            "repeat_until": f"{soon(service.tradie, days=90):%Y-%m-%d}",
            "service_id": str(self.services[0].pk),
            "block_id": str(self.dice.choice(self._blocks()).pk),
            "range_id": str(self.dice.choice(self._ranges()).pk),
            "invoice_id": str(self.dice.choice(self.invoices).pk),
            "quote_id": str(self.dice.choice(self.quotes).pk),
            "booking_id": str(booking.pk),
            "booking": str(booking.pk),
            "hold": token_of(booking),
            "address.suburb": JO.suburb,
            "address.state": JO.state,
            "address.postcode": JO.postcode,
            "deposit": "waive",
            "day": self._special_day(),
            "opens": "16:00",
            "closes": "17:00",
            "customer.phone": self.dice.choice(PHONES),
            "on_site.phone": self.dice.choice(PHONES),
            "phone": self.dice.choice(PHONES),
            "customer.email": self.dice.choice(EMAILS),
            "Idempotency-Key": str(uuid.UUID(int=self.dice.getrandbits(128))),
        }
        for values in (case.path_parameters, case.query, case.headers, case.body):
            if isinstance(values, Mapping):
                self._replace(case, values, real)
        if isinstance(case.body, dict):
            self._add(case, case.body, service)
        if case.operation.path.startswith("/api/availability") and case.meta.generation.mode.is_positive:
            self._ask_for_one(case, service)
        return self._credentials(case, booking)

    def _replace(self, case: Case, values: Any, real: dict[str, str], outer: str = "") -> None:
        described = description()["paths"][case.operation.path][case.operation.method.lower()]
        for name, value in list(values.items()):
            place = outer + name
            if isinstance(value, dict) and not outer:
                self._replace(case, value, real, f"{name}.")
            if place in real and self._is_lucky() and is_allowed(described, place, value):
                values[name] = real[place]

    def _add(self, case: Case, body: dict[str, Any], service: Service) -> None:
        if case.operation.path.startswith("/webhooks"):
            body.update(_event(self.dice))
        if service.questions and isinstance(body.get("answers"), dict):
            body["answers"]["where"] = "Behind the shed"

    def _ask_for_one(self, case: Case, service: Service) -> None:
        """Either a date or a month: the description can only say so in words."""
        day = self._time(service)
        for name in ("date", "month"):
            case.query.pop(name, None)
        case.query |= self.dice.choice([{"date": day[:10]}, {"month": day[:7]}])

    def _credentials(self, case: Case, booking: Booking) -> dict[str, Any]:
        wanted = _credentials_of(case) - {"apiKey"}  # says what the session says: api/test_api_keys.py
        if any(case.meta.is_negative_at(place) for place in (Place.HEADER, Place.COOKIE)):
            return {}  # it may be these that are wrong
        if len(wanted) > 1:
            wanted = {self.dice.choice(self._who_may_send(case))}
        if "dashboardSession" in wanted and self._is_lucky():
            if case.headers:
                case.headers.pop("Authorization", None)  # made up, and no key
            return {"cookies": self.session, "headers": {"X-CSRFToken": self.session["csrftoken"]}}
        if "bookingToken" in wanted:
            stranger = self.dice.random() < OTHERS_TOKEN
            shown = self.dice.choice(self.bookings) if stranger else booking
            token = f"Bearer {token_of(shown)}" if self._is_lucky() else self.dice.choice(NONE)
            return {"headers": {"Authorization": token}}
        return {}

    def _who_may_send(self, case: Case) -> list[str]:
        """Of the customer and the business, who share the address: those for whom the body is described."""
        both = ["bookingToken", "dashboardSession"]
        if not isinstance(case.body, dict):
            return both
        described = description()["paths"][case.operation.path][case.operation.method.lower()]
        kinds = zip(both, alternatives(body_of(described)), strict=True)
        return [who for who, kind in kinds if fits(kind, _known(case.body, kind))] or both

    def _ranges(self) -> list[WorkingHours]:
        """Those of Sam's that are left, or new ones."""
        ranges = WorkingHours.objects.filter(calendar=self._sam())
        if not ranges:
            add_hours(self._sam())
        return list(ranges.all())

    def _blocks(self) -> list[TimeOff]:
        """The same of time off."""
        sam, blocks = self._sam(), TimeOff.objects.filter(calendar=self._sam())
        if not blocks:
            starts = [soon(sam.tradie, days=days) for days in range(400, 410)]
            TimeOff.objects.bulk_create(
                TimeOff(calendar=sam, starts_at=start, ends_at=start + timedelta(days=1)) for start in starts
            )
        return list(blocks.all())

    def _special_day(self) -> str:
        """One on which Sam has hours of its own."""
        day = soon(self._sam().tradie, days=90).date()
        DateException.objects.get_or_create(calendar=self._sam(), date=day)
        return f"{day:%Y-%m-%d}"

    def _sam(self) -> Calendar:
        return self.services[0].tradie.calendars.get()

    def _booking_for(self, case: Case) -> Booking:
        """One that may become what is asked of it."""
        wanted = case.body.get("status") if isinstance(case.body, dict) else None
        may_be = MAY_BECOME.get(wanted, ()) if isinstance(wanted, str) else ()
        if case.operation.path.startswith("/api/payments"):
            may_be = (Status.PENDING,)
        return self.dice.choice(
            [booking for booking in self.bookings if booking.status in may_be] or self.bookings
        )

    def _is_lucky(self) -> bool:
        return self.dice.random() < REAL

    def _time(self, service: Service) -> str:
        return _hour(service, self.dice.randrange(300)).isoformat()


def _credentials_of(case: Case) -> set[str]:
    return {name for one in case.operation.definition.raw.get("security", []) for name in one}


def _known(body: dict[str, Any], kind: Any) -> dict[str, Any]:
    """What is described of it; nobody looks at the rest."""
    return {name: value for name, value in body.items() if name in kind["properties"]}


def _hour(service: Service, number: int) -> Any:
    """One of many times on the grid, mostly free."""
    days, hour = divmod(number, 8)
    return soon(service.tradie, days=3 + days, hour=7 + hour)


def _event(dice: Random) -> dict[str, Any]:
    return {
        "id": f"evt_{dice.getrandbits(60)}",
        "object": "event",
        "type": dice.choice(EVENTS),
        "created": int(time.time()) - 5,
        "livemode": False,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {}}},
    }


def sign(request: Any) -> Any:
    """For `requests`: what goes to a webhook with a signature gets the one that its bytes have."""
    body = request.body or b""
    raw = body.encode() if isinstance(body, str) else body
    if "Stripe-Signature" in request.headers:
        request.headers["Stripe-Signature"] = signed(raw, settings.STRIPE_WEBHOOK_SECRETS[0])
    if raw and "X-Twilio-Signature" in request.headers:
        fields = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        request.headers["X-Twilio-Signature"] = signature(fields, site=settings.SITE_URL)
    return request

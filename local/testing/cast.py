"""A small cast for tests: Sam the Sydney plumber with Kim in the office and Lee who works there, Alex the Perth
electrician, Jo the customer."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, time, timedelta
from time import time as time_now
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Service, Tradie, User
from accounts.people import owners_of
from accounts.roles import Role
from accounts.service_rules import DepositKind
from availability.crew import add_calendar
from availability.models import Calendar, WorkingHours
from bookings.details import Details
from bookings.models import Actor, Booking, BookingEvent, EventKind, Status
from bookings.scheduling import reference_of
from bookings.terms import terms_of
from bookings.tokens import new_token
from local.authenticator import code_now
from local.testing.stripe_world import StripeWorld
from payments.models import ConnectedAccount
from peepopay.derived_tokens import hash_of
from peepopay.local_time import in_zone, zone

PASSWORD = "correct horse battery"
AUTHENTICATOR_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
JO = Details(
    name="Jo Citizen",
    email="jo@example.com",
    phone="+61412345678",
    line1="1 George Street",
    suburb="Newtown",
    state="NSW",
    postcode="2042",
    notes="The dog is friendly.",
    answers={},
)
_numbers = itertools.count(1)


def make_user(email: str, **fields: Any) -> User:
    """Somebody who can sign in."""
    return User.objects.create(email=email, password=make_password(PASSWORD), **fields)


def make_tradie(**fields: Any) -> Tradie:
    """A tradie who works every day 7:00 to 16:00, an owner who can sign in, and an account that takes cards."""
    number = next(_numbers)
    account_id = fields.pop("account_id", f"acct_test_{number}")
    owner = fields.pop("owner", None) or make_user(f"tradie{number}@example.com")
    defaults = {
        "slug": f"tradie-{number}",
        "business_name": f"Tradie {number}",
        "email": owner.email,
        "phone": "+61295501234",
        "mobile": "+61400111222",
        "suburb": "Marrickville",
        "state": "NSW",
        "timezone": "Australia/Sydney",
        "closed_on_public_holidays": False,
    }
    tradie = Tradie.objects.create(**{**defaults, **fields})
    Membership.objects.create(tradie=tradie, user=owner, role=Role.OWNER)
    add_hours(Calendar.objects.create(tradie=tradie, name=tradie.business_name))
    ConnectedAccount.objects.create(tradie=tradie, account_id=account_id, can_charge=True)
    return tradie


def add_hours(calendar: Calendar) -> Calendar:
    """Every day 7:00 to 16:00."""
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=calendar, weekday=day, opens_minute=7 * 60, closes_minute=16 * 60)
        for day in range(7)
    )
    return calendar


def make_member(tradie: Tradie, role: Role, name: str) -> User:
    """Somebody called `name` who can sign in as `NAME.SLUG@example.com` and has this role."""
    user = make_user(f"{name.lower()}.{tradie.slug}@example.com", name=name)
    Membership.objects.create(tradie=tradie, user=user, role=role)
    return user


def owner_of(tradie: Tradie) -> User:
    return owners_of(tradie)[0]


def make_service(tradie: Tradie, **fields: Any) -> Service:
    """An hour's job for $120 with a $30 deposit."""
    defaults = {
        "name": "Blocked drain",
        "duration_minutes": 60,
        "price_cents": 12_000,
        "deposit_kind": DepositKind.FIXED,
        "deposit_fixed_cents": 3_000,
    }
    return Service.objects.create(tradie=tradie, **{**defaults, **fields})


def make_booking(service: Service, starts_at: datetime | None = None, **fields: Any) -> Booking:
    """A confirmed booking of Jo's, as a row; its money is not made up."""
    number = next(_numbers)
    now = timezone.now()
    starts_at = starts_at or (now + timedelta(days=2 + number)).replace(minute=0, second=0, microsecond=0)
    booking_id, terms = uuid.uuid4(), terms_of(service)
    defaults: dict[str, Any] = {
        "id": booking_id,
        "reference": reference_of(booking_id),
        "tradie": service.tradie,
        "service": service,
        "calendar": fields.get("calendar") or service.tradie.calendars.all()[0],
        "status": Status.CONFIRMED,
        **terms.times(starts_at),
        **terms.columns(),
        **JO.columns(),
        "token_hash": hash_of(new_token(booking_id)),
        "created_at": now,
        "confirmed_at": now,
    }
    if fields.get("status") in (Status.PENDING, Status.EXPIRING):
        defaults |= {"held_until": now + timedelta(minutes=10), "confirmed_at": None}
    booking = Booking.objects.create(**{**defaults, **fields})
    BookingEvent.objects.create(booking=booking, kind=EventKind.HELD, actor=Actor.CUSTOMER, at=now)
    return booking


def make_operator(email: str = "operator@example.com", **fields: Any) -> User:
    """A superuser, unless `fields` say otherwise, with a confirmed address and an authenticator app."""
    operator = User.objects.create_user(email, PASSWORD, **{"is_staff": True, "is_superuser": True, **fields})
    EmailAddress.objects.create(user=operator, email=email, verified=True, primary=True)
    TOTP.activate(operator, AUTHENTICATOR_KEY)
    return operator


def sign_in_operator(client: Client, operator: User) -> Client:
    """Through the pages: password, then the code of the app; ends in the admin."""
    client.post("/accounts/login/", {"login": operator.email, "password": PASSWORD})
    while "_auth_user_id" not in client.session:  # a code goes stale if the half minute turns meanwhile
        assert (
            client.post("/accounts/2fa/authenticate/", {"code": code_now(AUTHENTICATOR_KEY)}).status_code
            != 429
        )
    assert client.get("/admin/").status_code == 200
    return client


def gave_password_again(client: Client, user: User, *, ago: timedelta = timedelta()) -> None:
    """As on the page that asks for it before secrets are dealt with."""
    session = client.session
    record = {"method": "password", "at": time_now() - ago.total_seconds(), "reauthenticated": True}
    session.update(
        {"account_authentication_methods": [record], "account_authentication_methods_user": str(user.pk)}
    )
    session.save()


def at(text: str) -> datetime:
    """`at("2027-01-14 08:00 +11:00")`: an instant, in UTC."""
    return datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-")).astimezone(UTC)


@pytest.fixture
def sam(db: None) -> Tradie:
    """Sam the Sydney plumber, every day 7 to 16."""
    return make_tradie(
        slug="sam-plumber",
        business_name="Sam's Plumbing",
        email="sam@example.com",
        account_id="acct_demo_joe",
    )


@pytest.fixture
def kim(sam: Tradie) -> User:
    """Kim in Sam's office."""
    return make_member(sam, Role.OFFICE, "Kim")


@pytest.fixture
def lee(sam: Tradie) -> User:
    """Lee who works for Sam."""
    return make_member(sam, Role.WORKER, "Lee")


@pytest.fixture
def van(sam: Tradie) -> Calendar:
    """Sam's second van, in the same hours; the first is called Sam from then on."""
    return add_hours(add_calendar(sam, "Van 2", first_name="Sam"))


@pytest.fixture
def drain(sam: Tradie) -> Service:
    """Sam's hour of drain cleaning: $120, $30 deposit."""
    return make_service(sam)


@pytest.fixture
def quote(sam: Tradie) -> Service:
    """Sam's free half hour: no deposit, confirmed at once."""
    return make_service(
        sam, name="Free quote", duration_minutes=30, price_cents=0, deposit_kind=DepositKind.NONE, position=1
    )


@pytest.fixture
def alex(db: None) -> Tradie:
    """Alex the Perth electrician."""
    return make_tradie(
        slug="alex-sparky",
        business_name="Alex Electric",
        email="alex@example.com",
        state="WA",
        timezone="Australia/Perth",
        account_id="acct_demo_alex",
    )


@pytest.fixture
def jo() -> Details:
    """Jo the customer."""
    return JO


class Api:
    """The public API as the widget uses it: JSON in and out, no cookies."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, token: str = "", **headers: str) -> Any:
        return self.client.get(path, headers={**self._authorization(token), **headers})

    def post(self, path: str, body: Any, token: str = "", **headers: str) -> Any:
        return self.client.post(
            path, body, content_type="application/json", headers={**self._authorization(token), **headers}
        )

    def patch(self, path: str, body: Any, token: str = "") -> Any:
        return self.client.patch(
            path, body, content_type="application/json", headers=self._authorization(token)
        )

    def book(self, service: Service, start: datetime, *, key: uuid.UUID | None = None, **changes: Any) -> Any:
        """Jo asks for a time; `changes` replace parts of the body."""
        headers = {"Idempotency-Key": str(key)} if key else {}
        return self.post("/api/bookings", {**booking_request(service, start), **changes}, **headers)

    @staticmethod
    def _authorization(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"} if token else {}


def booking_request(service: Service, start: datetime) -> dict[str, Any]:
    """What the widget sends for Jo."""
    return {
        "tradie": service.tradie.slug,
        "service": str(service.pk),
        "start": start.isoformat(),
        "customer": {"name": JO.name, "email": JO.email, "phone": "0412 345 678"},
        "address": {"line1": JO.line1, "suburb": JO.suburb, "state": JO.state, "postcode": JO.postcode},
        "notes": JO.notes,
        "answers": {},
    }


def soon(tradie: Tradie, *, days: int = 3, hour: int = 9, minute: int = 0) -> datetime:
    """A free time some days from now, on the tradie's clock."""
    local = in_zone(timezone.now(), tradie.timezone) + timedelta(days=days)
    return datetime.combine(local.date(), time(hour, minute), zone(tradie.timezone))


@pytest.fixture
def api(client: Client) -> Api:
    return Api(client)


@pytest.fixture
def stripe_app(stripe_world: StripeWorld, settings: Any) -> StripeWorld:
    """The application, connected to a fresh demo Stripe through the checking proxy."""
    settings.STRIPE_SECRET_KEY = stripe_world.secret_key
    settings.STRIPE_PUBLISHABLE_KEY = stripe_world.publishable_key
    settings.STRIPE_API_BASE = stripe_world.api_base
    settings.STRIPE_JS_URL = stripe_world.js_url
    settings.STRIPE_WEBHOOK_SECRETS = [stripe_world.webhook_secret]
    return stripe_world

"""Who may open what: every address of the URL map, with every method, as everybody. An address not named here fails."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from accounts.models import Service, Tradie, User
from availability.models import DateException, TimeOff
from bookings.models import BookingEvent, Status
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service
from peepopay.methods import allowed_methods

OPEN = {"health", "health_db", "health_redis", "health_rabbitmq", "schema", "api_docs"}
OPEN_API = {
    "api_tradie",
    "api_policy_statement",
    "api_availability",
    "api_bookings",
    "api_payment_intent",
    "stripe_webhook",
}
WITH_TOKEN_API = {"api_booking"}
OPEN_PAGES = {"home", "booking_widget", "widget_page"}
WITH_TOKEN = {"manage", "manage_cancel", "manage_calendar"}
SIGNED_IN = {"business_setup"}
TRADIE = {
    "dashboard_today",
    "bookings",
    "business",
    "services",
    "service_add",
    "hours",
    "dates",
    "date_add",
    "booking_rules",
    "time_off",
    "time_off_add",
}
OWN_OBJECT = {"booking", "booking_cancel", "service_change", "date_change", "time_off_change"}
OWN_OBJECT_POST = {
    "booking_approve",
    "booking_decline",
    "booking_done",
    "booking_no_show",
    "booking_notes",
    "service_offer",
    "service_move",
    "date_remove",
    "time_off_remove",
}
# What some buttons say besides being pressed; without it they change nothing.
SAYS = {
    "booking_notes": {"tradie_notes": "Ring"},
    "service_offer": {"active": "0"},
    "service_move": {"by": "1"},
}
# The other pages are forms.
ONLY_SHOWN = {
    "dashboard_today",
    "bookings",
    "booking",
    "services",
    "dates",
    "time_off",
    "manage_calendar",
}
ONLY_SHOWN |= OPEN_PAGES
# Django's and allauth's own pages guard themselves; what matters here is that none of them breaks.
FOREIGN = ("admin:", "account_", "mfa_")

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
SAFE = ("get", "head")


def named_patterns(resolver: Any, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from named_patterns(entry, f"{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name or entry.pattern}"


ALL = sorted(set(named_patterns(get_resolver())))


@pytest.fixture
def things(sam: Tradie, drain: Service) -> dict[str, Any]:
    """One of everything of Sam's; what is in the future, asked for, and can be changed."""
    make_service(sam, name="Leaking tap", position=1)
    booking = make_booking(drain, status=Status.REQUESTED)
    now = timezone.now()
    block = TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=now + timedelta(days=90), ends_at=now + timedelta(days=91)
    )
    DateException.objects.create(calendar=sam.calendars.get(), date=date(2027, 1, 27))
    return {
        "booking_id": booking.pk,
        "service_id": drain.pk,
        "block_id": block.pk,
        "day": date(2027, 1, 27),
        "slug": sam.slug,
        "token": token_of(booking),
    }


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator@example.com", "correct horse battery")


def address(name: str, things: dict[str, Any]) -> str:
    wanted = next(iter(get_resolver().reverse_dict.getlist(name)))[0][0][1]
    return reverse(name, kwargs={key: things[key] for key in wanted})


def signed_in(user: User | None) -> Client:
    client = Client(raise_request_exception=True)
    if user:
        client.force_login(user)
    return client


def snapshot(tradie: Tradie) -> str:
    """Everything of a tradie that a stranger could have changed."""
    tradie.refresh_from_db()
    rows = [
        tradie,
        *tradie.services.order_by("pk"),
        *tradie.calendars.get().working_hours.order_by("pk"),
        *tradie.calendars.get().date_exceptions.order_by("pk"),
        *tradie.calendars.get().time_off.order_by("pk"),
        *tradie.bookings.order_by("pk"),
        *BookingEvent.objects.filter(booking__tradie=tradie).order_by("pk"),
    ]
    return serializers.serialize("json", rows)


def answers(user: User | None, names: set[str], things: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(name, method, response) of every address with every method."""
    client = signed_in(user)
    for name in sorted(names):
        url = address(name, things)
        for method in METHODS:
            yield name, method, getattr(client, method)(url)


def has(name: str, method: str) -> bool:
    """Whether the address of a page or a button takes the method; the rest is a 405."""
    if name in OWN_OBJECT_POST:
        return method == "post"
    return method in SAFE or (method == "post" and name not in ONLY_SHOWN)


def test_every_address_is_listed_here() -> None:
    listed = OPEN | OPEN_API | WITH_TOKEN_API | OPEN_PAGES | WITH_TOKEN | SIGNED_IN | TRADIE | OWN_OBJECT
    ours = {name for name in ALL if not name.startswith(FOREIGN)}
    assert ours == listed | OWN_OBJECT_POST


def test_the_dashboard_sends_strangers_to_the_sign_in(things: dict[str, Any], sam: Tradie) -> None:
    before = snapshot(sam)
    for name, method, response in answers(None, TRADIE | OWN_OBJECT | OWN_OBJECT_POST | SIGNED_IN, things):
        if has(name, method):
            assert response["Location"].startswith("/accounts/login/"), (name, method)
        assert response.status_code == (302 if has(name, method) else 405), (name, method)
    assert snapshot(sam) == before


def test_an_operator_without_a_business_is_sent_to_the_admin(
    things: dict[str, Any], operator: User, sam: Tradie
) -> None:
    before = snapshot(sam)
    for name, method, response in answers(operator, TRADIE | OWN_OBJECT | OWN_OBJECT_POST, things):
        wanted = (302, "/admin/") if has(name, method) else (405, None)
        assert (response.status_code, response.get("Location")) == wanted, (name, method)
    assert snapshot(sam) == before


def test_nobody_reaches_what_belongs_to_another_tradie(
    things: dict[str, Any], sam: Tradie, alex: Tradie
) -> None:
    before = snapshot(sam)
    for name, method, response in answers(alex.owner, OWN_OBJECT | OWN_OBJECT_POST, things):
        assert response.status_code == (404 if has(name, method) else 405), (name, method)
    assert snapshot(sam) == before


def test_the_owner_gets_every_page_and_looking_changes_nothing(things: dict[str, Any], sam: Tradie) -> None:
    before, client = snapshot(sam), signed_in(sam.owner)
    for name in sorted(TRADIE | OWN_OBJECT | OWN_OBJECT_POST):
        for method in set(METHODS) - {"post"}:
            status = getattr(client, method)(address(name, things)).status_code
            is_page = method in SAFE and name not in OWN_OBJECT_POST
            assert status == (200 if is_page else 405), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("name", sorted(OWN_OBJECT_POST))
def test_the_owner_may_press_every_button(name: str, things: dict[str, Any], sam: Tradie) -> None:
    assert signed_in(sam.owner).post(address(name, things), SAYS.get(name)).status_code == 302


def test_a_change_without_a_csrf_token_is_refused(things: dict[str, Any], sam: Tradie) -> None:
    before, client = snapshot(sam), Client(enforce_csrf_checks=True)
    client.force_login(sam.owner)
    for name in TRADIE | OWN_OBJECT | OWN_OBJECT_POST | SIGNED_IN:
        assert client.post(address(name, things)).status_code == (403 if has(name, "post") else 405), name
    assert snapshot(sam) == before


def test_a_method_that_an_address_does_not_have_is_a_405_before_anything_else_is_asked(
    things: dict[str, Any], sam: Tradie
) -> None:
    """Before the CSRF token, which would be a 403, and before the sign-in; and the answer says which there are."""
    before, client = snapshot(sam), Client(enforce_csrf_checks=True)
    pages = TRADIE | OWN_OBJECT | OWN_OBJECT_POST | SIGNED_IN | WITH_TOKEN | OPEN_PAGES
    for name in sorted(pages | OPEN | OPEN_API | WITH_TOKEN_API):
        url, allowed = address(name, things), allowed_methods(resolve(address(name, things)).func)
        assert allowed, f"{name} does not say which methods it takes: peepopay/methods.py"
        for method in METHODS:
            response = getattr(client, method)(url)
            if method.upper() not in allowed:
                assert response.status_code == 405, (name, method)
                assert set(response["Allow"].split(", ")) == set(allowed), (name, method)
            if name in pages:
                assert (method.upper() in allowed) is has(name, method), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("token", ["wrong", "a" * 24, "a" * 500, "né"])
def test_a_wrong_token_opens_nothing(token: str, things: dict[str, Any], sam: Tradie) -> None:
    before = snapshot(sam)
    for name, method, response in answers(sam.owner, WITH_TOKEN, {**things, "token": token}):
        assert response.status_code == (404 if has(name, method) else 405), (name, method)
    assert snapshot(sam) == before


def test_a_link_only_shows(things: dict[str, Any], sam: Tradie) -> None:
    before, client = snapshot(sam), signed_in(None)
    for name in WITH_TOKEN | OPEN_PAGES:
        for method in set(METHODS) - {"post"}:
            response = getattr(client, method)(address(name, things))
            assert response.status_code in ((200, 503) if method in SAFE else (405,)), (name, method)
            assert not response.cookies, name
    assert snapshot(sam) == before


def test_only_operators_get_into_the_admin(sam: Tradie) -> None:
    half_way = User.objects.create_superuser("new@example.com", "correct horse battery")  # no second factor
    visitors = [signed_in(None), signed_in(sam.owner), signed_in(half_way)]
    # Without names: the catch-all and the old addresses of change pages, both redirects or 404.
    for name in (name for name in ALL if name.startswith("admin:") and name[6:].isidentifier()):
        wanted = next(iter(get_resolver().namespace_dict["admin"][1].reverse_dict.getlist(name[6:])))[0][0][1]
        known = {"content_type_id": "1", "app_label": "bookings", "url": "nothing"}
        url = reverse(name, kwargs={key: known.get(key, str(uuid.uuid4())) for key in wanted})
        is_open = name in ("admin:login", "admin:logout")
        for client in [signed_in(None), signed_in(sam.owner)] if is_open else visitors:
            for method in METHODS:
                status = getattr(client, method)(url).status_code
                assert status in ((200, 302, 403, 405) if is_open else (302, 403)), (name, method)


def test_open_addresses_never_break_and_set_no_cookie(things: dict[str, Any], sam: Tradie) -> None:
    before = snapshot(sam)
    for name, method, response in answers(None, OPEN | OPEN_API | WITH_TOKEN_API, things):
        assert response.status_code < 500 or name.startswith("health"), (name, method)
        assert not response.cookies, (name, method)
    assert snapshot(sam) == before


def test_the_booking_of_another_tradie_is_not_told_apart_from_none(alex: Tradie, drain: Service) -> None:
    client, theirs = signed_in(alex.owner), make_booking(drain)
    known = client.get(reverse("booking", args=[theirs.pk]))
    unknown = client.get(reverse("booking", args=[uuid.uuid4()]))
    assert known.status_code == unknown.status_code == 404
    assert known.content == unknown.content

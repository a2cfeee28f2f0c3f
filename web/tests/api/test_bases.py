"""The two bases of the API: nobody gets in by a forgotten line, and neither base reads the other's credentials."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, path
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Service, Tradie, User
from accounts.roles import May
from local.testing.cast import booking_request, make_booking, owner_of, soon
from web.api.bases import PublicAPI, TradieAPI, by_credentials
from web.tests.openapi import error_problems

ELSEWHERE = "https://sams-plumbing.example"


class Forgotten(APIView):
    """A view without a base of ours."""

    def get(self, request: Any) -> Response:
        return Response({"secret": True})


class SaysNothing(TradieAPI):
    """A view of the dashboard that forgot to say what one must be allowed."""

    def get(self, request: Any) -> Response:
        return Response({"secret": True})


class ForOwners(TradieAPI):
    may = May.PEOPLE

    def post(self, request: Any) -> Response:
        return Response({"business": self.member.tradie.slug, "role": self.member.role})


class WithSession(TradieAPI):
    may = May.JOBS

    def get(self, request: Any) -> Response:
        return Response({"door": "session", "authorization": bool(request.auth), "who": str(request.user)})

    patch = get


class WithToken(PublicAPI):
    def get(self, request: Any) -> Response:
        return Response({"door": "token", "who": str(request.user)})

    patch = get


urlpatterns = [
    path("api/forgotten", Forgotten.as_view()),
    path("api/says-nothing", SaysNothing.as_view()),
    path("api/for-owners", ForOwners.as_view()),
    path("api/bookings/both", by_credentials(WithToken, WithSession)),
]


@pytest.fixture
def views(settings: Any) -> None:
    settings.ROOT_URLCONF = sys.modules[__name__]


def as_user(user: User, **how: Any) -> Client:
    client = Client(**how)
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", ["/api/forgotten", "/api/says-nothing"])
def test_a_forgotten_line_lets_nobody_in(address: str, views: None, sam: Tradie) -> None:
    for client in (Client(), as_user(owner_of(sam))):
        answer = client.get(address)
        assert answer.status_code in (401, 403)
        assert error_problems(answer.status_code, answer.json(), answer.headers) == []


def test_a_view_gets_its_business_and_role_and_refuses_others(views: None, sam: Tradie, kim: User) -> None:
    assert as_user(owner_of(sam)).post("/api/for-owners").json() == {
        "business": "sam-plumber",
        "role": "owner",
    }
    refused = as_user(kim).post("/api/for-owners")
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert refused.json()["message"].startswith("In Sam's Plumbing, only an owner may invite people")


def test_a_change_by_session_needs_the_csrf_token(views: None, sam: Tradie) -> None:
    client = as_user(owner_of(sam), enforce_csrf_checks=True)
    refused = client.post("/api/for-owners")
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert error_problems(403, refused.json(), refused.headers) == []
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(
        "/api/for-owners", {}, content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.status_code == 200


def test_where_an_address_has_two_doors_each_takes_its_own_credentials(views: None, kim: User) -> None:
    client = as_user(kim, enforce_csrf_checks=True)
    assert client.get("/api/bookings/both").json() == {
        "door": "session",
        "authorization": False,
        "who": kim.email,
    }
    by_token = client.get("/api/bookings/both", headers={"Authorization": "Bearer x"})
    assert by_token.json() == {"door": "token", "who": "None"}
    assert client.patch("/api/bookings/both").status_code == 403  # no CSRF token
    assert client.patch("/api/bookings/both", headers={"Authorization": "Bearer x"}).json()["door"] == "token"
    assert Client().get("/api/bookings/both").status_code == 401


def test_only_the_public_door_of_an_address_is_open_to_other_sites(views: None, kim: User) -> None:
    def allowed(client: Client, **headers: str) -> str | None:
        answer = client.get("/api/bookings/both", headers={"origin": ELSEWHERE, **headers})
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed(as_user(kim), authorization="Bearer x") == "*"
    assert allowed(as_user(kim)) is None
    assert allowed(Client()) is None


@pytest.mark.django_db(transaction=True)
def test_public_views_read_no_cookie_even_if_one_is_sent(sam: Tradie, quote: Service) -> None:
    client = as_user(owner_of(sam), enforce_csrf_checks=True)  # a POST that read the session would be refused
    booking = make_booking(quote, soon(sam, hour=13))
    stranger = {"Authorization": "Bearer nobody"}
    for answer in (
        client.get(f"/api/tradies/{sam.slug}"),
        client.get(f"/api/availability/{sam.slug}?date=2027-01-14"),
        client.get(f"/api/bookings/{booking.pk}", headers=stranger),
        client.patch(f"/api/bookings/{booking.pk}", {}, content_type="application/json", headers=stranger),
        client.post("/api/payments/intent", {"booking": str(booking.pk)}, content_type="application/json"),
        client.post("/api/bookings", booking_request(quote, soon(sam)), content_type="application/json"),
    ):
        assert answer.status_code != 403
        assert not answer.wsgi_request.session.accessed
        assert not answer.cookies
    assert answer.status_code == 201


def test_every_view_of_the_api_has_one_base_and_other_sites_may_read_those_of_the_public_one() -> None:
    ours = {
        f"/api/{entry.pattern}": entry.callback.cls
        for entry in get_resolver("web.api.urls").url_patterns
        if issubclass(getattr(entry.callback, "cls", type), PublicAPI | TradieAPI)
    }
    assert len(ours) >= 6
    for address, view in ours.items():
        assert issubclass(view, PublicAPI) != issubclass(view, TradieAPI), view
        assert bool(re.match(settings.CORS_URLS_REGEX, address)) == issubclass(view, PublicAPI), address


def test_no_view_of_the_api_is_without_a_base() -> None:
    views = {getattr(entry.callback, "cls", None) for entry in get_resolver("web.api.urls").url_patterns}
    foreign = {view for view in views if view and not issubclass(view, PublicAPI | TradieAPI)}
    assert {view.__module__.partition(".")[0] for view in foreign} == {"drf_spectacular"}

"""GET /api/me: who is signed in, for which business, in which role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Tradie, User
from accounts.people import add_member
from accounts.roles import Role
from local.testing.cast import make_user
from web.tests.openapi import problems

ELSEWHERE = "https://sams-plumbing.example"


def ask(client: Client, **headers: str) -> Any:
    """Every answer is as docs/openapi.yaml says."""
    answer = client.get("/api/me", headers=headers)
    assert problems("GET", "/api/me", answer) == []
    return answer


@pytest.fixture
def kims(client: Client, kim: User) -> Client:
    client.force_login(kim)
    return client


def test_it_says_who_where_and_what_they_may(kims: Client, kim: User) -> None:
    assert ask(kims).json() == {
        "user": {"id": str(kim.pk), "name": "Kim", "email": kim.email},
        "business": {
            "slug": "sam-plumber",
            "business_name": "Sam's Plumbing",
            "timezone": "Australia/Sydney",
        },
        "role": "office",
        "may": ["jobs", "bookings", "quotes", "hours", "crew", "services"],
        "other_businesses": [],
    }


def test_it_follows_the_business_that_was_chosen(kims: Client, kim: User, alex: Tradie) -> None:
    add_member(alex, kim, Role.WORKER)
    assert ask(kims).json()["other_businesses"] == [
        {
            "slug": "alex-sparky",
            "business_name": "Alex Electric",
            "timezone": "Australia/Perth",
            "role": "worker",
        }
    ]
    kims.post("/dashboard/you/switch", {"business": str(alex.pk)})
    chosen = ask(kims).json()
    assert (chosen["business"]["slug"], chosen["role"], chosen["may"]) == ("alex-sparky", "worker", ["jobs"])
    assert [other["slug"] for other in chosen["other_businesses"]] == ["sam-plumber"]


def test_without_a_session_it_is_401(client: Client, sam: Tradie) -> None:
    for headers in (
        {},
        {"cookie": "sessionid=nonsense"},
        {"authorization": "Bearer abcdefghijklmnopqrstuvwx"},
    ):
        answer = ask(client, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


def test_without_a_business_it_is_403(client: Client, db: None) -> None:
    client.force_login(make_user("pat@example.com"))
    answer = ask(client)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert "ask for an invitation" in answer.json()["message"]


def test_whoever_left_is_401_at_once(kims: Client, kim: User) -> None:
    from accounts.people import remove_member

    remove_member(kim.memberships.get())
    assert ask(kims).status_code == 401


def test_it_is_for_no_other_site(kims: Client) -> None:
    for client in (kims, Client()):
        answer = ask(client, origin=ELSEWHERE)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    preflight = kims.options("/api/me", headers={"origin": ELSEWHERE, "access-control-request-method": "GET"})
    assert not preflight.has_header("Access-Control-Allow-Origin")


def test_it_costs_two_queries(kims: Client, django_assert_num_queries: Any) -> None:
    ask(kims)
    with django_assert_num_queries(2):  # user, businesses
        ask(kims)

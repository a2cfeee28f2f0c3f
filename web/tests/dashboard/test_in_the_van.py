"""A phone that keeps today's jobs: only where somebody turned it on, for that person, until they sign out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Service, Tradie, User
from local.testing.cast import make_booking, owner_of

FORGETS = '"storage"'
KEEPS = re.compile(r'id="as-of"|rel="manifest"|js/van')


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def turn_on(client: Client) -> Any:
    return client.post("/dashboard/you/in-the-van/switch", {"keep": "1"})


def keeps(client: Client, page: str = "/dashboard/") -> int:
    return len(KEEPS.findall(client.get(page).content.decode()))


def test_until_it_is_turned_on_pages_have_nothing_of_it(dashboard: Client, drain: Service) -> None:
    job = f"/dashboard/bookings/{make_booking(drain).pk}"
    assert (keeps(dashboard), keeps(dashboard, job)) == (0, 0)
    assert turn_on(dashboard)["Location"] == "/dashboard/"
    assert (keeps(dashboard), keeps(dashboard, job)) == (3, 3)
    assert "Keep nothing any more" in dashboard.get("/dashboard/you/in-the-van").content.decode()


def test_the_page_says_from_when_it_is_once_the_worker_shows_it(dashboard: Client) -> None:
    turn_on(dashboard)
    [said] = re.findall(r'<p id="as-of" hidden [^>]*>([^<]+)', dashboard.get("/dashboard/").content.decode())
    assert re.fullmatch(r"As of \d+:\d\d [ap]m, \w+ \d+ \w+( \d{4})?: no reception\.", said)


def test_turned_off_the_phone_forgets_all(dashboard: Client) -> None:
    turn_on(dashboard)
    answer = dashboard.post("/dashboard/you/in-the-van/switch", {"keep": "0"})
    assert answer["Clear-Site-Data"] == FORGETS
    assert keeps(dashboard) == 0


def test_signed_out_it_forgets_and_goes_on_when_they_are_back(dashboard: Client, sam: Tradie) -> None:
    turn_on(dashboard)
    assert "Clear-Site-Data" not in dashboard.get("/dashboard/")
    assert dashboard.post("/accounts/logout/")["Clear-Site-Data"] == FORGETS
    dashboard.force_login(owner_of(sam))
    assert "Clear-Site-Data" not in dashboard.get("/dashboard/")
    assert keeps(dashboard) == 3


def test_somebody_else_who_signs_in_finds_nothing_and_leaves_nothing(dashboard: Client, lee: User) -> None:
    turn_on(dashboard)
    dashboard.force_login(lee)
    first = dashboard.get("/dashboard/")
    assert first["Clear-Site-Data"] == FORGETS
    assert not KEEPS.search(first.content.decode())
    assert not dashboard.cookies["van"].value


def test_who_never_turned_it_on_is_told_to_forget_nothing(dashboard: Client) -> None:
    assert "Clear-Site-Data" not in dashboard.post("/accounts/logout/")


def test_the_worker_looks_after_the_dashboard_alone_and_is_asked_for_again(client: Client) -> None:
    answer = client.get("/dashboard/worker.js")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "text/javascript; charset=utf-8",
        "no-cache",
    )
    assert "Service-Worker-Allowed" not in answer  # its folder is its scope
    assert not answer.cookies


def test_a_phone_can_install_it(client: Client) -> None:
    answer = client.get("/dashboard/app.webmanifest")
    said = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert (said["start_url"], said["display"]) == ("/dashboard/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in said["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }

"""What people see when something fails: plain words in the product's look, and a way on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import Tradie
from bookings import job_lists
from local.testing.cast import owner_of


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "404.html", "500.html", "403_csrf.html", "429.html"]
)
def test_every_error_page_renders_with_nothing_at_hand(name: str) -> None:
    page = render_to_string(name)
    assert "<h1>" in page
    assert 'class="button"' in page


def test_an_unknown_address(client: Client, db: None) -> None:
    response = client.get("/nothing-here")
    assert (response.status_code, "Nothing here" in response.content.decode()) == (404, True)


def test_a_form_that_was_open_too_long(db: None, sam: Tradie) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner_of(sam))
    response = client.post("/dashboard/hours", {})
    assert response.status_code == 403
    assert "open too long" in response.content.decode()


def test_a_database_that_is_away_is_a_503_with_a_time_to_come_back(
    client: Client, sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("the connection is lost")

    client.force_login(owner_of(sam))
    monkeypatch.setattr(job_lists, "next_job", gone)
    response = client.get("/dashboard/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "having trouble" in response.content.decode()


def test_more_than_a_form_can_hold_is_a_page_that_says_what_to_do(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    response = client.post("/dashboard/services/new", {"name": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    assert response.status_code == 413
    page = response.content.decode()
    assert "nothing was saved. Go back, shorten what you typed" in page
    assert "Try again" not in page


@pytest.mark.parametrize("query", ["q=%00", "page=%00", "show=%00"])
def test_a_nul_byte_is_a_400(query: str, client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    assert client.get(f"/dashboard/bookings?{query}").status_code == 400


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 70_000])
def test_text_that_no_database_could_hold_is_no_crash(text: str, client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    data = f"form_key={uuid4()}&name={text}".encode("utf-8", "surrogatepass")
    response = client.post("/dashboard/services/new", data, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (200, 400)

"""What a business decides about its booking page: its colour, and on which websites it may stand."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import changes_of
from accounts.models import AuditEntry, Service, Tradie
from bookings.models import Booking, Status
from bookings.new_links import renew_link
from bookings.reminder_links import reminders_url
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service, owner_of, soon
from web.tests.page_forms import forms_of

PAGE = "/dashboard/widget"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def save(dashboard: Client, django_capture_on_commit_callbacks: Any) -> Any:
    """The form with this in it; what is cached of the business is forgotten, as on a commit."""

    def saved(**typed: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return dashboard.post(PAGE, forms_of(dashboard.get(PAGE))[-1].fields | typed)

    return saved


def sites_of(tradie: Tradie) -> list[str]:
    return Tradie.objects.get(pk=tradie.pk).allowed_sites


def text_of(page: Any) -> str:
    return unescape(page.content.decode())


def test_websites_are_typed_as_people_write_them(dashboard: Client, save: Any, sam: Tradie) -> None:
    typed = (
        "www.Sams-Plumbing.com.au/contact\nhttps://sams-plumbing.com.au, https://www.sams-plumbing.com.au/"
    )
    assert save(allowed_sites=typed).status_code == 302
    kept = ["https://www.sams-plumbing.com.au", "https://sams-plumbing.com.au"]
    assert sites_of(sam) == kept
    assert "\n".join(kept) in text_of(dashboard.get(PAGE))
    assert Client().get(f"/api/tradies/{sam.slug}").json()["allowed_sites"] == kept
    assert save(allowed_sites="").status_code == 302
    assert "allowed_sites" not in Client().get(f"/api/tradies/{sam.slug}").json()


@pytest.mark.parametrize(
    "site", ["sams plumbing", "http://sams.com.au", "javascript:alert(1)", "*", "https://", "a@b.com"]
)
def test_what_is_no_website_is_refused_and_kept_on_the_page(save: Any, sam: Tradie, site: str) -> None:
    page = save(allowed_sites=site)
    assert page.status_code == 400
    assert "is no address of a website" in text_of(page)
    assert site in text_of(page)
    assert sites_of(sam) == []


def test_more_than_twenty_are_too_many(dashboard: Client, save: Any, sam: Tradie) -> None:
    page = save(allowed_sites="\n".join(f"site{number}.com.au" for number in range(21)))
    assert "20 websites are the most." in text_of(page)


def test_only_those_websites_may_frame_the_page_and_what_opens_in_it(
    dashboard: Client, save: Any, sam: Tradie, alex: Tradie, settings: Any, tmp_path: Path
) -> None:
    settings.WIDGET_DIR = tmp_path
    (tmp_path / "widget").mkdir()
    (tmp_path / "widget" / "index.html").write_text("<!doctype html><title>Book</title>")
    save(allowed_sites="sams.com.au")
    booked, elsewhere = (make_booking(make_service(tradie), soon(tradie)) for tradie in (sam, alex))
    token, of_alex = token_of(booked), token_of(elsewhere)
    renew_link(booked, now=timezone.now())
    booked.refresh_from_db()
    tokens = (token, token_of(booked))
    pages = [f"/book/{sam.slug}?embed=1", reminders_url(booked)]
    pages += [f"/manage/{known}{rest}" for known in tokens for rest in ("", "/cancel")]
    assert [framed_by(page) for page in pages] == ["'self' http://testserver https://sams.com.au"] * 6
    pages = [
        f"/book/{alex.slug}",
        "/book/nobody",
        f"/manage/{of_alex}",
        f"/manage/{of_alex}/move",
        "/manage/nobodys",
    ]
    assert [framed_by(page) for page in pages] == ["*"] * 5


def framed_by(page: str) -> str:
    """Who may have it in a frame."""
    response = Client().get(page)
    assert "X-Frame-Options" not in response
    (found,) = re.findall(r"frame-ancestors ([^;]+)", response["Content-Security-Policy"])
    return str(found)


def test_a_colour_is_looked_at_before_it_is_saved(dashboard: Client, save: Any, sam: Tradie) -> None:
    page = save(accent_colour="#ffd400", look="")
    assert "/dashboard/widget/sample.svg?colour=%23ffd400" in text_of(page)
    assert "Not saved yet." in text_of(page)
    assert Tradie.objects.get().accent_colour == "#0f6fde"
    drawn = dashboard.get("/dashboard/widget/sample.svg?colour=%23ffd400")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert 'data-colour="#7d6700"' in drawn.content.decode()


@pytest.mark.parametrize("colour", ["red", "%23fff", "%22%3E%3Cscript%3E"])
def test_what_is_no_colour_is_drawn_in_the_one_there_is(dashboard: Client, sam: Tradie, colour: str) -> None:
    Tradie.objects.update(business_name="<script>Sam</script>")
    drawn = dashboard.get(f"/dashboard/widget/sample.svg?colour={colour}").content.decode()
    assert 'data-colour="#0e68d0"' in drawn
    assert "<script>" not in drawn


def test_the_business_chooses_what_its_page_speaks(dashboard: Client, save: Any, sam: Tradie) -> None:
    def told() -> Any:
        profile = Client().get(f"/api/tradies/{sam.slug}").json()
        opening = Client().get(f"/api/tradies/{sam.slug}/opening").json()["tradie"]
        assert opening.get("language") == profile.get("language")
        return profile.get("language")

    assert told() is None  # as the visitor's browser does
    assert "What the visitor's browser speaks" in text_of(dashboard.get(PAGE))
    assert save(page_language="zh").status_code == 302
    assert told() == "zh"
    entry = AuditEntry.objects.latest("at")
    assert "Simplified Chinese" in str(entry.detail)
    assert save(page_language="en").status_code == 302
    assert told() == "en"
    assert save(page_language="fr").status_code == 400
    assert save(page_language="").status_code == 302
    assert told() is None


def test_assistants_find_the_business_once_it_says_so(save: Any, client: Client, sam: Tradie) -> None:
    assert client.get("/llms.txt").status_code == 404
    save(for_assistants="on")
    assert client.get("/llms.txt").status_code == 200
    assert "bookable by assistants" in sam.changes.latest("pk").detail.lower()
    save(for_assistants="")
    assert client.get("/llms.txt").status_code == 404


def test_promises_kept_are_shown_only_once_the_owner_says_so_and_from_20_jobs_on(
    save: Any, drain: Service, django_capture_on_commit_callbacks: Any
) -> None:
    def shown() -> Any:
        return Client().get(f"/api/tradies/{drain.tradie.slug}").json().get("kept_promises")

    began = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    for number in range(20):
        late = 15 if number == 7 else 0
        starts = began - timedelta(hours=2 * number)
        make_booking(drain, starts, status=Status.COMPLETED, late_minutes=late)
    assert shown() is None
    assert save(shows_kept_promises="True").status_code == 302
    assert "promises kept, on the booking page from no to yes" in changes_of(drain.tradie)[0].detail
    assert shown() == {"jobs": 20, "kept": 19}
    assert save(shows_kept_promises="False").status_code == 302
    assert shown() is None
    Booking.objects.filter(late_minutes=15).update(status=Status.NO_SHOW)
    save(shows_kept_promises="True")
    assert shown() is None

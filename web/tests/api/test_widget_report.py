"""The booking page tells how it fares: counted, in words known beforehand, of nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie, WidgetCount
from accounts.widget_models import ELSEWHERE, Seen
from accounts.widget_reports import KEPT, MOST_SITES
from bookings.housekeeping import forget_old_rows
from peepopay.throttling import WidgetReports

HERE = "https://www.sams.com.au"


def report(client: Client, tradie: Any, *saw: str, **more: Any) -> Any:
    return client.post(
        f"/api/tradies/{getattr(tradie, 'slug', tradie)}/widget-report",
        {"site": HERE, "saw": saw, **more},
        content_type="application/json",
        headers={"origin": "null"},
    )


def counted(tradie: Tradie) -> dict[tuple[str, str], int]:
    rows = WidgetCount.objects.filter(tradie=tradie)
    return {(site, what): count for site, what, count in rows.values_list("site", "what", "count")}


def test_it_is_counted_by_website_and_word(client: Client, sam: Tradie, alex: Tradie) -> None:
    answer = report(client, sam, "opened", "too_tall", load_ms=940)
    assert (answer.status_code, answer.content, answer.cookies.output()) == (204, b"", "")
    assert answer["Access-Control-Allow-Origin"] == "*"
    report(client, sam, "opened", "opened", load_ms=60_000)
    report(client, sam, "time")
    report(client, sam, "opened", site="")
    assert counted(sam) == {
        ("www.sams.com.au", "opened"): 2,
        ("www.sams.com.au", "too_tall"): 1,
        ("www.sams.com.au", "load_1000"): 1,
        ("www.sams.com.au", "load_15000"): 1,
        ("www.sams.com.au", "time"): 1,
        ("", "opened"): 1,
    }
    assert counted(alex) == {}


def test_what_is_no_word_of_ours_is_dropped(client: Client, sam: Tradie) -> None:
    assert report(client, sam, "drop_table", "load_500").status_code == 204
    assert report(client, sam).status_code == 204
    assert counted(sam) == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"saw": "opened"},
        {"saw": ["opened\n"]},
        {"saw": ["<b>"]},
        {"saw": ["opened"] * 11},
        {"saw": ["opened"], "load_ms": -1},
        {"saw": ["opened"], "site": "https://ex\u202eample.com"},
        {"saw": ["opened"], "site": 7},
        {"saw": ["opened"], "site": f"https://{'a' * 200}.com"},
        {"saw": ["opened" * 4]},
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, sam: Tradie, body: Any) -> None:
    address = f"/api/tradies/{sam.slug}/widget-report"
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert counted(sam) == {}


def test_nobodys_page_tells_nothing(client: Client, sam: Tradie) -> None:
    assert report(client, "nobody", "opened").status_code == 404
    Tradie.objects.update(closed_at=timezone.now())
    assert report(client, sam, "opened").status_code == 404
    assert not WidgetCount.objects.exists()


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://Sams.com.au", "sams.com.au"),
        ("http://sams.com.au", "sams.com.au"),
        ("https://sams.com.au:8443", "sams.com.au:8443"),
        ("http://localhost:8002", "localhost:8002"),
        ("null", ELSEWHERE),
        ("?", ELSEWHERE),
        ("https://1.2.3.4", ELSEWHERE),
        ("https://a@sams.com.au", ELSEWHERE),
        ("https://[::1", ELSEWHERE),
        ("https://sams.com.au:99999", ELSEWHERE),
        ("javascript:alert(1)", ELSEWHERE),
    ],
)
def test_of_the_website_only_its_host_is_kept(client: Client, sam: Tradie, told: str, kept: str) -> None:
    assert report(client, sam, "opened", site=told).status_code == 204
    assert counted(sam) == {(kept, "opened"): 1}


def test_our_own_pages_around_it_are_no_website(client: Client, sam: Tradie, settings: Any) -> None:
    report(client, sam, "opened", site=settings.SITE_URL)
    assert counted(sam) == {}


def test_a_hundred_websites_are_no_more_than_twenty_and_those_that_are_named(
    client: Client, sam: Tradie
) -> None:
    Tradie.objects.filter(pk=sam.pk).update(allowed_sites=["https://named.com.au"])
    for number in range(50):
        report(client, sam, "opened", site=f"https://site{number}.com.au")
    report(client, sam, "opened", site="https://named.com.au")
    report(client, sam, "opened", site="https://site3.com.au")
    found = counted(sam)
    assert len(found) == MOST_SITES + 2
    assert found[ELSEWHERE, "opened"] == 50 - MOST_SITES
    assert found["named.com.au", "opened"] == 1
    assert found["site3.com.au", "opened"] == 2


def test_an_address_tells_so_often_and_a_business_hears_so_often(
    client: Client, sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.widget_reports.MOST_REPORTS", WidgetReports.limit - 2)
    answers = [report(client, sam, "opened").status_code for _ in range(WidgetReports.limit + 1)]
    assert answers == [204] * WidgetReports.limit + [429]
    assert counted(sam) == {("www.sams.com.au", "opened"): WidgetReports.limit - 2}


def test_it_goes_after_ninety_days(client: Client, sam: Tradie) -> None:
    report(client, sam, "opened")
    now = timezone.now()
    forget_old_rows(now=now + KEPT - timedelta(minutes=1))
    assert counted(sam) != {}
    forget_old_rows(now=now + KEPT + timedelta(minutes=1))
    assert counted(sam) == {}


def test_every_word_fits_its_column() -> None:
    assert max(len(word) for word in Seen.values) <= WidgetCount._meta.get_field("what").max_length

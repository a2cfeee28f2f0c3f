"""The widget's files as the real nginx serves them, by the configuration of deploy/nginx."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from django.http import QueryDict

from local import nginx
from local.fixtures import need
from local.nginx import Nginx
from local.nginx_files import PROBLEMS
from local.paths import CHECKOUT
from local.processes import temporary_folder
from web.customer.widget import fetched_early

DIST = CHECKOUT / "widget" / "dist"
API = "https://api.example.com.au"


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    need(nginx.why_missing())
    yield from running(Nginx(temporary_folder("nginx")))


@pytest.fixture(scope="module")
def away() -> Iterator[str]:
    """Behind a CDN, with the API on another host."""
    need(nginx.why_missing())
    yield from running(Nginx(temporary_folder("nginx"), site=nginx.AWAY, api=API))


def running(server: Nginx) -> Iterator[str]:
    process = server.process().start()
    yield server.url
    process.stop()


def get(address: str, **headers: str) -> requests.Response:
    """As it came: not followed, not decoded."""
    sent = {"Accept-Encoding": "identity"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return requests.get(address, headers=sent, timeout=10, allow_redirects=False)


def asset(ending: str) -> str:
    """The path of a file that the page loads later."""
    (found,) = (DIST / "widget" / "assets").glob(f"form-*.{ending}")
    return f"/{found.relative_to(DIST)}"


@pytest.mark.parametrize(
    "path", ["/book/joe-plumber", "/book/joe-plumber?embed=1", "/book/nobody", "/widget/index.html"]
)
def test_the_page_is_the_same_file_at_every_tradies_address(path: str, home: str) -> None:
    page = get(home + path)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.text == (DIST / "widget" / "index.html").read_text()
    assert page.headers["Cache-Control"] == "public, no-cache"


def test_what_the_page_asks_for_first_is_fetched_along_with_it(home: str, away: str) -> None:
    """As `web.customer.widget` says, from where the API is."""
    service = "0b1f2a34-0000-4000-8000-000000000001"
    for asked, told in (
        (service, f"service={service}"),
        ("x%3E%3B", ""),
        (f"{service}&accent=%230B5cad", f"service={service}&accent=%230B5cad"),
        (f"{service}&accent=red%0A", f"service={service}"),
    ):
        path = f"/book/joe-plumber?embed=1&service={asked}"
        for site, api in ((home, ""), (away, API)):
            early = fetched_early("joe-plumber", QueryDict(told)).replace("</", f"<{api}/")
            assert get(site + path).headers["Link"] == early
    assert "Link" not in get(f"{home}/widget/index.html").headers


def test_an_unchanged_page_is_not_sent_twice(home: str, away: str) -> None:
    for site in (home, away):
        first = get(f"{site}/book/joe-plumber")
        again = get(f"{site}/book/joe-plumber", If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")


def test_what_is_named_by_its_content_is_kept_for_a_year(home: str) -> None:
    for path in (asset("js"), asset("css")):
        assert get(home + path).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get(f"{home}/embed.js").headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(("encoding", "suffix"), [("br", ".br"), ("gzip", ".gz")])
def test_files_are_sent_as_they_were_compressed_at_the_build(encoding: str, suffix: str, home: str) -> None:
    for path in (asset("js"), asset("css"), "/embed.js", "/widget/index.html"):
        answer = requests.get(home + path, headers={"Accept-Encoding": encoding}, timeout=10, stream=True)
        assert answer.headers["Content-Encoding"] == encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.raw.read(decode_content=False) == (DIST / f"{path[1:]}{suffix}").read_bytes()


def test_a_file_of_another_version_is_a_404_that_nobody_keeps(home: str) -> None:
    gone = get(f"{home}/widget/assets/form-00000000.js")
    assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")
    assert "Nothing here" in gone.text


@pytest.mark.parametrize(
    "path",
    [
        "/widget/../../settings/nginx.conf",
        "/widget/..%2f..%2fsettings/nginx.conf",
        "/problems/503.json",
        "/embed.js.br/",
    ],
)
def test_nothing_but_the_widget_can_be_had(path: str, home: str) -> None:
    link = http.client.HTTPConnection(urlsplit(home).netloc, timeout=10)
    link.request("GET", path)  # word for word
    assert link.getresponse().status in (400, 404, 503)


@pytest.mark.parametrize("status", PROBLEMS)
def test_a_problem_is_told_to_people_as_a_page_and_to_programs_in_the_apis_shape(
    status: int, home: str
) -> None:
    page = get(f"{home}/problems/{status}?%2Fdashboard%2F")
    answer = get(f"{home}/problems/{status}?%2Fapi%2Fbookings")
    assert page.status_code == answer.status_code == status
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (answer.json()["statusCode"], answer.json()["success"]) == (status, False)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get("Retry-After") == {429: "60", 503: "5"}.get(status)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/problems/503?%2Fapi%2Fbookings", {}),
        ("/problems/503?https%3A%2F%2Fbook.example.com%3A8443%2Fapi%2Fbookings", {}),
        ("/problems/503", {"X_Forwarded_Uri": "/api/bookings?x=1"}),
        ("/problems/503", {"X_Replaced_Path": "/webhooks/stripe"}),
        ("/problems/413?https%3A%2F%2Fbook.example.com%2Fmcp", {}),
        ("/problems/429", {"X_Forwarded_Uri": "/mcp"}),
        ("/api/availability/joe-plumber?month=2026-01", {}),
    ],
)
def test_which_address_it_was_about_can_be_said_in_four_ways(
    path: str, headers: dict[str, str], home: str
) -> None:
    assert get(home + path, **headers).headers["Content-Type"] == "application/json; charset=utf-8"
    elsewhere = {name: re.sub("api|webhooks|mcp", "x", value) for name, value in headers.items()}
    page = get(home + re.sub("api|mcp", "x", path), **elsewhere)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"


def test_what_was_meant_for_the_application_is_a_503(home: str) -> None:
    changed = requests.post(f"{home}/api/bookings", json={}, timeout=10)
    assert (changed.status_code, changed.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "be right back" in get(f"{home}/dashboard/").text


def test_away_from_home_the_page_knows_where_the_api_is(away: str) -> None:
    page = get(f"{away}/book/joe-plumber")
    assert f'<meta name="peepopay-api" content="{API}"' in page.text
    assert f"connect-src 'self' {API} https://api.stripe.com" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"


def test_it_writes_only_into_its_own_folder() -> None:
    """Or it could not run where everything else is read-only."""
    text = (CHECKOUT / "deploy" / "nginx" / "nginx.conf").read_text()
    written = re.findall(r"^\s*(?:pid|\w+_temp_path|access_log|error_log) (\S+?)[ ;]", text, re.MULTILINE)
    assert written
    assert not [path for path in written if path.startswith("/")]

"""What a real client gets from the real server: headers, cookies and refusals as they go over the wire."""

from __future__ import annotations

import hashlib
import hmac
import time

import pytest
import requests

from local.demo_login import PASSWORD
from local.stack import Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(unlimited_stack: Stack) -> str:
    return unlimited_stack.site_url


def give_password(site: str, email: str, password: str, host: str = "") -> tuple[requests.Session, str]:
    """-> the browser, and the page it got."""
    browser, page = requests.Session(), f"{site}/accounts/login/"
    headers = {"Host": host} if host else {}
    browser.get(page, headers=headers, timeout=10).raise_for_status()
    token = next(cookie.value for cookie in browser.cookies if cookie.name == "csrftoken")
    answer = browser.post(
        page,
        data={"login": email, "password": password, "csrfmiddlewaretoken": token},
        headers={**headers, "Cookie": f"csrftoken={token}", "Referer": page},
        timeout=10,
        allow_redirects=False,
    )
    return browser, answer.text


def test_guesses_through_other_ports_of_the_host_are_one_guessers(site: str) -> None:
    pages = [
        give_password(site, "guessed@example.com", "wrong", host=f"localhost:{4000 + n}")[1] for n in range(6)
    ]
    assert ["a lot of tries" in page for page in pages] == [False] * 5 + [True]


def test_cookies_are_for_the_server_alone_and_name_nobody(site: str) -> None:
    browser, _ = give_password(site, "joe@example.com", PASSWORD)
    cookies = {cookie.name: cookie for cookie in browser.cookies}
    assert set(cookies) == {"sessionid", "csrftoken", "known_browser"}
    for name in ("sessionid", "known_browser"):
        assert cookies[name].has_nonstandard_attr("HttpOnly")
        assert cookies[name].get_nonstandard_attr("SameSite") == "Lax"
    assert cookies["known_browser"].path == "/accounts/"
    assert not [cookie for cookie in cookies.values() if "joe" in str(cookie.value)]


@pytest.mark.parametrize("length", [4_000, 5_000, 9_000, 100_000])
@pytest.mark.parametrize("path", ["/api/tradies/", "/api/availability/joe-plumber?date=", "/webhooks/"])
def test_an_endless_address_under_the_api_gets_the_one_shape(site: str, path: str, length: int) -> None:
    answer = requests.get(site + path + "x" * length, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_REQUEST")


def test_an_endless_address_of_a_page_gets_a_page(site: str) -> None:
    answer = requests.get(f"{site}/book/" + "x" * 9_000, timeout=10)
    assert (answer.status_code, "That address is too long." in answer.text) == (400, True)


def test_the_file_of_the_widget_has_the_headers_of_its_page(site: str) -> None:
    page, file = (
        requests.get(site + path, timeout=10) for path in ("/book/joe-plumber", "/widget/index.html")
    )
    for name in ("Content-Security-Policy", "X-Frame-Options", "Cache-Control", "Referrer-Policy"):
        assert file.headers.get(name) == page.headers.get(name), name
    assert "frame-ancestors *" in file.headers["Content-Security-Policy"]
    assert file.content == page.content


def test_a_method_that_is_not_there_is_a_405_without_any_token(site: str) -> None:
    for method, path in [("PUT", "/dashboard/hours"), ("POST", "/dashboard/time-off"), ("DELETE", "/")]:
        assert requests.request(method, site + path, timeout=10).status_code == 405, (method, path)


def test_a_signed_webhook_of_200_kb_is_taken(site: str, unlimited_stack: Stack) -> None:
    body = b'{"id": "evt_big", "object": "event", "type": "customer.created", "created": 1800000000, "livemode": false,'
    body += b' "data": {"object": {"id": "cus_1", "description": "' + b"x" * 200_000 + b'"}}}'
    at, secret = int(time.time()), unlimited_stack.env["STRIPE_WEBHOOK_SECRETS"].encode()
    mac = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={at},v1={mac}", "Content-Type": "application/json"}
    answer = requests.post(f"{site}/webhooks/stripe", body, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"received": True})

"""Who answers what, behind the proxy, and in whose words."""

from __future__ import annotations

import socket
import ssl
import uuid
import warnings
from urllib.parse import urlsplit

import pytest

from local.nginx_files import NOT_TAKEN_OVER, in_order
from local.ports import LOOPBACK
from local.stack import Stack
from local.testing.crowd import Shop, ask
from local.testing.figures import named

from .callers import OPERATOR, Caller

# Address -> what web, or the widget's nginx, says to it.
ANSWERED = {
    "/": 200,
    "/health": 200,
    "/status": 200,
    "/health/db": 200,
    "/api/tradies/joe-plumber": 200,
    "/api/docs": 200,
    "/api/me": 401,
    "/api/nothing": 404,
    "/webhooks/stripe": 405,
    "/webhooks/sms": 405,
    "/mcp": 405,
    "/api/suburbs?q=Parramatta": 200,
    "/feeds/nobodys-token.ics": 404,
    "/waiting/nobodys-token": 404,
    "/quote/nobodys-token": 404,
    "/pay/nobodys-token": 404,
    "/dashboard/worker.js": 200,
    "/dashboard/app.webmanifest": 200,
    "/book/joe-plumber": 200,
    "/book/joe-plumber?embed=1": 200,
    "/book/joe-plumber?call": 200,
    "/book/joe-plumber/call": 200,
    "/book/nobody?call": 404,  # of nginx's page for whoever has scripts, the widget says so
    "/widget/icon.svg": 200,
    "/embed.js": 200,
    "/dashboard/": 302,
    "/accounts/login/": 200,
    "/manage/nobodys-token": 404,
    "/manage/nobodys-token/booking.ics": 404,
    "/join/nobodys-token": 404,
    "/static/css/page.css": 200,
    "/nothing": 404,
    "/metrics": 404,
}
SECRET = [
    *(
        "/metrics",
        "/metrics/",
        "/metrics?x=1",
        "/admin",
        "/admin/",
        "/admin/login/",
        "/%61dmin/",
        "/adm%69n/login/",
    ),
    *(
        "//admin/",
        "/./admin/",
        "/book/../admin/",
        "/book/joe-plumber/../../admin/",
        "/%2e/admin/",
        "/x/%2e%2e/metrics",
    ),
]


@pytest.mark.parametrize(("path", "status"), ANSWERED.items())
def test_every_address_is_answered_over_https(path: str, status: int, somebody: Caller) -> None:
    assert somebody.get(path).status == status


def test_http_is_sent_on_to_https(stack: Stack) -> None:
    assert stack.proxy
    plain = f"http://localhost:{stack.proxy.traefik.plain_port}"
    for method, status in (("GET", 301), ("POST", 308)):
        answer = ask(plain, method, "/book/joe-plumber?embed=1")
        assert answer.status == status
        assert answer.headers["location"] == f"{stack.site_url}/book/joe-plumber?embed=1"


def test_an_old_client_and_one_that_wants_another_host_get_no_connection(
    stack: Stack, somebody: Caller
) -> None:
    link = somebody.connect(stack.site_url)
    link.connect()
    assert link.sock.version() == "TLSv1.3"
    old, elsewhere = ssl.create_default_context(), ssl.create_default_context()
    for context in (old, elsewhere):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # theirs would not be what refuses
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert "protocol version" in refusal(stack, old, "localhost")
    assert "unrecognized name" in refusal(stack, elsewhere, "elsewhere.example")


def refusal(stack: Stack, context: ssl.SSLContext, name: str) -> str:
    """How the proxy puts it that it won't talk to this client."""
    link = socket.create_connection((LOOPBACK, urlsplit(stack.site_url).port or 0), timeout=10)
    with link, pytest.raises(ssl.SSLError) as refused:
        context.wrap_socket(link, server_hostname=name)
    return str(refused.value).lower().replace("_", " ")


@pytest.mark.parametrize("path", SECRET)
def test_metrics_and_the_admin_are_not_there_for_strangers(path: str, somebody: Caller) -> None:
    answer = somebody.get(path)
    assert answer.status == 404
    assert "Nothing here" in str(answer.body)


def test_a_path_with_an_encoded_slash_is_refused(somebody: Caller) -> None:
    """The routes would read it one way, and Django another."""
    for path in ("/x%2F..%2Fadmin/", "/admin%2Flogin/", "/api%2Fbookings"):
        assert somebody.get(path).status == 400


def test_the_operator_gets_to_the_admin_from_their_own_address(stack: Stack) -> None:
    answer = Caller(stack, OPERATOR).get("/admin/")
    assert answer.status == 302
    assert "/login" in answer.headers["location"]


@pytest.mark.parametrize("port", [1, 80, 4443, 65_535])
def test_another_port_in_the_host_is_refused(port: int, somebody: Caller) -> None:
    for path in ("/api/tradies/joe-plumber", "/accounts/password/reset/", "/book/joe-plumber"):
        answer = somebody.get(path, host=f"localhost:{port}")
        assert answer.status == 400
        assert ("code" in answer.body) == path.startswith("/api/")


def test_another_host_is_refused_and_ours_in_capitals_is_not(stack: Stack, somebody: Caller) -> None:
    for host in ("evil.example", f"localhost:{urlsplit(stack.site_url).port}.evil.example", "localhost"):
        assert somebody.get("/accounts/login/", host=host).status == 400, host
    assert somebody.get("/accounts/login/", host=urlsplit(stack.site_url).netloc.upper()).status == 200


@pytest.mark.parametrize("path", ["/book/joe-plumber", "/embed.js", "/widget/icon.svg"])
def test_nginx_gives_the_widget_the_headers_that_django_gives_it(
    path: str, stack: Stack, somebody: Caller
) -> None:
    """Those that are nginx's own to say are in web/tests/proxy/test_nginx.py."""
    direct = ask(
        f"http://{LOOPBACK}:{stack.web_port}", "GET", path, host="localhost", x_forwarded_proto="https"
    )
    by_nginx = somebody.get(path)
    assert ("X-Frame-Options", "accept-ranges" in by_nginx.headers) == (
        "X-Frame-Options",
        True,
    )  # it was nginx
    assert comparable(by_nginx.headers) == comparable(direct.headers)


def comparable(headers: dict[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in headers.items() if name not in NOT_TAKEN_OVER | {"accept-ranges"}}
    return {
        name: in_order(value) if name == "content-security-policy" else value for name, value in ours.items()
    }


ONCE = ["content-security-policy", "strict-transport-security", "x-content-type-options", "referrer-policy"]


@pytest.mark.parametrize(
    "path", ["/api/tradies/joe-plumber", "/accounts/login/", "/book/joe-plumber", "/metrics"]
)
def test_security_headers_come_once_and_no_server_is_named(path: str, stack: Stack, somebody: Caller) -> None:
    answer = somebody.say("GET", path, {"Origin": "https://elsewhere.example"})
    names = [name.lower() for name, _ in answer.getheaders()]
    assert [names.count(name) for name in ONCE] == [1, 1, 1, 1]
    assert names.count("access-control-allow-origin") <= 1
    assert not {"server", "x-powered-by"} & set(names)


def test_other_sites_may_read_the_public_api_and_nothing_of_the_dashboards(somebody: Caller) -> None:
    origin = "https://elsewhere.example"
    assert (
        somebody.get("/api/tradies/joe-plumber", origin=origin).headers["access-control-allow-origin"] == "*"
    )
    assert "access-control-allow-origin" not in somebody.get("/api/me", origin=origin).headers
    preflight = somebody.ask("OPTIONS", "/api/bookings", origin=origin, access_control_request_method="POST")
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (200, "*")


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@pytest.mark.parametrize("path", ["/api/tradies/joe-plumber", "/accounts/login/", "/embed.js"])
def test_answers_are_compressed(path: str, encoding: str, somebody: Caller) -> None:
    answer = somebody.say("GET", path, {"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in (answer.headers.get_all("Vary") or [])


def test_a_compressed_answer_is_told_as_unchanged(somebody: Caller) -> None:
    path = "/api/tradies/joe-plumber"
    known = somebody.say("GET", path, {"Accept-Encoding": "br"}).headers["ETag"]
    again = somebody.get(path, accept_encoding="br", if_none_match=known)
    assert (again.status, again.body) == (304, "")


def test_a_body_that_is_too_large_gets_an_answer_that_can_be_read(somebody: Caller) -> None:
    """Over HTTP/1.1; a far larger one over HTTP/2 is in test_in_a_browser.py."""
    told = somebody.ask("POST", "/api/bookings", b" " * 600_000)
    assert (told.status, told.code, told.body["statusCode"]) == (413, "UPLOAD_TOO_LARGE", 413)
    assert told.headers["access-control-allow-origin"] == "*"
    assert somebody.ask("POST", "/mcp", b" " * 600_000).code == "UPLOAD_TOO_LARGE"
    for path in ("/accounts/login/", "/book/joe-plumber/call", "/dashboard/you/in-the-van/presses"):
        page = somebody.ask("POST", path, b" " * 600_000)
        assert (page.status, "nothing was saved" in page.body) == (413, True), path


@pytest.mark.parametrize(
    "path",
    [
        f"/api/bookings/{uuid.UUID(int=7)}/photos",
        "/manage/nobodys-token/photos",
        f"/dashboard/bookings/{uuid.UUID(int=7)}/photos",
        "/dashboard/widget/logo",
        "/dashboard/import",
    ],
)
def test_where_files_are_sent_the_same_body_reaches_django(somebody: Caller, path: str) -> None:
    assert somebody.ask("POST", path, b" " * 600_000).status in (401, 403, 404)


def test_who_is_refused_before_their_photo_was_read_is_told_why(stack: Stack) -> None:
    """Asked without the proxy, which would make a 503 of a connection that is closed on it."""
    path, web = f"/dashboard/bookings/{uuid.UUID(int=7)}/photos", f"http://{LOOPBACK}:{stack.web_port}"
    for _ in range(3):
        told = ask(web, "POST", path, b" " * 9_000_000, host="localhost", x_forwarded_proto="https")
        assert told.status == 403


def test_a_body_that_grows_too_large_on_the_way_does_too(somebody: Caller) -> None:
    link = somebody.connect(somebody.stack.site_url)
    link.request("POST", "/api/bookings", (b" " * 50_000 for _ in range(20)), encode_chunked=True)
    answer = link.getresponse()
    assert answer.status == 413
    assert b"UPLOAD_TOO_LARGE" in answer.read()


def test_what_django_itself_refuses_keeps_its_words(somebody: Caller) -> None:
    told = somebody.ask("POST", "/api/bookings", b'{"notes": "' + b"x" * 70_000 + b'"}')
    assert (told.status, told.body["message"]) == (400, "That request is too large; the most is 64 kB.")
    endless = somebody.get("/api/tradies/" + "x" * 100_000)
    assert (endless.status, endless.code) == (400, "MALFORMED_REQUEST")


def test_a_customer_gets_their_calendar_file(stack: Stack, somebody: Caller) -> None:
    shop = Shop(stack.site_url, connect=somebody.connect)
    service = shop.service("Free quote")
    made = shop.book(service, shop.free_starts(service)[0])
    assert made.status == 201, made
    found = somebody.get(urlsplit(made.body["booking"]["ics_url"]).path)
    assert (found.status, found.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert made.body["booking"]["manage_url"].startswith(stack.site_url)


def test_traefik_shows_every_figure_of_its_own_that_the_board_has(stack: Stack, somebody: Caller) -> None:
    assert stack.proxy
    somebody.get("/api/tradies/joe-plumber")
    shown = ask(f"http://{LOOPBACK}:{stack.proxy.traefik.private_port}", "GET", "/metrics").body
    assert named("traefik")
    assert {name for name in named("traefik") if f"\n{name}{{" not in shown} == set()

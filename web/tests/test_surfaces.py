"""What browsers are told: every address of the URL map says what docs/security.md says of its surface."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import Tradie
from local.testing.cast import owner_of

from .test_every_url import named_patterns, signed_in, things  # noqa: F401 (a fixture)

Headers = dict[str, str | None]
Surfaces = list[tuple[tuple[str, ...], Headers]]

DOCUMENT = Path(django_settings.BASE_DIR) / "docs" / "security.md"
ROW = re.compile(r"^\| ([A-Za-z-]+) \| (?:`(.+)`|-) \|$", re.MULTILINE)
# The admin's addresses of one object, and Django's catch-all there, are like its other addresses.
WITH_OWN_ARGUMENTS = re.compile(r"^admin:|^\(")

pytestmark = [pytest.mark.django_db, pytest.mark.urls("local.urls")]


def documented() -> tuple[Headers, Surfaces]:
    """What holds everywhere, and for each surface its addresses with what they say instead."""
    _, *sections = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)
    everywhere, *surfaces = [
        (tuple(re.findall(r"`(/[^`]*)`", section.splitlines()[0])), dict(rows_of(section)))
        for section in sections
    ]
    return everywhere[1], surfaces


def rows_of(section: str) -> list[tuple[str, str | None]]:
    return [(name, value or None) for name, value in ROW.findall(section)]


EVERYWHERE, SURFACES = documented()


def expected(path: str) -> Headers:
    own = next(
        headers for addresses, headers in SURFACES if any(is_in(path, address) for address in addresses)
    )
    return EVERYWHERE | own


def is_in(path: str, address: str) -> bool:
    return fnmatch(path, f"{address}*" if address.endswith("/") else address)


def said(response: Any) -> Headers:
    return {name: response.headers.get(name) for name in expected("/")}


def comparable(headers: Headers) -> dict[str, Any]:
    """The order in which a policy names things says nothing; hashes are of what was built, on that page alone."""
    policy = re.sub(r" 'sha256-[^']+'", "", headers["Content-Security-Policy"] or "")
    directives = {part.split()[0]: sorted(part.split()[1:]) for part in policy.split("; ")}
    return {**headers, "Content-Security-Policy": directives}


def check(client: Client, path: str) -> None:
    response = client.get(path, secure=True)
    assert comparable(said(response)) == comparable(expected(path)), path


@pytest.fixture(autouse=True)
def _as_with_the_real_stripe(settings: Any) -> None:
    settings.STRIPE_JS_URL, settings.STRIPE_API_BASE = (
        "https://js.stripe.com/stripe.js",
        "https://api.stripe.com",
    )


@pytest.fixture
def visitors(sam: Tradie) -> list[Client]:
    return [signed_in(None), signed_in(owner_of(sam))]


@pytest.fixture
def sent_mail(settings: Any, tmp_path: Path) -> str:
    """The name of one that the development page shows."""
    settings.SENT_MESSAGES_DIR = str(tmp_path)
    (tmp_path / "mail").mkdir()
    (tmp_path / "sms").mkdir()
    mail = EmailMultiAlternatives("Hello", "Hello", "a@example.com", ["jo@example.com"])
    mail.attach_alternative("<h1>Hello</h1>", "text/html")
    mail.attach("hello.txt", "Hello", "text/plain")
    (tmp_path / "mail" / "1.eml").write_bytes(mail.message().as_bytes())
    return "1.eml"


@pytest.mark.slow
def test_every_address_says_what_is_written_down(
    visitors: list[Client],
    things: dict[str, Any],  # noqa: F811
    sent_mail: str,
) -> None:
    things |= {"name": sent_mail, "number": 0, "pk": 1, "uidb36": "1", "key": "x-y"}
    names = [
        name for name in sorted(set(named_patterns(get_resolver()))) if not WITH_OWN_ARGUMENTS.search(name)
    ]
    assert len(names) > 70
    for name in names:
        wanted = next(iter(get_resolver().reverse_dict.getlist(name)))[0][0][1]
        path = reverse(name, kwargs={key: things[key] for key in wanted})
        for client in visitors:
            check(client, path)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/login/",
        "/admin/bookings/booking/",
        "/admin/nothing/",
        "/api/nothing",
        "/dashboard/nothing",
        "/nothing",
        "/book/" + "x" * 5_000,
        "/api/tradies/sam%00",
        "/static/css/page.css",
        "/embed.js",
        "/health/nothing",
    ],
)
def test_so_do_files_and_refusals(path: str, visitors: list[Client]) -> None:
    for client in visitors:
        check(client, path)


def test_only_the_widget_and_the_page_to_pay_may_take_a_payment() -> None:
    may_pay = {
        addresses
        for addresses, headers in SURFACES
        if "payment=()" not in str((EVERYWHERE | headers)["Permissions-Policy"])
    }
    assert may_pay == {("/book/", "/widget/index.html"), ("/pay/",)}

"""What is right and wrong with a page that the booking page was pasted into."""

from __future__ import annotations

import socket
from email.message import Message
from typing import Any

import pytest

from accounts import site_check
from accounts.models import Tradie
from accounts.site_check import findings_in, look_at
from local.testing import receiver as kinds
from local.testing.receiver import Receiver, Start
from peepopay.outbound import Answer, NotPublic, NotReached

OURS = "https://book.example.com.au"
SCRIPT = f'<script async src="{OURS}/embed.js"></script>'
ELEMENT = '<peepopay-booking tradie="sam"><a href="">Book</a></peepopay-booking>'
FRAME = f'<iframe src="{OURS}/book/sam?embed=1" allow="payment *"></iframe>'
PAGE = "https://www.sams.com.au/contact"


@pytest.fixture(autouse=True)
def _ours(settings: Any) -> None:
    settings.WIDGET_URL = OURS


@pytest.fixture
def tradie() -> Tradie:
    return Tradie(slug="sam")


def said(tradie: Tradie, html: str, **headers: str) -> list[tuple[bool, str]]:
    told = Message()
    for name, value in headers.items():
        told[name.replace("_", "-")] = value
    return [(good, text) for good, text in findings_in(tradie, PAGE, Answer(200, html, told))]


@pytest.mark.parametrize(
    "html",
    [
        SCRIPT + ELEMENT,
        f'{SCRIPT}<a data-peepopay-open="sam">Book</a>',
        f'<script src="{OURS}/embed.js" data-button="sam"></script>',
        FRAME,
        '<IFRAME SRC="//book.example.com.au/book/sam" ALLOW="payment">',
        f"<![ nothing known]]><![foo[bar]]>{SCRIPT}<![endif]-->{ELEMENT}",
    ],
)
def test_each_way_is_known(tradie: Tradie, html: str) -> None:
    assert said(tradie, html) == [(True, "Your booking page is in it.")]


def test_a_link_will_do(tradie: Tradie) -> None:
    link = f'<a href="{OURS}/book/sam">Book</a>'
    assert said(tradie, link) == [(True, "A link to your booking page is in it.")]
    assert said(tradie, link.replace("sam", "samantha"))[0][0] is False


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("", "isn't in it as far as we can see"),
        ("<p>" + SCRIPT.replace("book.", "evil."), "isn't in it"),
        (SCRIPT, "but not the place"),
        (ELEMENT, "but not the script"),
        (SCRIPT + ELEMENT.replace("sam", "joe"), "shows the booking page “joe”"),
        (FRAME.replace("allow=", "sandbox allow="), "locked (sandbox)"),
        (FRAME.replace("allow=", 'sandbox="allow-scripts allow-same-origin" allow='), "locked (sandbox)"),
        (FRAME.replace('allow="payment *"', ""), "Apple Pay"),
    ],
)
def test_what_is_wrong_with_what_was_pasted(tradie: Tradie, html: str, why: str) -> None:
    assert any(not good and why in text for good, text in said(tradie, html))


def test_the_frame_without_a_lock_is_fine(tradie: Tradie) -> None:
    open_to = 'sandbox="allow-scripts allow-same-origin allow-forms allow-popups" allow='
    assert said(tradie, FRAME.replace("allow=", open_to)) == [(True, "Your booking page is in it.")]


@pytest.mark.parametrize(
    ("policy", "kept_out"),
    [
        ("default-src *", []),
        ("default-src https:", []),
        ("img-src 'self'", []),
        (f"default-src 'self' {OURS}", []),
        ("default-src 'self'; script-src book.example.com.au; frame-src *.example.com.au:*", []),
        ("default-src 'self'", ["frames", "the script"]),
        ("default-src 'none'; frame-src *", ["the script"]),
        ("script-src 'self' 'unsafe-inline'", ["the script"]),
        ("child-src 'self'", ["frames"]),
        ("frame-src http://book.example.com.au", ["frames"]),
        ("frame-src https://book.example.com.au:8443", ["frames"]),
        ("frame-src *.book.example.com.au", ["frames"]),
        ("frame-src https:, frame-src 'self'", ["frames"]),
        (f"script-src 'strict-dynamic' 'nonce-abc' {OURS}", ["the script"]),
        ("FRAME-SRC 'none'; frame-src *", ["frames"]),
    ],
)
def test_what_a_policy_keeps_out(tradie: Tradie, policy: str, kept_out: list[str]) -> None:
    good, *bad = said(tradie, SCRIPT + ELEMENT, Content_Security_Policy=policy)
    assert good[0]
    assert [text.partition("keeps ")[2].partition(" of your")[0] for _, text in bad] == kept_out


def test_a_policy_may_stand_in_the_page_and_a_nonce_lets_the_script_in(tradie: Tradie) -> None:
    meta = """<meta http-equiv="content-security-policy" content="frame-src 'self'">"""
    assert "add https://book.example.com.au to frame-src" in said(tradie, meta + SCRIPT + ELEMENT)[1][1]
    nonced = SCRIPT.replace("async", 'nonce="abc"') + ELEMENT
    assert len(said(tradie, nonced, Content_Security_Policy="script-src 'nonce-abc' 'strict-dynamic'")) == 1


def test_payments_forbidden_and_a_website_that_is_not_named(tradie: Tradie) -> None:
    tradie.allowed_sites = ["https://sams.com.au"]
    texts = [text for _, text in said(tradie, FRAME, Permissions_Policy="camera=(), payment=()")]
    assert ["Permissions-Policy" in texts[1], "isn't one of them" in texts[2]] == [True, True]
    tradie.allowed_sites += ["https://www.sams.com.au"]
    assert len(said(tradie, FRAME)) == 1


def test_it_is_fetched_from_where_redirects_lead(receiver: Receiver, tradie: Tradie) -> None:
    def answer(handler: Any) -> None:
        at_the_end = handler.path == "/contact"
        what = kinds.page(SCRIPT + ELEMENT) if at_the_end else kinds.redirect_to("/contact")
        what(handler)

    receiver.answer = answer
    url = f"https://hooks.example.com:{receiver.port}/"
    here: Any = lambda *_, **__: socket.getaddrinfo("127.0.0.1", receiver.port)  # noqa: E731
    assert look_at(tradie, url, resolve=here) == [(True, "Your booking page is in it.")]
    assert [got.path for got in receiver.got] == ["/", "/contact"]
    assert receiver.got[0].body == b""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (404, "answered 404"),
        (kinds.redirect_to("https://joe:secret@hooks.example.com/"), "user name"),
        (kinds.redirect_to("http://hooks.example.com/"), "begin with https"),
        (kinds.redirect_to("https://hooks.example.com:25/"), "port 443"),
        (kinds.redirect_to("https://[hooks"), "can't be read"),
        (kinds.redirect_to("/again"), "without end"),
    ],
)
def test_what_does_not_end_at_a_page_is_said(
    receiver: Receiver, tradie: Tradie, answer: Any, why: str
) -> None:
    receiver.answer = answer
    here: Any = lambda *_, **__: socket.getaddrinfo("127.0.0.1", receiver.port)  # noqa: E731
    with pytest.raises(NotReached, match=why):
        look_at(tradie, f"https://hooks.example.com:{receiver.port}/", resolve=here)


def test_no_private_address_is_asked(start_receiver: Start, trusted: None, tradie: Tradie) -> None:
    trap = start_receiver()
    with pytest.raises(NotPublic):
        look_at(tradie, trap.url)
    assert trap.got == []


def test_one_at_a_time_is_enough(receiver: Receiver, tradie: Tradie) -> None:
    with site_check._one_at_a_time, pytest.raises(NotReached, match="Try again"):
        look_at(tradie, receiver.url)
    assert receiver.got == []


def test_a_page_without_an_end_is_read_to_a_million_bytes(receiver: Receiver, tradie: Tradie) -> None:
    receiver.answer = kinds.flood
    ((good, _),) = look_at(tradie, receiver.url)
    assert not good

"""What a server answers that means no good."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from availability.caldav import Server
from local.testing import receiver as kinds
from local.testing.receiver import Receiver
from peepopay.outbound import NotReached

DOCTYPE = '<!DOCTYPE d [<!ENTITY e "more">]>'
EXPANDS = (
    '<?xml version="1.0" encoding="{}"?>' + DOCTYPE + '<d:multistatus xmlns:d="DAV:">&e;</d:multistatus>'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_answer_that_could_grow_while_it_is_read_is_not_read(receiver: Receiver, encoding: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(207)
        handler.end_headers()
        handler.wfile.write(EXPANDS.format(encoding).encode(encoding))

    receiver.answer = answer
    with pytest.raises(NotReached, match="can't be read"):
        Server("sam", "secret").calendars(receiver.url)


FOUND = (
    '<d:multistatus xmlns:d="DAV:"><d:response><d:href>/</d:href><d:propstat><d:prop><d:current-user-principal>'
    "<d:href>{}</d:href></d:current-user-principal></d:prop></d:propstat></d:response></d:multistatus>"
)


@pytest.mark.parametrize(
    ("leads_to", "why"),
    [
        ("https://[calendars", "can't be read"),
        ("http://calendars.example.com/", "begin with https"),
        ("https://calendars.example.com:25/", "port 443"),
        ("https://joe:secret@calendars.example.com/", "user name"),
        ("https://10.0.0.1/", "private address"),
    ],
)
@pytest.mark.parametrize("by", ["redirect", "answer"])
def test_nowhere_is_followed_that_may_not_be_asked(
    receiver: Receiver, by: str, leads_to: str, why: str
) -> None:
    def found(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(207)
        handler.end_headers()
        handler.wfile.write(FOUND.format(leads_to).encode())

    receiver.answer = kinds.redirect_to(leads_to) if by == "redirect" else found
    with pytest.raises(NotReached, match=why):
        Server("sam", "secret").calendars(receiver.url)


def test_redirects_lead_to_where_it_is_three_times_at_most(receiver: Receiver) -> None:
    receiver.answer = kinds.redirect_to("/again")
    with pytest.raises(NotReached, match="without end"):
        Server("sam", "secret").calendars(receiver.url)
    assert [got.path for got in receiver.got] == ["/hooks", *["/again"] * 3]

"""What a server answers that means no good."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from availability.caldav import Server
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

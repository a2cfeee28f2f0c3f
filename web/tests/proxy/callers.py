"""Clients of the proxied stack, each from an address of 127.0.0.0/8, which the proxy takes for different people."""

from __future__ import annotations

import http.client
import itertools
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from local.stack import Stack
from local.testing.crowd import TIMEOUT_SECONDS, Answer, ask_on

OPERATOR = "127.0.0.9"
_addresses = (
    f"127.{b}.{c}.{d}" for b, c, d in itertools.product(range(1, 255), range(1, 255), range(1, 255))
)


@dataclass(frozen=True)
class Caller:
    stack: Stack
    address: str

    @classmethod
    def anew(cls, stack: Stack) -> Caller:
        return cls(stack, next(_addresses))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request over https on a connection of its own; `host="..."` is a header like any other."""
        return ask_on(self.connect(self.stack.site_url), method, path, body, **headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def say(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> http.client.HTTPResponse:
        """With header names to the letter. The answer has been read; in `getheaders()` some may be there twice."""
        link = self.connect(self.stack.site_url)
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            answer.read()
            return answer
        finally:
            link.close()

    def connect(self, site: str) -> http.client.HTTPConnection:
        """Nothing is sent yet."""
        to = urlsplit(site)
        return http.client.HTTPSConnection(
            str(to.hostname),
            to.port,
            timeout=TIMEOUT_SECONDS,
            context=self.trusting,
            source_address=(self.address, 0),
        )

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        proxy = self.stack.proxy
        assert proxy
        return ssl.create_default_context(cafile=proxy.certificate.authority)

    def begin(self, raw: bytes) -> ssl.SSLSocket:
        """A connection on which so much has been said, and no more."""
        link = self.connect(self.stack.site_url)
        link.connect()
        assert isinstance(link.sock, ssl.SSLSocket)
        link.sock.sendall(raw)
        return link.sock

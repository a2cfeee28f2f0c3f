"""Requests to addresses that somebody else chose: over https, to a public address, once, and not for long.

A name may lead anywhere, and somewhere else a moment later. So it is looked up once, what it leads to is judged, and
the connection goes to that very address; the name is what the certificate must be for. A redirect is an answer like
any other, which `follow` alone follows: what it leads to is judged like the address before it.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[..., list[Any]]

LONGEST_URL = 500
LOOK_UP_SECONDS = 5.0
CONNECT_SECONDS = 3.0  # to each of its addresses
SILENCE_SECONDS = 5.0  # between two pieces of the answer
ALL_SECONDS = 10.0  # once connected
MOST_READ = 2_000  # bytes of the answer's body
MOST_ADDRESSES = 3  # of one name that are tried
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 3
PATIENCE_SECONDS = 10.0  # after which none is followed any more

# IPv4 within IPv6, by which a private address could be said in another way; 6to4 and Teredo are used by nobody today.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NEVER = [
    ipaddress.ip_network(text) for text in ("64:ff9b:1::/48", "2001::/32", "2002::/16", "192.88.99.0/24")
]


class NotReached(Exception):
    """There is no answer; the text says why, in a sentence that the owner of the address can use."""


class NotPublic(NotReached):
    """The address is one that we don't connect to."""


class TooLarge(NotReached):
    """There is more of it than we read."""


@dataclass(frozen=True)
class Answer:
    """`text`: the beginning of its body."""

    status: int
    text: str
    headers: Message = field(default_factory=Message)


@dataclass(frozen=True)
class Reply:
    """`body`: at most what was asked for and a byte more."""

    status: int
    headers: Message
    body: bytes


def clean_url(text: str) -> str:
    """The address as it is kept: https, ASCII. Raises Django's ValidationError with a sentence."""
    text = text.strip()
    try:
        URLValidator(schemes=["https"])(text)
        parts = urlsplit(text)
        host, port = ascii_host(parts), parts.port
    except (ValidationError, ValueError) as problem:
        raise ValidationError(
            "Write an address that begins with https://, as your system gave it."
        ) from problem
    if wrong := _never_asked(parts):
        raise ValidationError(wrong)
    if "." not in host and ":" not in host:
        raise ValidationError(
            "That name means something on your network only. We need one that the internet knows."
        )
    with suppress(ValueError):
        if not is_public(ipaddress.ip_address(host)):
            raise ValidationError("That address isn't on the internet, so we can't reach it.")
    netloc = f"[{host}]" if ":" in host else host
    url = parts._replace(netloc=f"{netloc}:{port}" if port else netloc, fragment="").geturl()
    if len(url) > LONGEST_URL:
        raise ValidationError(f"That address is too long; {LONGEST_URL} characters are the most.")
    return url


def _never_asked(parts: SplitResult) -> str:
    """Why we don't ask that address, whoever led us there; "" if it may be asked. Raises ValueError."""
    if parts.username or parts.password:
        return "Leave the user name and password out of the address."
    if parts.port not in (None, 443) and parts.port < 1024:
        return "Use port 443, or one from 1024 up."
    return ""


def ascii_host(parts: SplitResult) -> str:
    """Raises ValueError."""
    host = parts.hostname or ""
    return host if ":" in host else host.encode("idna").decode().lower()


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, resolve: Resolve = socket.getaddrinfo
) -> Answer:
    """Ask once. Raises NotReached; NotPublic before anything was sent anywhere."""
    return answer_in(ask("POST", url, headers, body, most=MOST_READ, resolve=resolve), MOST_READ)


def answer_in(reply: Reply, most: int) -> Answer:
    """Its text, as far as it was read."""
    text = reply.body[:most].decode("utf-8", "replace").replace("\0", "")
    return Answer(reply.status, text, reply.headers)


def fetch(url: str, headers: Mapping[str, str], *, most: int) -> Reply:
    """What is there, `most` bytes of it, wherever redirects lead. Raises NotReached; TooLarge."""

    def get(at: str) -> Reply:
        reply = ask("GET", at, headers, most=most)
        if len(reply.body) > most:
            raise TooLarge(f"It is larger than {most // 1_000_000} MB, which is the most that we read.")
        return reply

    return follow(url, get)[1]


def follow(url: str, asked: Callable[[str], Reply]) -> tuple[str, Reply]:
    """Where up to three redirects end, and what is there; `asked` is an `ask` of one address. Raises NotReached."""
    until = time.monotonic() + PATIENCE_SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        reply = asked(url)
        if reply.status not in REDIRECTS or not (leads_to := reply.headers.get("location")):
            return url, reply
        if time.monotonic() > until:
            raise NotReached("It didn't answer in time.")
        url = led_to(url, leads_to)
    raise NotReached("It leads from one address to the next without end.")


def led_to(url: str, where: str) -> str:
    """The address that somebody's answer from `url` names. Raises NotReached where it is none."""
    try:
        return urljoin(url, where)
    except ValueError as problem:
        raise NotReached("It leads to an address that can't be read.") from problem


def ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    most: int,
    resolve: Resolve = socket.getaddrinfo,
) -> Reply:
    """Ask once. Raises NotReached; NotPublic before anything was sent anywhere."""
    try:
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise NotPublic("The address doesn't begin with https://.")
        if wrong := _never_asked(parts):
            raise NotPublic(wrong)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with connection(ascii_host(parts), parts.port or 443, resolve) as link:
            link.request(method, target, body, {**headers, "Host": parts.netloc, "Connection": "close"})
            answer = link.getresponse()
            return Reply(answer.status, answer.headers, answer.read(most + 1))
    except ssl.SSLCertVerificationError as problem:
        raise NotReached(f"Its certificate isn't valid: {problem.verify_message}") from problem
    except TimeoutError as problem:
        raise NotReached("It didn't answer in time.") from problem
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise NotReached(f"The connection failed ({type(problem).__name__}).") from problem


@contextmanager
def connection(host: str, port: int, resolve: Resolve) -> Iterator[http.client.HTTPConnection]:
    """To an address that has been judged; cut off when its time is up, however steadily it drips."""
    link, over = http.client.HTTPConnection(host, port), threading.Event()
    raw = dialled(public_addresses(host, port, resolve), port)
    link.sock = secured = tls().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
    timer = threading.Timer(ALL_SECONDS, _cut, [secured, over])
    timer.daemon = True
    timer.start()
    try:
        secured.settimeout(SILENCE_SECONDS)
        secured.do_handshake()
        yield link
    finally:
        timer.cancel()
        link.close()
        if over.is_set():
            raise TimeoutError  # whatever the half of an answer looked like


def _cut(link: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


@cache
def tls() -> ssl.SSLContext:
    """With the certificates that the machine trusts (SSL_CERT_FILE names others), which take 20 ms to read."""
    return ssl.create_default_context()


def dialled(addresses: Sequence[Address], port: int) -> socket.socket:
    """A connection to the first of them that takes it. Raises OSError."""
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return dial(address, port)
    return dial(last, port)


def dial(address: Address, port: int) -> socket.socket:
    """To this address and no other: no name is looked up here. Raises OSError."""
    link = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET)
    try:
        link.settimeout(CONNECT_SECONDS)
        link.connect((str(address), port))
    except OSError:
        link.close()
        raise
    return link


def public_addresses(host: str, port: int, resolve: Resolve) -> list[Address]:
    """What the name leads to, looked up this once. Raises NotReached, and NotPublic if any of it is private."""
    addresses = [ipaddress.ip_address(place[0]) for *_, place in looked_up(host, port, resolve)]
    if not all(is_public(address) for address in addresses):
        raise NotPublic("It leads to a private address, which we don't connect to.")
    return addresses[:MOST_ADDRESSES]


def looked_up(host: str, port: int, resolve: Resolve) -> list[Any]:
    """As `getaddrinfo` says it, which has no time-out of its own. Raises NotReached."""
    found: list[Any] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(resolve(host, port, type=socket.SOCK_STREAM))

    looking = threading.Thread(target=look_up, daemon=True)
    looking.start()
    looking.join(LOOK_UP_SECONDS)
    if not found:
        raise NotReached("Its name isn't known (DNS).")
    return found


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could connect to it, however it is written; or the operator allows it."""
    if any(address in network for network in allowed_networks()):
        return True
    within = ipv4_within(address)
    if within:
        return is_public(within)
    special = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not special and not any(address in network for network in NEVER)


def ipv4_within(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, as in ::ffff:127.0.0.1."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped


def allowed_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """WEBHOOK_PRIVATE_NETWORKS, by default none."""
    return [ipaddress.ip_network(text) for text in settings.WEBHOOK_PRIVATE_NETWORKS]

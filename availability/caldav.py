"""A calendar on somebody's CalDAV server (RFC 4791), asked as any address that somebody else chose is
(`peepopay.outbound`): no library of CalDAV lets us say where its connections may go."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from django.conf import settings

from peepopay.outbound import NotReached, Reply, ask, follow, led_to

LARGEST_BYTES = 5_000_000
MOST_AT_ONCE = 100  # entries asked for by name
NAMES = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav", "cs": "http://calendarserver.org/ns/"}
SPACES = " ".join(f'xmlns:{short}="{name}"' for short, name in NAMES.items())
NO_CALENDAR = "No calendar was found at that address. Use the CalDAV address that your calendar gives."
WRONG_PASSWORD = (
    "It doesn't take that user name and password. Apple and Fastmail want an app password made for us."  # noqa: S105
)


class Changed(NotReached):
    """Somebody was there first: what is there has another ETag, or is gone."""


@dataclass(frozen=True)
class Entry:
    """`path`: of its address, by which it is asked for again."""

    path: str
    etag: str
    content: bytes


@dataclass(frozen=True)
class Server:
    """One account. Everything raises NotReached, with a sentence for whoever gave the address."""

    user: str
    password: str

    def calendars(self, url: str) -> list[tuple[str, str]]:
        """(address, name) of the calendar at that address, or of all that the account has."""
        for start in (url, urljoin(url, "/.well-known/caldav")):
            where, found = self._properties(start, "0", FIND)
            for path, about in found:
                if _is_calendar(about):
                    return [(led_to(where, path), _text(about, "d:displayname"))]
            homes = [_href(about, "c:calendar-home-set") for _, about in found]
            principals = [_href(about, "d:current-user-principal") for _, about in found]
            for principal in [led_to(where, one) for one in principals if one and not any(homes)]:
                where, found = self._properties(principal, "0", FIND)
                homes = [_href(about, "c:calendar-home-set") for _, about in found]
            if any(homes):
                return self._within(led_to(where, next(home for home in homes if home)))
        raise NotReached(NO_CALENDAR)

    def _within(self, home: str) -> list[tuple[str, str]]:
        where, found = self._properties(home, "1", FIND)
        calendars = [
            (
                led_to(where, path),
                _text(about, "d:displayname") or unquote(path.rstrip("/").rpartition("/")[2]),
            )
            for path, about in found
            if _is_calendar(about)
        ]
        if not calendars:
            raise NotReached("That account has no calendar yet. Make one there first.")
        return calendars

    def token(self, url: str) -> str:
        """Another one whenever anything changed; empty where the server has none."""
        _, found = self._properties(url, "0", "<d:sync-token/><cs:getctag/>")
        return next(
            (
                token
                for _, about in found
                if (token := _text(about, "d:sync-token") or _text(about, "cs:getctag"))
            ),
            "",
        )

    def entries(self, url: str, starts: datetime, ends: datetime) -> list[Entry]:
        """All that have anything between two instants."""
        span = f'start="{starts.astimezone(UTC):%Y%m%dT%H%M%SZ}" end="{ends.astimezone(UTC):%Y%m%dT%H%M%SZ}"'
        body = (
            f"<c:calendar-query {SPACES}>{WANTED}<c:filter><c:comp-filter name='VCALENDAR'>"
            f"<c:comp-filter name='VEVENT'><c:time-range {span}/></c:comp-filter></c:comp-filter></c:filter>"
            "</c:calendar-query>"
        )
        return list(self._report(url, body))

    def named(self, url: str, paths: Sequence[str]) -> list[Entry]:
        """Those of them that there are."""
        found: list[Entry] = []
        for first in range(0, len(paths), MOST_AT_ONCE):
            hrefs = "".join(
                f"<d:href>{escape(path)}</d:href>" for path in paths[first : first + MOST_AT_ONCE]
            )
            found += self._report(url, f"<c:calendar-multiget {SPACES}>{WANTED}{hrefs}</c:calendar-multiget>")
        return found

    def put(self, url: str, content: bytes, *, instead_of: str | None) -> None:
        """`instead_of`: the ETag of what it replaces; None: it is new. Raises Changed."""
        condition = {"If-Match": instead_of} if instead_of else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        self._done(self._ask("PUT", url, headers, content))

    def delete(self, url: str, etag: str) -> None:
        """Raises Changed; gone already is as good."""
        reply = self._ask("DELETE", url, {"If-Match": etag} if etag else {}, b"")
        if reply.status not in (404, 410):
            self._done(reply)

    def _done(self, reply: Reply) -> None:
        if reply.status == 412:
            raise Changed("It was changed there a moment ago.")
        if reply.status in (403, 405):
            raise NotReached(
                f"It answered {reply.status}: that calendar can only be read. Choose one that is yours."
            )
        if not 200 <= reply.status < 300:
            raise NotReached(f"It answered {reply.status}.")

    def _properties(
        self, url: str, depth: str, wanted: str
    ) -> tuple[str, list[tuple[str, ElementTree.Element]]]:
        """Where that was in the end, and of each thing there its path and what it says; nothing where nothing is."""
        body = f"<d:propfind {SPACES}><d:prop>{wanted}</d:prop></d:propfind>".encode()
        url, reply = follow(url, lambda at: self._ask("PROPFIND", at, {"Depth": depth, **XML}, body))
        return url, _responses(reply) if reply.status == 207 else []

    def _report(self, url: str, body: str) -> Iterator[Entry]:
        reply = self._ask("REPORT", url, {"Depth": "1", **XML}, body.encode())
        if reply.status != 207:
            raise NotReached(f"It answered {reply.status}.")
        for path, about in _responses(reply):
            content = about.findtext(".//c:calendar-data", "", NAMES)
            if content:
                yield Entry(path, _text(about, "d:getetag"), content.encode())

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
        account = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        told = {
            "Authorization": f"Basic {account}",
            "User-Agent": f"PeepoPay-Calendars/1 ({settings.SITE_URL})",
        }
        reply = ask(method, url, {**told, **headers}, body, most=LARGEST_BYTES)
        if reply.status == 401:
            raise NotReached(WRONG_PASSWORD)
        if len(reply.body) > LARGEST_BYTES:
            raise NotReached(
                f"It is larger than {LARGEST_BYTES // 1_000_000} MB, which is the most that we read."
            )
        return reply


XML = {"Content-Type": "application/xml; charset=utf-8"}
WANTED = "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
FIND = (
    "<d:resourcetype/><d:displayname/><d:current-user-principal/><c:calendar-home-set/>"
    "<c:supported-calendar-component-set/>"
)


def _responses(reply: Reply) -> list[tuple[str, ElementTree.Element]]:
    """Of each thing its path, and the answer about it."""
    try:
        # No other encoding: one could hide what the next line looks for.
        text = reply.body.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError
        root = ElementTree.fromstring(text)  # noqa: S314  no entities: see above
        found = root.findall("d:response", NAMES)
        return [(urlsplit(each.findtext("d:href", "", NAMES).strip()).path, each) for each in found]
    except (ElementTree.ParseError, ValueError, LookupError) as problem:
        raise NotReached("What it answers can't be read.") from problem


def _is_calendar(about: ElementTree.Element) -> bool:
    """Of events: some are of tasks only."""
    kinds = {
        part.get("name") for part in about.findall(".//c:supported-calendar-component-set/c:comp", NAMES)
    }
    return about.find(".//d:resourcetype/c:calendar", NAMES) is not None and (not kinds or "VEVENT" in kinds)


def _text(about: ElementTree.Element, name: str) -> str:
    return about.findtext(f".//d:prop/{name}", "", NAMES).strip()


def _href(about: ElementTree.Element, name: str) -> str:
    return about.findtext(f".//{name}/d:href", "", NAMES).strip()

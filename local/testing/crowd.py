"""Many customers at once, over HTTP, against a running product."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

Body = dict[str, Any]
Result = TypeVar("Result")
Connect = Callable[[str], http.client.HTTPConnection]
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]  # names in lower case
    seconds: float
    began: float  # on time.monotonic()

    @property
    def code(self) -> str:
        """The error's code, or nothing."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


def directly(site: str) -> http.client.HTTPConnection:
    address = urlsplit(site)
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=TIMEOUT_SECONDS)


def ask(site: str, method: str, path: str, body: Body | bytes | None = None, **headers: str) -> Answer:
    """One request on a connection of its own; headers as keyword arguments, `idempotency_key="..."`."""
    return ask_on(directly(site), method, path, body, **headers)


def ask_on(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Body | bytes | None = None,
    **headers: str,
) -> Answer:
    """The same on this connection, which is closed afterwards."""
    started = time.monotonic()
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, raw, {"content-type": "application/json", **sent})
        answer = connection.getresponse()
        text = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        is_json = found.get("content-type", "").startswith("application/json")
        content = json.loads(text) if is_json and text else text.decode(errors="replace")
        return Answer(answer.status, content, found, time.monotonic() - started, started)
    finally:
        connection.close()


def all_at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """Each in a thread of its own, let go together; results in the order of `acts`. Raises what one raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(position: int) -> None:
        gate.wait()
        try:
            results[position] = acts[position]()
        except Exception as problem:
            results[position] = problem

    threads = [threading.Thread(target=run, args=[position], daemon=True) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


class Shop:
    """A tradie of a running product, as customers see it who get there by `connect`."""

    def __init__(self, site: str, slug: str = "joe-plumber", *, connect: Connect = directly) -> None:
        self.site, self.slug, self.connect = site, slug, connect
        self.profile = self.ask("GET", f"/api/tradies/{slug}").body

    def ask(self, method: str, path: str, body: Body | None = None, **headers: str) -> Answer:
        return ask_on(self.connect(self.site), method, path, body, **headers)

    def service(self, name: str) -> Body:
        found: Body = next(service for service in self.profile["services"] if service["name"] == name)
        return found

    def free_starts(self, service: Body, *, at_least: int = 1, after_days: int = 3) -> list[str]:
        """Free times as the API writes them, from `after_days` ahead on, as many months as it takes; fewer than asked
        for when the business is booked out for a year."""
        first = time.localtime(time.time() + after_days * 86_400)
        starts: list[str] = []
        year, month = first.tm_year, first.tm_mon
        for _ in range(13):
            if len(starts) >= at_least:
                break
            path = f"/api/availability/{self.slug}?month={year}-{month:02}&service={service['id']}"
            answer = self.ask("GET", path).body
            days = [day for day in answer["days"] if day["date"] > time.strftime("%Y-%m-%d", first)]
            starts += [start for day in days for start in day["starts"]]
            assert answer["first_free"] or starts, "no free time is left"
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return starts

    def order(self, service: Body, start: str, who: int = 0) -> Body:
        return {
            "tradie": self.slug,
            "service": service["id"],
            "start": start,
            "customer": {
                "name": f"Customer {who}",
                "email": f"customer{who}@example.com",
                "phone": "0412 345 678",
            },
            "address": {"line1": "1 George Street", "suburb": "Newtown", "state": "NSW", "postcode": "2042"},
        }

    def book(self, service: Body, start: str, who: int = 0, **headers: str) -> Answer:
        return self.ask("POST", "/api/bookings", self.order(service, start, who), **headers)

    def change(self, made: Answer, body: Body) -> Answer:
        """PATCH a booking with its own token."""
        path = f"/api/bookings/{made.body['booking']['id']}"
        return self.ask("PATCH", path, body, authorization=f"Bearer {made.body['token']}")

"""Every door of the product that somebody stands at, each with what they need to have brought along."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import requests

from local.demo_login import PASSWORD
from local.ports import wait_until
from local.testing.crowd import Answer, all_at_once, ask
from local.testing.pictures import camera_photo
from web.tests.test_text_replies import FORM, signature
from web.tests.test_webhook import signed

from .conftest import Town

SIGN_IN, CODE, SIGN_UP = (f"/accounts/{path}/" for path in ("login", "login/code", "signup"))


ON_THEIR_WAY = """SELECT id FROM notifications_message
    WHERE done_at IS NULL AND last_error = '' AND due_at < now() + interval '1 day'"""


class Browser:
    """One that has been to the sign-in page, so that it can send forms."""

    def __init__(self, site: str) -> None:
        self.site, self.session = site, requests.Session()
        self.session.get(site + SIGN_IN, timeout=10).raise_for_status()

    def show(self, path: str) -> Answer:
        return self._send("GET", path, {})

    def send(self, path: str, **form: str) -> Answer:
        return self._send("POST", path, {**form, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]})

    def send_files(self, path: str, **files: bytes) -> Answer:
        token = {"csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        return self._send("POST", path, token, {name: ("a.jpg", content) for name, content in files.items()})

    def _send(self, method: str, path: str, form: dict[str, str], files: Any = None) -> Answer:
        started = time.monotonic()
        answer = self.session.request(
            method,
            self.site + path,
            data=form,
            files=files,
            headers={"Referer": self.site + SIGN_IN},
            allow_redirects=False,
            timeout=30,
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, answer.text, headers, time.monotonic() - started, started)


def signed_in(site: str) -> Browser:
    joe = Browser(site)
    assert joe.send(SIGN_IN, login="joe@example.com", password=PASSWORD).status == 302
    return joe


@dataclass
class Visit:
    """What was made while all was well, for one round at all doors."""

    town: Town
    joe: Browser
    stranger: Browser = field(init=False)

    def __post_init__(self) -> None:
        town = self.town
        self.stranger, self.sign_in, self.code = (Browser(town.stack.site_url) for _ in range(3))
        self.held, self.paid = town.tap(), town.tap()
        self.to_cancel, self.to_move, self.shown = (town.quote() for _ in range(3))
        town.stripe.pay(self.paid.body["payment"]["client_secret"])
        town.wait_confirmed([self.paid.body["booking"]["id"]])
        town.stripe.webhooks(
            "hold"
        )  # so that the customer's own browser is the first to say that they have paid
        town.stripe.pay(self.held.body["payment"]["client_secret"])
        visit = town.shop.service("Bathroom renovation visit")
        start = town.shop.free_starts(visit)[0]  # two hours, so it is none of `town.free`
        wish = {**town.shop.order(visit, start), "answers": {"size": "Small"}}
        self.asked = town.shop.ask("POST", "/api/bookings", wish)
        self.starts = [town.free.pop() for _ in range(3)]
        self.quote, self.tap = town.shop.service("Free quote"), town.shop.service("Leaking tap")
        town.stack.query(
            "UPDATE accounts_tradie SET for_assistants = true WHERE slug = 'joe-plumber' RETURNING id"
        )
        made = [self.held, self.to_cancel, self.to_move, self.shown, self.paid, self.asked]
        assert [answer.status for answer in made] == [201] * 6, [answer.code for answer in made]
        assert wait_until(lambda: not town.stack.query(ON_THEIR_WAY), seconds=20)

    def ask(self, method: str, path: str) -> Answer:
        return ask(self.town.stack.site_url, method, path)

    def webhook(self) -> Answer:
        event = {
            "id": f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": int(time.time()),
            "livemode": False,
            "account": "acct_demo_joe",
            "data": {"object": {"id": "pi_unknown", "metadata": {"payment_id": "unknown"}}},
        }
        secret = self.town.stack.env["STRIPE_WEBHOOK_SECRETS"]
        signature = signed(json.dumps(event).encode(), secret, time.time() + self.town.stripes_clock)
        return ask(self.town.stack.site_url, "POST", "/webhooks/stripe", event, stripe_signature=signature)

    def press(self) -> Answer:
        """Of **Save notes**, by a phone that was without reception."""
        sent = {"what": "notes", "booking": self.shown.body["booking"]["id"], "waited": "60", "was": ""}
        key = str(uuid.uuid4())
        return self.joe.send("/dashboard/you/in-the-van/presses", **sent, tradie_notes="Dog", form_key=key)

    def text_reply(self) -> Answer:
        fields = {"From": "+61412345678", "Body": "Running late", "MessageSid": f"SM{uuid.uuid4().hex}"}
        site, raw = self.town.stack.site_url, urlencode(fields).encode()
        stamp = {"content_type": FORM, "x_twilio_signature": signature(fields, site=site)}
        return ask(site, "POST", "/webhooks/sms", raw, **stamp)

    def assistant(self) -> Answer:
        """Looks for times: a refusal is in the answer that the protocol wants."""
        wanted = {"tradie": "joe-plumber", "service": self.quote["id"], "month": self.starts[0][:7]}
        call = {"name": "free_times", "arguments": wanted}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        answer = ask(self.town.stack.site_url, "POST", "/mcp", message)
        told = answer.body.get("result", {})
        if told.get("isError"):
            refused = told["structuredContent"]
            assert refused["code"] == "SERVICE_UNAVAILABLE"
            return replace(answer, status=503, headers={"retry-after": str(refused["retry_after_seconds"])})
        return answer

    def of(self, made: Answer, act: str) -> str:
        return f"/dashboard/bookings/{made.body['booking']['id']}/{act}"


def month_of(visit: Visit) -> str:
    month = visit.starts[0][:7]
    return f"/api/availability/joe-plumber?month={month}&service={visit.quote['id']}"


DOORS: dict[str, Callable[[Visit], Answer]] = {
    "widget's page": lambda at: at.ask("GET", "/book/joe-plumber"),
    "`embed.js`": lambda at: at.ask("GET", "/embed.js"),
    "profile": lambda at: at.ask("GET", "/api/tradies/joe-plumber"),
    "free times": lambda at: at.ask("GET", month_of(at)),
    "book": lambda at: at.town.shop.book(at.quote, at.starts[0]),
    "book with deposit": lambda at: at.town.shop.book(at.tap, at.starts[1]),
    "confirm (paid)": lambda at: at.town.shop.change(at.held, {"status": "confirmed"}),
    "cancel": lambda at: at.town.shop.change(at.to_cancel, {"status": "cancelled"}),
    "move": lambda at: at.town.shop.change(at.to_move, {"start": at.starts[2]}),
    "customer's page": lambda at: at.ask("GET", f"/manage/{at.shown.body['token']}"),
    "Stripe's webhook": lambda at: at.webhook(),
    "dashboard page": lambda at: at.joe.show("/dashboard/bookings"),
    "Today": lambda at: at.joe.show("/dashboard/"),
    "pressed in the van": lambda at: at.press(),
    "photo": lambda at: at.joe.send_files(at.of(at.shown, "photos"), photos=camera_photo()),
    "text reply": lambda at: at.text_reply(),
    "assistant (`/mcp`)": lambda at: at.assistant(),
    "approve": lambda at: at.joe.send(at.of(at.asked, "approve")),
    "cancel with refund": lambda at: at.joe.send(at.of(at.paid, "cancel"), reason="Ill"),
    "sign in by password": lambda at: at.sign_in.send(SIGN_IN, login="joe@example.com", password=PASSWORD),
    "ask for a code": lambda at: at.code.send(CODE, email="alex@example.com"),
    "sign up": lambda at: at.stranger.send(
        SIGN_UP, email=f"{uuid.uuid4().hex[:12]}@example.com", password1="a long enough one 7"
    ),
    "`/status`": lambda at: at.ask("GET", "/status"),
    "`/health`": lambda at: at.ask("GET", "/health"),
    "`/health/db`": lambda at: at.ask("GET", "/health/db"),
    "`/health/redis`": lambda at: at.ask("GET", "/health/redis"),
    "`/health/rabbitmq`": lambda at: at.ask("GET", "/health/rabbitmq"),
}


def ask_at_all(visit: Visit, *, at_once: int = 7) -> dict[str, Answer]:
    """Some at the same time. (All would queue for the one calendar, which says 503 after 2 s on a busy machine.)"""
    parts = -(-len(DOORS) // at_once)
    answers: dict[str, Answer] = {}
    for names in (list(DOORS)[part::parts] for part in range(parts)):
        found = all_at_once([lambda door=DOORS[name]: door(visit) for name in names])
        answers |= zip(names, found, strict=True)
    return answers

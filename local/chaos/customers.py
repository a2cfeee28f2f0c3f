"""People who book while things break. Each does what people do: tries again when nothing answers, pays, walks off."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from local.stack import Stack
from local.testing.crowd import Answer, Connect, Shop, ask_on, directly
from local.testing.stripe_control import StripeControl

MAIL_DOMAIN = "chaos.example"
DECLINED_CARD = "4000000000000002"
TRIES = 12  # of one request; people give up after that
PAUSE_SECONDS = 1.0  # before a request is tried again
FEWEST_TIMES = 60  # on offer to the customers; below that they are looked up anew
SERVICES = {"Leaking tap": 4, "Free quote": 1}  # how often each is asked for


@dataclass
class Told:
    """What one customer was told; the reckoning holds it against what is."""

    who: int
    booking: str = ""  # its id: once we answered 201 it must never be lost
    deposit_cents: int = 0
    paid: bool = False  # Stripe told the browser so
    confirmed: bool = False
    cancelled: bool = False
    moves: int = 0
    gave_up: str = ""  # at which step nobody answered for all the tries

    @property
    def email(self) -> str:
        return email_of(self.who)


def email_of(who: int) -> str:
    return f"customer{who}@{MAIL_DOMAIN}"


def bookable_for_a_year(stack: Stack) -> None:
    """Else a crowd books every business out within minutes, and stands there."""
    stack.query(
        "UPDATE accounts_tradie SET horizon_days = 366, calendar_version = calendar_version + 1 RETURNING id"
    )


class Times:
    """Free times that customers choose from. Some choose what another has just taken, as it happens on a busy page."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self._shop, self._dice = shop, dice
        self._lock = threading.Lock()
        self._free: dict[str, list[str]] = {name: [] for name in SERVICES}
        self._chosen: dict[str, list[str]] = {name: [] for name in SERVICES}

    def choose(self, service: str) -> str:
        with self._lock:
            free, chosen = self._free[service], self._chosen[service]
            if len(free) < FEWEST_TIMES:
                self._free[service] = free = self._look_up(service)
            if chosen and self._dice.random() < 0.2:
                return self._dice.choice(chosen[-5:])
            start = free.pop(self._dice.randrange(len(free)))
            chosen.append(start)
            return start

    def _look_up(self, service: str) -> list[str]:
        return patiently(
            lambda: self._shop.free_starts(self._shop.service(service), at_least=FEWEST_TIMES + 20)
        )


def patiently(act: Callable[[], Any]) -> Any:
    """Until it works: looking at the free times again is what anybody does when a page does not load."""
    while True:
        try:
            return act()
        except (OSError, HTTPException, KeyError, TypeError):  # no answer, or an error in place of times
            time.sleep(PAUSE_SECONDS)


@dataclass
class Crowd:
    """Customers at work, until `stop`."""

    site: str
    stripe: StripeControl
    seed: int
    size: int
    cancels: float = 0.15  # the share that does; as many move
    connect: Connect = directly
    told: list[Told] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)  # "POST /api/bookings 201": how often
    odd: list[str] = field(default_factory=list)  # answers that nobody should ever get

    def start(self) -> None:
        self._shop = patiently(lambda: Shop(self.site, connect=self.connect))
        self._times = Times(self._shop, random.Random(self.seed))
        self._over = threading.Event()
        self._numbers = iter(range(1, 1_000_000))
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._live, args=[random.Random(self.seed * 1000 + position)])
            for position in range(self.size)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Each finishes what they are doing."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _live(self, dice: random.Random) -> None:
        while not self._over.is_set():
            with self._lock:
                told = Told(next(self._numbers))
                self.told.append(told)
            try:
                self._book(told, dice)
            except _GaveUp as silence:
                told.gave_up = str(silence)
            self._over.wait(dice.uniform(0.2, 1.5))

    def _book(self, told: Told, dice: random.Random) -> None:
        name = dice.choices(list(SERVICES), weights=list(SERVICES.values()))[0]
        order = self._shop.order(self._shop.service(name), self._times.choose(name), told.who)
        order["customer"] |= {"email": told.email, "phone": f"0412{told.who:06}"}
        made = self._ask(
            "POST", "/api/bookings", order, idempotency_key=str(uuid.UUID(int=dice.getrandbits(128)))
        )
        if made.status != 201:
            return
        told.booking = made.body["booking"]["id"]
        if made.body["payment"]:
            told.deposit_cents = made.body["payment"]["amount_cents"]
            if dice.random() < 0.1:  # sees the price and walks off
                return
            self._pay(told, made, dice)
            if dice.random() < 0.25:  # closes the page at once: only the webhook or the sweep can tell us
                return
            if not self._change(made, {"status": "confirmed"}, told):
                return
        told.confirmed = True
        self._change_their_mind(told, made, dice)

    def _pay(self, told: Told, made: Answer, dice: random.Random) -> None:
        payment = made.body["payment"]
        cards = [DECLINED_CARD] if dice.random() < 0.15 else []
        for card in [*cards, "4242424242424242"]:
            intent = self.stripe.pay(payment["client_secret"], payment["account"], card)
            told.paid = intent.get("status") == "succeeded"

    def _change_their_mind(self, told: Told, made: Answer, dice: random.Random) -> None:
        chance = dice.random()
        if chance < self.cancels:
            told.cancelled = self._change(
                made, {"status": "cancelled", "reason": "Not needed any more"}, told
            )
        elif chance < self.cancels * 2:
            name = made.body["booking"]["service"]["name"]
            told.moves += self._change(made, {"start": self._times.choose(name)}, told)

    def _change(self, made: Answer, body: dict[str, Any], told: Told) -> bool:
        """Whether the answer says that it is so."""
        path = f"/api/bookings/{made.body['booking']['id']}"
        answer = self._ask("PATCH", path, body, authorization=f"Bearer {made.body['token']}")
        if answer.status != 200:
            return False
        return bool(answer.body["status"] == body["status"]) if "status" in body else True

    def _ask(self, method: str, path: str, body: dict[str, Any], **headers: str) -> Answer:
        """Again, with the same key, as long as nobody answers or the answer says to try again. Raises _GaveUp."""
        step = f"{method} {'/'.join(path.split('/')[:3])}"
        for _ in range(TRIES):
            try:
                answer = ask_on(self.connect(self.site), method, path, body, **headers)
            except (OSError, HTTPException, json.JSONDecodeError):
                self._count(f"{step} no answer")
            else:
                self._count(f"{step} {answer.status}")
                self._look_at(step, answer)
                if answer.status not in (429, 503):
                    return answer
            time.sleep(PAUSE_SECONDS)
        raise _GaveUp(step)

    def _count(self, what: str) -> None:
        with self._lock:
            self.answers[what] += 1

    def _look_at(self, step: str, answer: Answer) -> None:
        """Whatever breaks behind it, the API answers in its one shape, and never with a 500."""
        in_shape = answer.status < 400 or bool(answer.code)
        if answer.status == 500 or not in_shape:
            with self._lock:
                self.odd.append(f"{step} answered {answer.status}: {str(answer.body)[:200]}")


class _GaveUp(Exception):
    """At this step."""

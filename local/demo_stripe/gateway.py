"""What every API request passes through: key, account, faults, idempotency, the handler, the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from . import API_VERSION, accounts, faults, routes
from .errors import StripeError
from .expand import expanded
from .faults import Fault, Faults
from .idempotency import Keys
from .params import Params
from .request_log import RequestLog
from .routes import Route
from .world import PLATFORM, Call, World

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
    "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://docs.stripe.com/api/authentication."
)


class ConnectionLost(Exception):
    """The fault asks for the connection to be dropped without an answer."""


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Gateway:
    def __init__(self, world: World) -> None:
        self.world, self.faults, self.log = world, Faults(), RequestLog()
        self._resets = 0
        self.keys = Keys(world.store)

    def forget(self) -> None:
        """For a reset: requests that still hang are dropped, and do nothing to the new state."""
        self._resets += 1
        self.faults.clear()
        self.log.clear()

    def deliver_file(self, method: str, path: str) -> None:
        """Lets the browser's files (stripe.js, the card fields) meet faults as well."""
        fault = self.faults.meet(method, path)
        self._suffer(fault)
        if fault.status:
            raise faults.as_error(fault.status)

    def answer(self, method: str, path: str, headers: Message, params: Params) -> Answer:
        """Answers one API request. Raises ConnectionLost where a fault says so."""
        call = Call(method, path, params)
        fault = self.faults.meet(method, path)
        entry = self.log.begin(call, headers)
        try:
            answer = self._admit(call, headers, fault)
        except StripeError as error:
            answer = _refusal(call, error)
        finally:
            entry["account"] = call.account
        entry |= {"status": answer.status, "replayed": "Idempotent-Replayed" in answer.headers}
        if not fault.page:
            answer.headers = self._headers(call) | answer.headers
        return answer

    def _admit(self, call: Call, headers: Message, fault: Fault) -> Answer:
        found = routes.find(call.method, call.path)
        if found is None:
            raise _no_such_address(call)
        route, args = found
        self._identify(call, headers, route)
        if call.method == "POST":
            call.idempotency_key = headers.get("Idempotency-Key") or None
        with self.keys.claim(call):
            stored = self._replay(call)
            done = stored or self._carry_out(call, route, args) if fault.after else None
            self._suffer(fault)
            spoilt = self._spoil(call, fault, first=stored is None)
            return spoilt or done or stored or self._carry_out(call, route, args)

    def _identify(self, call: Call, headers: Message, route: Route) -> None:
        key = headers.get("Authorization", "").removeprefix("Bearer ").strip() or call.params.pop("key", "")
        settings = self.world.settings
        call.publishable = key == settings.publishable_key
        if not key:
            raise StripeError(NO_KEY, status=401)
        if not call.publishable and key != settings.secret_key:
            shown = f"{key[:8]}{'*' * max(len(key) - 12, 0)}{key[-4:]}"
            raise StripeError(f"Invalid API Key provided: {shown}", status=401)
        if call.publishable and not route.browser:
            message = "This API call cannot be made with a publishable API key. Please use a secret API key."
            raise StripeError(message, status=403, code="secret_key_required")
        self._check_version(call, headers)
        call.account = headers.get("Stripe-Account") or call.params.pop("_stripe_account", PLATFORM)
        if call.account and not accounts.is_open_to_us(self.world, call.account):
            raise accounts.no_access(self.world, call.account)

    def _check_version(self, call: Call, headers: Message) -> None:
        version = headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION and not call.publishable:
            raise StripeError(f"The demo speaks {API_VERSION} only, not {version}.")

    def _suffer(self, fault: Fault) -> None:
        resets = self._resets
        self.faults.sit_out(fault)
        if fault.reset or self._resets != resets:
            raise ConnectionLost

    def _spoil(self, call: Call, fault: Fault, *, first: bool) -> Answer | None:
        """What is answered because of the fault. Stripe's own trouble becomes what it keeps for the key, whether or not
        the request was carried out; of what machines in between answer it knows nothing."""
        if fault.page:
            return Answer(fault.status or 200, faults.PAGE, {"Content-Type": "text/html"})
        if not fault.status:
            return None
        answer = _refusal(call, faults.as_error(fault.status))
        if first:
            self.keys.keep(call, answer.status, answer.body)
        return answer

    def _replay(self, call: Call) -> Answer | None:
        stored = self.keys.stored(call)
        if stored is None:
            return None
        return Answer(
            stored.status,
            stored.body,
            {"Idempotent-Replayed": "true", "Original-Request": stored.request_id},
        )

    def _carry_out(self, call: Call, route: Route, args: tuple[str, ...]) -> Answer:
        store = self.world.store
        with store.transaction():
            try:
                result = route.handler(self.world, call, *args)
                paths = [] if call.path.startswith("/v2/") else _paths(call.params)
                answer = Answer(200, json.dumps(expanded(store, result, paths)).encode())
            except StripeError as error:
                if not error.keeps:
                    raise
                answer = _refusal(call, error)
            self.keys.keep(call, answer.status, answer.body)
        return answer

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {
            "Request-Id": call.request_id,
            "Stripe-Version": API_VERSION,
            "Original-Request": call.request_id,
        }
        if call.idempotency_key:
            headers["Idempotency-Key"] = call.idempotency_key
        if call.account:
            headers["Stripe-Account"] = call.account
        return headers


def _paths(params: dict[str, Any]) -> list[str]:
    paths = params.get("expand") or []
    if not isinstance(paths, list):
        raise StripeError("Invalid array", param="expand")
    return paths


def _refusal(call: Call, error: StripeError) -> Answer:
    body = error.v2_body() if call.path.startswith("/v2/") else error.body()
    return Answer(error.status, json.dumps(body).encode())


def _no_such_address(call: Call) -> StripeError:
    return StripeError(
        f"Unrecognized request URL ({call.method}: {call.path}). Please see https://docs.stripe.com, or "
        "local/demo_stripe/routes.py for what the demo serves.",
        status=404,
    )

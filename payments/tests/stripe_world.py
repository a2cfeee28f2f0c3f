"""The demo Stripe for tests, with every request and answer checked against Stripe's description.

    from payments.tests.stripe_world import stripe_world, stripe_world_process  # noqa: F401  (in a conftest)

    def test_...(stripe_world):
        client = stripe.StripeClient(stripe_world.secret_key, base_addresses={"api": stripe_world.api_base})

The application talks to a small proxy that checks and passes on; a test that leaves a violation behind fails. The demo
runs once per test session, as the real process, and is reset before each test.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from .stripe_proxy import StripeProxy

ROOT = Path(__file__).resolve().parents[2]
WEBHOOK_SECRET = "whsec_stripe_world"
Json = dict[str, Any]


class StripeWorld:
    """One running demo Stripe: its addresses, and its control endpoint as methods.

    api_base: for STRIPE_API_BASE, through the checking proxy; js_url: for STRIPE_JS_URL; direct: the demo itself.
    """

    secret_key = "sk_test_demo"
    publishable_key = "pk_test_demo"
    webhook_secret = WEBHOOK_SECRET
    account = "acct_demo_joe"
    other_account = "acct_demo_alex"

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, free_port()
        self.direct = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._http = requests.Session()
        self._proxy = StripeProxy(self.port)
        self.api_base = f"http://127.0.0.1:{self._proxy.port}"
        self.js_url = f"http://localhost:{self.port}/stripe.js"

    # ---- the process

    def start(self) -> None:
        command = [sys.executable, "-m", "payments.demo_stripe", "--port", str(self.port)]
        command += ["--state", str(self.state), "--webhook-secret", self.webhook_secret]
        environment = {name: value for name, value in os.environ.items() if name != "STRIPE_SECRET_KEY"}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        wait_until(self._answers, 10)

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)
        self._proxy.close()

    def reset(self) -> None:
        self._post("reset")
        self._proxy.forget()

    # ---- what happened

    @property
    def exchanges(self) -> list[Json]:
        """Every request of the application: {method, path, account, key, body, status, problems}; oldest first."""
        return self._proxy.exchanges

    def forget_exchanges(self) -> None:
        """For a test that breaks the description on purpose, after it has looked at the violations."""
        self._proxy.forget()

    @property
    def violations(self) -> list[str]:
        """What broke Stripe's description, in our requests or in the demo's answers."""
        return [
            f"{exchange['method']} {exchange['path']}: {problem}"
            for exchange in self.exchanges
            for problem in exchange["problems"]
        ]

    def requests(self, pattern: str = "") -> list[Json]:
        """What the demo was asked, by "METHOD /path" as a regular expression; also what was replayed or failed."""
        found: list[Json] = self._get("requests", {"for": pattern})["requests"]
        return found

    def intents(self, account: str | None = None) -> list[Json]:
        return self._objects("intents", account)

    def refunds(self, account: str | None = None) -> list[Json]:
        return self._objects("refunds", account)

    def events(self, account: str | None = None) -> list[Json]:
        return self._objects("events", account)

    def deliveries(self) -> dict[str, int]:
        """-> {"due", "held", "done", "lost", "dead"}: how many webhook deliveries are in each state."""
        counts: dict[str, int] = self._get("webhooks")["deliveries"]
        return counts

    # ---- making things happen

    def webhooks(self, mode: str = "deliver", **how: Any) -> None:
        """mode: deliver, drop, hold, duplicate:N, shuffle, or several joined by ","; see demo_stripe/control.py."""
        self._post("webhooks", {"mode": mode, **how})

    def release_webhooks(self) -> int:
        return int(self._post("webhooks/release")["released"])

    def hasten_webhooks(self) -> int:
        """Makes waiting retries due now."""
        return int(self._post("webhooks/hasten")["hastened"])

    def resend(self, event_id: str) -> None:
        self._post("webhooks/resend", {"event": event_id})

    def fault(self, pattern: str, **what: Any) -> None:
        """what: hang=SECONDS, status=500, reset=True, after=True (carried out first), times=N (0: always)."""
        self._post("faults", {"for": pattern, **what})

    def clear_faults(self) -> None:
        self._post("faults/clear")

    def set_account(self, account: str, card_payments: str) -> None:
        """card_payments: "active" or "restricted"; creates an `account.updated` event."""
        self._post("accounts", {"account": account, "card_payments": card_payments})

    def pay(
        self, client_secret: str, account: str = account, card: str = "4242424242424242", **changes: str
    ) -> Json:
        """Confirms as Stripe.js would. -> the PaymentIntent, or {"error": {...}}, as for a declined card."""
        intent = client_secret.split("_secret_")[0]
        form = {
            "key": self.publishable_key,
            "_stripe_account": account,
            "client_secret": client_secret,
            "use_stripe_sdk": "true",
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": card,
            "payment_method_data[card][exp_month]": "12",
            "payment_method_data[card][exp_year]": "2040",
            "payment_method_data[card][cvc]": "123",
            **changes,
        }
        return self._browser(f"/v1/payment_intents/{intent}/confirm", form)

    def authenticate(self, client_secret: str, passed: bool, account: str = account) -> Json:
        """Answers the 3-D Secure challenge. -> the PaymentIntent"""
        intent = client_secret.split("_secret_")[0]
        form = {
            "key": self.publishable_key,
            "_stripe_account": account,
            "client_secret": client_secret,
            "passed": str(passed).lower(),
        }
        return self._browser(f"/_demo/payment_intents/{intent}/authenticate", form)

    def _browser(self, path: str, form: dict[str, str]) -> Json:
        answer: Json = self._http.post(self.direct + path, data=form, timeout=30).json()
        return answer

    def _objects(self, kind: str, account: str | None) -> list[Json]:
        data: list[Json] = self._get(kind, {"account": account} if account else {})["data"]
        return data

    def _get(self, name: str, query: dict[str, str] | None = None) -> Json:
        answer = self._http.get(f"{self.direct}/_control/{name}", params=query, timeout=10)
        answer.raise_for_status()
        result: Json = answer.json()
        return result

    def _post(self, name: str, body: Json | None = None) -> Json:
        answer = self._http.post(f"{self.direct}/_control/{name}", json=body or {}, timeout=10)
        assert answer.ok, answer.text
        result: Json = answer.json()
        return result

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.direct}/_control", timeout=2).ok
        except requests.ConnectionError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """-> the first true value of `condition()`; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"still not so after {seconds} s")
        time.sleep(0.02)
    return value


@pytest.fixture(scope="session")
def stripe_world_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeWorld]:
    world = StripeWorld(tmp_path_factory.mktemp("stripe") / "state.sqlite3")
    world.start()
    yield world
    world.close()


@pytest.fixture
def stripe_world(stripe_world_process: StripeWorld) -> Iterator[StripeWorld]:
    """A fresh demo Stripe; at the end the test fails if anything broke Stripe's description."""
    stripe_world_process.reset()
    yield stripe_world_process
    violations = stripe_world_process.violations
    assert not violations, "\n".join(violations)


@pytest.fixture
def stripe_client(stripe_world: StripeWorld) -> stripe.StripeClient:
    """Stripe's own library, pointed at the demo through the checking proxy; it retries nothing by itself."""
    addresses: Any = {"api": stripe_world.api_base}
    return stripe.StripeClient(stripe_world.secret_key, base_addresses=addresses, max_network_retries=0)

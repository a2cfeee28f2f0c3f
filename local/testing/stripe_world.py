"""The demo Stripe for tests, with every request and answer checked against Stripe's description.

    pytest_plugins = ["local.testing.stripe_world"]  # in the top conftest.py

    def test_...(stripe_world):
        client = stripe.StripeClient(stripe_world.secret_key, base_addresses={"api": stripe_world.api_base})

The application talks to a small proxy that checks and passes on; a test that leaves a violation behind fails. The demo
runs once per test session, as the real process, and is reset before each test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from local.ports import free_port

from .stripe_control import Json, StripeControl
from .stripe_proxy import StripeProxy

ROOT = Path(__file__).resolve().parents[2]
WEBHOOK_SECRET = "whsec_stripe_world"


class StripeWorld(StripeControl):
    """One running demo Stripe: its process and its addresses, besides what StripeControl does.

    api_base: for STRIPE_API_BASE, through the checking proxy; js_url: for STRIPE_JS_URL; direct: the demo itself.
    """

    secret_key = "sk_test_demo"
    webhook_secret = WEBHOOK_SECRET
    other_account = "acct_demo_alex"

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.process: subprocess.Popen[bytes] | None = None
        self._proxy = StripeProxy(self.port)
        self.api_base = f"http://127.0.0.1:{self._proxy.port}"
        self.js_url = f"http://localhost:{self.port}/stripe.js"

    # ---- the process

    def start(self) -> None:
        command = [sys.executable, "-m", "local.demo_stripe", "--port", str(self.port)]
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
        if self.process is None or self.process.poll() is not None:
            self.start()  # a test that failed half-way may have left it dead
        super().reset()
        self._proxy.forget()

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

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.direct}/_control", timeout=2).ok
        except requests.ConnectionError:
            return False


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

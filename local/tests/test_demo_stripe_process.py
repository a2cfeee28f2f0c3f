"""The demo as a process: how it starts, what it refuses, how fast it is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from local.testing.stripe_world import ROOT, StripeWorld

COMMAND = [sys.executable, "-m", "local.demo_stripe"]


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--secret-key", "sk_live_1"], {}),
        (["--publishable-key", "pk_live_1"], {}),
        ([], {"STRIPE_SECRET_KEY": "sk_live_1"}),
    ],
)
def test_it_refuses_to_start_with_a_live_key(tmp_path, options, environment):
    state = tmp_path / "state.sqlite3"

    done = subprocess.run(
        [*COMMAND, "--state", str(state), *options],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=10, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "never runs with a live key" in done.stderr
    assert not state.exists()


def test_it_imports_neither_django_nor_the_stripe_library():
    script = (
        "import sys, local.demo_stripe.__main__; print({'django', 'stripe', 'requests'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"


def test_it_is_there_at_once_and_remembers_everything(stripe_world, stripe_client):
    options = {"stripe_account": stripe_world.account}
    intent = stripe_client.v1.payment_intents.create({"amount": 5000, "currency": "aud"}, options)

    started = time.monotonic()
    stripe_world.restart()

    assert time.monotonic() - started < 3  # 0.15 s on a quiet machine
    assert stripe_world.pay(intent.client_secret)["status"] == "succeeded"


def test_it_listens_on_the_loopback_address_only(stripe_world):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which address would be used
        address = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no other address")

    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{address}:{stripe_world.port}/_control", timeout=2)


def test_its_pages_say_demo(stripe_world):
    for path in ("/", "/_demo/card.html", "/_demo/challenge.html"):
        page = requests.get(stripe_world.direct + path, timeout=5)
        assert "DEMO" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_it_creates_hundreds_of_intents_a_second_for_many_at_once(stripe_world: StripeWorld):
    headers = {"Authorization": f"Bearer {stripe_world.secret_key}", "Stripe-Account": stripe_world.account}

    def create_some(customer: int) -> list[int]:
        with requests.Session() as http:
            http.headers.update(headers)
            form = {"amount": 5000 + customer, "currency": "aud"}
            address = f"{stripe_world.direct}/v1/payment_intents"
            return [http.post(address, data=form, timeout=10).status_code for _ in range(25)]

    started = time.monotonic()
    with ThreadPoolExecutor(16) as customers:
        statuses = [status for made in customers.map(create_some, range(16)) for status in made]

    assert statuses == [200] * 400
    assert len({intent["id"] for intent in stripe_world.intents()}) == 400
    assert 400 / (time.monotonic() - started) > 60  # 200 and more, where nothing else runs on the machine


def test_it_stops_at_once_even_while_a_webhook_hangs(stripe_world, stripe_client):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stripe_world.webhooks(url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        stripe_client.v1.payment_intents.create(
            {"amount": 5000, "currency": "aud"}, {"stripe_account": stripe_world.account}
        )
        silent.accept()

        started = time.monotonic()
        stripe_world.process.terminate()
        assert stripe_world.process.wait(timeout=10) == 0

    assert time.monotonic() - started < 4  # a hanging delivery ends by itself after 5
    stripe_world.start()


def test_its_front_page_shows_the_latest_payments(stripe_world, stripe_client):
    assert "Nobody has paid anything yet" in requests.get(stripe_world.direct, timeout=5).text
    stripe_client.v1.payment_intents.create(
        {"amount": 5050, "currency": "aud", "description": "<b>Tap</b>", "application_fee_amount": 126},
        {"stripe_account": stripe_world.account},
    )

    page = requests.get(stripe_world.direct, timeout=5).text

    assert "acct_demo_joe</td><td>&lt;b&gt;Tap&lt;/b&gt;</td><td>$50.50</td><td>$1.26" in page

"""The command line: `python -m local.demo_stripe --port 8001 --state .data/demo-stripe.sqlite3 ...`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from . import accounts, chores
from .gateway import Gateway
from .server import DemoServer
from .store import Store
from .webhooks import Postman
from .world import Settings, World

READY_ACCOUNTS = ["acct_demo_joe", "acct_demo_alex"]


def main() -> None:
    options = _options()
    settings = Settings(
        port=options.port,
        secret_key=options.secret_key,
        publishable_key=options.publishable_key,
        webhook_url=options.webhook_url,
        webhook_secret=options.webhook_secret,
        webhook_events=tuple(options.webhook_events.split(",")),
        accounts=tuple(options.account or READY_ACCOUNTS),
    )
    _refuse_live_keys(settings)
    Path(options.state).parent.mkdir(parents=True, exist_ok=True)
    store = Store(options.state)
    postman = Postman(store, settings.webhook_url, settings.webhook_secret, settings.webhook_events)
    world = World(settings, store, postman)
    with store.transaction():
        for account in settings.accounts:
            accounts.add_ready(world, account)
    _serve(world)


def _serve(world: World) -> None:
    server = DemoServer(world.settings.port, Gateway(world))
    watcher = threading.Thread(target=world.postman.run, args=(lambda: chores.do_due(world),), daemon=True)
    watcher.start()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"DEMO Stripe ready on {world.origin} - no money moves\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.2)
    world.postman.stop()
    server.server_close()
    world.store.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.demo_stripe",
        description="A stand-in for Stripe, for development and tests. Listens on 127.0.0.1; no money moves.",
    )
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument(
        "--state", default=".data/demo-stripe.sqlite3", help="SQLite file that survives restarts"
    )
    parser.add_argument("--webhook-url", default="", help="where events are sent; none are sent without it")
    parser.add_argument("--webhook-secret", default="whsec_demo", help="signs the events")
    parser.add_argument("--webhook-events", default="*", help="which are sent, joined by commas")
    parser.add_argument("--secret-key", default="sk_test_demo")
    parser.add_argument("--publishable-key", default="pk_test_demo")
    parser.add_argument("--account", action="append", help="a ready connected account; may be repeated")
    return parser.parse_args()


def _refuse_live_keys(settings: Settings) -> None:
    keys = (settings.secret_key, settings.publishable_key, os.environ.get("STRIPE_SECRET_KEY", ""))
    if any(key.startswith(("sk_live_", "rk_live_", "pk_live_")) for key in keys):
        sys.exit("The demo Stripe never runs with a live key. Unset STRIPE_SECRET_KEY, or use a test key.")


if __name__ == "__main__":
    main()

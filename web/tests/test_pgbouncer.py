"""Web behind a real PgBouncer in transaction mode, with fewer sessions than web has connections; relay and workers
beside it, straight on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import psycopg
import pytest
import requests

from local.demo_login import PASSWORD
from local.pgbouncer import PgBouncer
from local.ports import wait_until
from local.stack import Stack
from local.testing.crowd import Answer, Shop, all_at_once, ask
from local.testing.stripe_control import StripeControl

pytestmark = pytest.mark.slow
# What PgBouncer itself sets for each client that it hands a session to.
KEPT_FOR_EACH_CLIENT = {
    "application_name",
    "client_encoding",
    "DateStyle",
    "standard_conforming_strings",
    "TimeZone",
}


@pytest.fixture(scope="module")
def pooled(start_stack: Callable[..., Stack]) -> Iterator[Stack]:
    stack = start_stack(pooler=True, RATE_LIMITS="off")
    yield stack
    assert stack.manage("check_invariants").split()[-1] == "0"


@pytest.fixture(scope="module")
def pgbouncer(pooled: Stack) -> PgBouncer:
    assert pooled.pgbouncer is not None
    return pooled.pgbouncer


@pytest.fixture(scope="module")
def shop(pooled: Stack) -> Shop:
    return Shop(pooled.site_url)


def show(pgbouncer: PgBouncer, what: str) -> list[dict[str, object]]:
    """`SHOW CLIENTS` and the like, from PgBouncer's console."""
    with psycopg.connect(pgbouncer.console, autocommit=True) as console:
        # The console speaks only the simple protocol, which a ClientCursor uses.
        cursor = psycopg.ClientCursor(console).execute(f"SHOW {what}".encode())
        names = [column.name for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_a_customer_books_pays_and_is_told(pooled: Stack, shop: Shop) -> None:
    service = shop.service("Leaking tap")
    made = shop.book(service, shop.free_starts(service)[0])
    assert made.status == 201, made
    StripeControl(pooled.stripe_url).pay(made.body["payment"]["client_secret"])
    booking = made.body["booking"]["id"]
    told = "SELECT count(*) FROM notifications_message WHERE about = %s AND sent_at IS NOT NULL"
    assert wait_until(lambda: pooled.query(told, booking) == [(3,)], seconds=30)
    assert shop.change(made, {"status": "cancelled"}).body["status"] == "cancelled"


def test_forty_at_once_share_three_sessions_and_one_gets_the_time(pgbouncer: PgBouncer, shop: Shop) -> None:
    service = shop.service("Free quote")
    start = shop.free_starts(service)[0]
    answers = all_at_once([partial(shop.book, service, start, who) for who in range(40)])
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 39}
    web = [client for client in show(pgbouncer, "CLIENTS") if client["database"] == pgbouncer.database]
    assert len(web) > pgbouncer.sessions >= len(show(pgbouncer, "SERVERS"))


def test_a_tradie_signs_in(pooled: Stack) -> None:
    browser = requests.Session()
    page = f"{pooled.site_url}/accounts/login/"
    browser.get(page)
    form = {
        "login": "joe@example.com",
        "password": PASSWORD,
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
    }
    assert browser.post(page, form, headers={"Referer": page}).ok
    assert browser.get(f"{pooled.site_url}/dashboard/", allow_redirects=False).status_code == 200


def test_the_limits_of_a_session_hold_behind_the_pooler(pgbouncer: PgBouncer) -> None:
    with psycopg.connect(pgbouncer.url) as link:
        found = link.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
            " current_setting('idle_in_transaction_session_timeout')"
        ).fetchone()
    assert found == ("5s", "2s", "15s")


def test_a_locked_calendar_answers_503_within_seconds(pooled: Stack, shop: Shop) -> None:
    service = shop.service("Free quote")
    start = shop.free_starts(service)[3]
    with psycopg.connect(pooled.env["DATABASE_DIRECT_URL"]) as other:
        other.execute("SELECT FROM accounts_tradie WHERE slug = 'joe-plumber' FOR UPDATE")
        refused = shop.book(service, start)
    assert refused.status == 503
    assert 1.5 < refused.seconds < 4.5
    assert shop.book(service, start).status == 201


def test_web_leaves_nothing_of_its_own_in_a_session(pgbouncer: PgBouncer, shop: Shop) -> None:
    shop.free_starts(shop.service("Leaking tap"), at_least=200)
    with ExitStack() as links:  # all sessions at once, or one would be looked at three times
        for _ in range(pgbouncer.sessions):
            link = links.enter_context(psycopg.connect(pgbouncer.url))
            left = link.execute(
                "SELECT (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_listening_channels()),"
                " (SELECT count(*) FROM pg_cursors WHERE is_holdable), pg_my_temp_schema()::int,"
                " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
            ).fetchone()
            assert left == (0, 0, 0, 0, 0)
            changed = link.execute("SELECT name FROM pg_settings WHERE source = 'session'").fetchall()
            assert {name for (name,) in changed} <= KEPT_FOR_EACH_CLIENT


def test_relay_and_workers_go_straight_to_postgresql(pooled: Stack, pgbouncer: PgBouncer) -> None:
    through = {server["local_port"] for server in show(pgbouncer, "SERVERS")}
    listening = pooled.query("SELECT client_port FROM pg_stat_activity WHERE starts_with(query, 'LISTEN')")
    assert listening
    assert not {port for (port,) in listening} & through


def test_health_goes_the_way_that_web_goes(pooled: Stack, pgbouncer: PgBouncer) -> None:
    assert ask(pooled.site_url, "GET", "/health/db").status == 200
    process = pooled.processes["pgbouncer"]
    answers: list[Answer] = []  # for a second, still what was seen before
    process.freeze()
    try:
        assert wait_until(
            lambda: answers.append(ask(pooled.site_url, "GET", "/health/db")) or answers[-1].status == 503,
            seconds=10,
        )
    finally:
        process.thaw()
    assert max(answer.seconds for answer in answers) < 3
    assert wait_until(lambda: ask(pooled.site_url, "GET", "/health/db").status == 200, seconds=10)


def test_web_comes_back_after_the_pooler_was_restarted(pooled: Stack, shop: Shop) -> None:
    """Web's own pool throws its dead connections away a few at a time."""
    service = shop.service("Free quote")
    start = shop.free_starts(service)[5]
    pooled.processes["pgbouncer"].restart()
    assert wait_until(lambda: shop.book(service, start).status == 201, seconds=60)

"""The table in docs/operations.md, door by door and fault by fault, on the real product: what it answers while a part
is away, and that all is well again afterwards without hands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from local import faketime
from local.fixtures import need
from local.ports import wait_until
from local.testing.crowd import Answer

from .breaks import BREAKS
from .conftest import Town
from .doors import DOORS, Browser, Visit, ask_at_all, signed_in

pytestmark = pytest.mark.slow
DOCUMENT = Path(settings.BASE_DIR) / "docs" / "operations.md"
USUAL = "·"
HEALTH = [door for door in DOORS if "health/" in door]
SOON = 3.0  # seconds, unless the table says otherwise
RETRIED = ("notifications_message", "notifications_accountmail", "payments_refund", "payments_stripeevent")
# What failed once and was put off; and what was lost with a broker or a worker, and would wait for its lease to end.
HASTEN = """UPDATE {} SET due_at = now(), waiting_since = NULL, running_since = NULL, lease = lease + 1
    WHERE done_at IS NULL AND dead_at IS NULL AND due_at > now()
    AND (waiting_since IS NULL AND last_error <> ''
        OR coalesce(running_since, waiting_since) < now() - interval '10 seconds') RETURNING 1"""
# But what is only to be said on a later day.
WAITING = "SELECT attempts, last_error FROM {} WHERE done_at IS NULL AND due_at < now() + interval '1 day'"


def table() -> dict[str, dict[str, str]]:
    """{fault: {door: cell}}; the fault "nothing" is the usual answer."""
    text = DOCUMENT.read_text().partition("## What each door answers")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", text, re.M)
    ]
    end = next(n for n, row in enumerate(rows) if row[0] == "then")
    heads, body = rows[0][1:], rows[2:end]
    return {fault: {row[0]: row[column] for row in body} for column, fault in enumerate(heads, start=1)}


TABLE = table()


def expected(fault: str, door: str) -> tuple[set[int], float]:
    """The statuses that may come, and within how many seconds."""
    usual, cell = TABLE["nothing"][door], TABLE[fault][door]
    words = (usual if cell == USUAL else cell.replace(USUAL, usual)).partition(",")
    seconds = re.search(r"(\d+) s", words[2])
    return {int(status) for status in re.findall(r"\d{3}", words[0])}, float(seconds[1]) if seconds else SOON


@pytest.fixture(scope="module")
def joe(opened: Town) -> Browser:
    return signed_in(opened.stack.site_url)


@pytest.fixture(scope="module")
def promised() -> list[str]:
    """Bookings that somebody was told they have."""
    return []


@pytest.fixture
def calm(opened: Town) -> Iterator[Town]:
    yield opened
    opened.stripe.clear_faults()
    opened.stripe.webhooks("deliver")
    opened.stripe.release_webhooks()
    opened.wait_healthy()


def test_the_table_has_every_door_and_every_fault() -> None:
    assert list(TABLE) == list(BREAKS)
    assert [list(column) for column in TABLE.values()] == [list(DOORS)] * len(TABLE)


@pytest.mark.parametrize("fault", BREAKS)
def test_each_door_answers_as_the_table_says(
    calm: Town, joe: Browser, promised: list[str], fault: str
) -> None:
    if fault.startswith("clocks"):
        need(faketime.why_missing())
    # One by one where time is false, so that nobody waits for a lock with PostgreSQL's timers under libfaketime.
    at_once = 1 if fault.startswith("clocks") else 7
    visit = Visit(calm, joe)
    with BREAKS[fault](calm):
        answers = ask_at_all(visit, at_once=at_once)
        for door in HEALTH:  # looks again after a second
            wait_until(
                lambda door=door: not complaint(fault, door, ask_again(answers, door, visit)), seconds=2
            )
    booked = [answers["book"], answers["book with deposit"]]
    promised += [answer.body["booking"]["id"] for answer in booked if answer.status == 201]
    wrong = {door: found for door, answer in answers.items() if (found := complaint(fault, door, answer))}
    assert not wrong


def ask_again(answers: dict[str, Answer], door: str, visit: Visit) -> Answer:
    answers[door] = DOORS[door](visit)
    return answers[door]


def complaint(fault: str, door: str, answer: Answer) -> str:
    statuses, seconds = expected(fault, door)
    if answer.status not in statuses:
        return f"{answer.status} {answer.code} in {answer.seconds:.1f} s"
    if answer.seconds > seconds:
        return f"{answer.seconds:.1f} s"
    if answer.status == 503 and "health" not in door and not answer.headers.get("retry-after", "").isdigit():
        return "503 without Retry-After"
    return ""


def test_afterwards_nothing_is_lost(calm: Town, promised: list[str]) -> None:
    """Only the waiting is shortened: what failed once comes due again now instead of in half a minute or more."""

    def waiting() -> list[object]:
        for name in RETRIED:
            calm.stack.query(HASTEN.format(name))
        return [(name, row) for name in RETRIED for row in calm.stack.query(WAITING.format(name))]

    calm.stripe.hasten_webhooks()
    assert wait_until(lambda: not waiting(), seconds=60), waiting()
    assert set(calm.statuses(promised)) <= {"confirmed", "pending"}
    assert sum(calm.statuses(promised).values()) == len(promised)
    calm.wait_told()
    assert calm.stack.manage("check_invariants").strip().splitlines()[-1] == "0"

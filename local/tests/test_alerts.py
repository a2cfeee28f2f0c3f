"""The alerts, as Prometheus' own promtool reads them: on series on which they must fire, and on which they must not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.fixtures import need
from local.paths import CHECKOUT
from local.promtool import Series, evaluated, promtool, why_missing

FOLDER = CHECKOUT / "deploy" / "prometheus"
RULES = FOLDER / "alerts.yml"
MINUTES = 15
POINTS = MINUTES * 2 + 1
JOBS = ("web", "worker", "worker-messages", "relay", "beat", "traefik")
QUEUES = ("webhooks", "messages", "outgoing", "sweeps")
EVENTS = '{kind="payments.stripeevent", queue="webhooks"}'
MAILS = '{kind="notifications.message", queue="messages"}'
OK = 'peepopay_http_request_seconds_count{route="api/bookings", status="2xx"}'
FAILED = 'peepopay_http_request_seconds_count{route="api/bookings", status="5xx"}'
SICK = 'peepopay_http_request_seconds_count{route="health/db", status="5xx"}'
AGE, PATIENCE = "peepopay_heartbeat_age_seconds", "peepopay_heartbeat_patience_seconds"


def up(job: str) -> str:
    return f'up{{job="{job}"}}'


def payments(outcome: str) -> str:
    return f'peepopay_payments_total{{outcome="{outcome}"}}'


def messages(outcome: str, channel: str = "push") -> str:
    return f'peepopay_messages_total{{channel="{channel}", outcome="{outcome}"}}'


def slow(bound: str) -> str:
    return f'peepopay_http_request_seconds_bucket{{route="api/bookings", le="{bound}"}}'


def always(value: float | str) -> str:
    return " ".join([str(value)] * POINTS)


def growing(each: float) -> str:
    return f"0+{each}x{POINTS - 1}"


def signs(patience: dict[str, int]) -> Series:
    return {
        **{f'{AGE}{{name="{name}"}}': always(10) for name in patience},
        **{f'{PATIENCE}{{name="{name}"}}': always(seconds) for name, seconds in patience.items()},
    }


RELAYS: Series = {
    **signs({"relay": 60, "worker": 60, "beat": 120, **{f"queue {queue}": 120 for queue in QUEUES}}),
    "peepopay_database_up": always(1),
    "peepopay_broker_up": always(1),
    'peepopay_queue_messages{queue="dead"}': always(0),
    'peepopay_invariant_findings{kind="broken"}': always(0),
    'peepopay_invariant_findings{kind="waiting"}': always(3),
    **{f"peepopay_outbox_oldest_seconds{of}": always(1) for of in (EVENTS, MAILS)},
    **{f"peepopay_outbox_unpublished_seconds{of}": always(0) for of in (EVENTS, MAILS)},
    **{f"peepopay_outbox_dead_rows{of}": always(0) for of in (EVENTS, MAILS)},
}
WELL: Series = {
    **RELAYS,
    **{up(job): always(1) for job in JOBS},
    OK: growing(100),
    FAILED: growing(1),
    **{slow(bound): growing(each) for bound, each in {"1": 100, "2": 100, "4": 101, "+Inf": 101}.items()},
    payments("succeeded"): growing(10),
    payments("failed"): growing(1),
    payments("unavailable"): always(0),
    "peepopay_database_errors_total": always(2),
    "peepopay_database_pool_refusals_total": always(0),
    'peepopay_memory_bytes{job="web"}': always(80),
    'peepopay_memory_limit_bytes{job="web"}': always(100),
}
SILENCE = always("Inf")


def of_late(good: float | str, bad: float | str, points: int) -> str:
    """Bad only at the end: so many times 30 s, less one, ago until now."""
    return " ".join([str(good)] * (POINTS - points) + [str(bad)] * points)


# Alert -> what differs from WELL when it fires; None: the series is not there. It fires alone, unless more are named.
FIRES: dict[str, list[tuple[dict[str, str | None], set[str]]]] = {
    "InstanceDown": [
        ({up("web"): always(0)}, set()),
        ({up("beat"): None}, set()),
        ({up("traefik"): of_late(1, 0, 6)}, set()),
    ],
    "MemoryHigh": [({'peepopay_memory_bytes{job="web"}': always(86)}, set())],
    "WorkerSilent": [
        ({f'{AGE}{{name="worker"}}': always(61)}, set()),
        ({f'{AGE}{{name="worker"}}': SILENCE}, set()),
    ],
    "RelaySilent": [
        ({f'{AGE}{{name="relay"}}': always(61)}, set()),
        (dict.fromkeys(RELAYS), set()),
        ({**dict.fromkeys(RELAYS), up("relay"): always(0)}, {"InstanceDown"}),
    ],
    "BeatSilent": [({f'{AGE}{{name="beat"}}': always(121)}, set())],
    "QueueSilent": [
        ({f'{AGE}{{name="queue outgoing"}}': always(121)}, set()),
        ({f'{AGE}{{name="queue sweeps"}}': SILENCE}, set()),
    ],
    "ErrorRateHigh": [({FAILED: growing(6)}, set()), ({OK: always(0)}, set())],
    "ResponsesSlow": [
        ({slow("2"): growing(94), slow("1"): growing(90), slow("4"): growing(101)}, set()),
    ],
    "PaymentsFailing": [
        ({payments("failed"): growing(2)}, set()),
        ({payments("unavailable"): growing(1), payments("succeeded"): growing(5)}, set()),
        ({payments("succeeded"): always(7), payments("failed"): "0x10 1 2 3 4 4x15"}, set()),
    ],
    "DatabaseErrors": [
        ({"peepopay_database_errors_total": growing(1)}, set()),
        ({"peepopay_database_pool_refusals_total": growing(1)}, set()),
        ({"peepopay_database_up": always(0)}, set()),
    ],
    "InvariantBroken": [({'peepopay_invariant_findings{kind="broken"}': of_late(0, 1, 2)}, set())],
    "QueueOld": [
        ({f"peepopay_outbox_oldest_seconds{MAILS}": always(301)}, set()),
        ({f"peepopay_outbox_oldest_seconds{EVENTS}": always(301)}, {"WebhooksLate"}),
    ],
    "WebhooksLate": [({f"peepopay_outbox_oldest_seconds{EVENTS}": always(121)}, set())],
    "OutboxLate": [({f"peepopay_outbox_unpublished_seconds{MAILS}": always(61)}, set())],
    "MessagesFailing": [
        ({messages("denied"): "0 1 2x29", messages("sent", "mail"): growing(1)}, set()),
        ({messages("failed", "mail"): growing(1), messages("sent", "mail"): always(9)}, set()),
    ],
    "RowsDead": [
        ({f"peepopay_outbox_dead_rows{MAILS}": always(1)}, set()),
        ({'peepopay_queue_messages{queue="dead"}': always(1)}, set()),
    ],
}
# The same, where it comes near and must be silent, as must all others.
SILENT: dict[str, list[dict[str, str | None]]] = {
    "InstanceDown": [{up("web"): of_late(1, 0, 3)}, {'up{job="prometheus"}': always(1)}],
    "MemoryHigh": [
        {'peepopay_memory_bytes{job="web"}': always(85)},
        {'peepopay_memory_bytes{job="web"}': of_late(50, 99, 8)},
    ],
    "WorkerSilent": [
        {f'{AGE}{{name="worker"}}': always(60)},
        {f'{AGE}{{name="worker"}}': of_late(1, "Inf", 2)},
    ],
    "RelaySilent": [{f'{AGE}{{name="relay"}}': always(60)}, {f'{AGE}{{name="relay"}}': of_late(1, 90, 3)}],
    "BeatSilent": [{f'{AGE}{{name="beat"}}': always(120)}, {f'{AGE}{{name="beat"}}': of_late(1, "Inf", 3)}],
    "QueueSilent": [{f'{AGE}{{name="queue outgoing"}}': always(120)}],
    "ErrorRateHigh": [
        {FAILED: growing(5)},
        {FAILED: "0x28 300x1"},  # for half a minute
        {SICK: growing(100)},  # those who ask how it is
        {OK: None, FAILED: None},  # nobody is there
    ],
    "ResponsesSlow": [{slow("2"): growing(97), slow("1"): growing(90)}],
    "PaymentsFailing": [
        {payments("failed"): growing(1)},
        {payments("succeeded"): always(0), payments("failed"): "0x10 1 2 2x17"},  # two people's cards
    ],
    "DatabaseErrors": [
        {"peepopay_database_errors_total": "0x25 3x4"},
        {"peepopay_database_up": of_late(1, 0, 2)},
    ],
    "InvariantBroken": [
        {'peepopay_invariant_findings{kind="waiting"}': always(9)},
        {'peepopay_invariant_findings{kind="broken"}': None},  # not looked yet
    ],
    "QueueOld": [{f"peepopay_outbox_oldest_seconds{MAILS}": always(300)}],
    "WebhooksLate": [
        {f"peepopay_outbox_oldest_seconds{EVENTS}": always(120)},
        {f"peepopay_outbox_oldest_seconds{EVENTS}": of_late(1, 200, 2)},
    ],
    "OutboxLate": [{f"peepopay_outbox_unpublished_seconds{MAILS}": always(60)}],
    "MessagesFailing": [
        {messages("denied"): growing(1), messages("sent"): growing(1)},
        {
            messages("failed", "mail"): "0 1 2 3 4 5 6 7x24",
            messages("sent", "mail"): always(9),
        },  # one, again and again
        {messages("refused", "sms"): growing(1)},  # numbers that are none
    ],
    "RowsDead": [{'peepopay_queue_messages{queue="webhooks"}': always(50)}],
}


@pytest.fixture(autouse=True)
def _promtool() -> None:
    need(why_missing())


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def but(changes: dict[str, str | None]) -> Series:
    return {of: values for of, values in {**WELL, **changes}.items() if values is not None}


def test_every_alert_has_series_on_which_it_fires_and_on_which_it_is_silent() -> None:
    names = sorted(rule["alert"] for rule in rules())
    assert (sorted(FIRES), sorted(SILENT)) == (names, names)
    assert all([*FIRES.values(), *SILENT.values()])


def test_each_fires_when_it_should_and_is_silent_when_it_should_not(tmp_path: Path) -> None:
    cases: dict[str, tuple[Series, set[str]]] = {"all is well": (but({}), set())}
    for alert, several in FIRES.items():
        for number, (changes, others) in enumerate(several, start=1):
            cases[f"{alert} fires {number}"] = but(changes), {alert, *others}
    for alert, silent in SILENT.items():
        for number, changes in enumerate(silent, start=1):
            cases[f"{alert} is silent {number}"] = but(changes), set()
    evaluated(RULES, cases, tmp_path, minutes=MINUTES)


def test_the_guide_lists_every_alert() -> None:
    guide = (CHECKOUT / "docs" / "observability.md").read_text().partition("\n## Alerts\n")[2]
    told = [name for cell in re.findall(r"^\| (`.+?`) \|", guide, re.M) for name in re.findall(r"\w+", cell)]
    assert sorted(told) == sorted(rule["alert"] for rule in rules())


def test_a_case_that_does_not_hold_is_told(tmp_path: Path) -> None:
    """So that silence above means something."""
    with pytest.raises(ValueError, match="FAILED"):
        evaluated(RULES, {"not so": (but({up("web"): always(0)}), set())}, tmp_path, minutes=MINUTES)


def test_prometheus_takes_its_files(tmp_path: Path) -> None:
    """Where they lie in the stack."""
    text = (FOLDER / "prometheus.yml").read_text()
    (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus", str(FOLDER)))
    assert "16 rules found" in promtool("check", "config", tmp_path / "prometheus.yml")


def test_every_panel_of_the_board_asks_something_that_can_be_asked(tmp_path: Path) -> None:
    board = json.loads((CHECKOUT / "deploy" / "grafana" / "peepopay.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    rules = [{"record": f"panel_{number}", "expr": expr} for number, expr in enumerate(asked)]
    (tmp_path / "board.yml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", tmp_path / "board.yml")
    assert all(panel["description"] for panel in board["panels"] if panel["type"] != "row")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_says_in_plain_words_what_is_wrong_and_where_to_read_on(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(told) == {"summary", "description", "runbook"}
    assert told["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
    assert told["description"].endswith(".")
    assert re.search("[a-z] [a-z]", told["summary"])

"""Rows that stand for work: claimed once, run alone, retried, given up visibly."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import Tradie
from local.ports import wait_until
from local.testing.cast import at
from notifications.models import Message
from payments.models import StripeEvent
from peepopay import given_up, logs, outbox
from peepopay.relay import listening_connection

NOW = at("2027-01-14 08:00 +11:00")


def add_row(tradie: Tradie, **fields: Any) -> Message:
    defaults: dict[str, Any] = {
        "tradie": tradie,
        "about": uuid.uuid4(),
        "kind": "booking_confirmed",
        "audience": "customer",
        "channel": "email",
        "recipient": "jo@example.com",
        "dedupe_key": str(uuid.uuid4()),
        "due_at": NOW,
    }
    return Message.objects.create(**{**defaults, **fields})


class Refused(Exception):
    def __init__(self, text: str, *, retry_helps: bool) -> None:
        super().__init__(text)
        self.retry_helps = retry_helps


def fail(problem: Exception) -> Any:
    def work(_row: Message) -> None:
        raise problem

    return work


def state_of(row: Message) -> dict[str, Any]:
    row.refresh_from_db()
    return {name: getattr(row, name) for name in ("attempts", "due_at", "done_at", "dead_at", "last_error")}


def claimed(**options: Any) -> list[Any]:
    """The keys of what is claimed."""
    return [lease.key for lease in outbox.claim(Message, **options)]


def busy(_row: Message) -> None:
    raise Refused("busy", retry_helps=True)


def test_claims_what_is_due_and_leases_it(sam: Tradie) -> None:
    due = add_row(sam)
    add_row(sam, due_at=NOW + timedelta(days=1))
    add_row(sam, done_at=NOW)
    add_row(sam, dead_at=NOW)

    assert claimed(now=NOW) == [due.pk]
    assert claimed(now=NOW) == []
    assert claimed(now=NOW + outbox.LEASE) == [due.pk]


def test_claims_the_oldest_first_and_no_more_than_asked(sam: Tradie) -> None:
    rows = [add_row(sam, due_at=NOW - timedelta(seconds=age)) for age in (1, 3, 2)]

    assert set(claimed(now=NOW, limit=2)) == {rows[1].pk, rows[2].pk}
    assert claimed(now=NOW, limit=2) == [rows[0].pk]


def test_claiming_is_one_statement_and_counts_no_attempt(sam: Tradie, django_assert_num_queries: Any) -> None:
    rows = [add_row(sam) for _ in range(3)]
    with django_assert_num_queries(1):
        outbox.claim(Message, now=NOW)
    assert {state_of(row)["attempts"] for row in rows} == {0}


@pytest.mark.django_db(transaction=True)
def test_four_relays_at_once_never_claim_the_same_row(sam: Tradie) -> None:
    rows = {add_row(sam).pk for _ in range(200)}
    taken: list[Any] = []

    def relay() -> None:
        while keys := claimed(now=NOW, limit=7):
            taken.extend(keys)
        connections.close_all()

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 200
    assert set(taken) == rows


def test_what_the_broker_did_not_take_is_due_again_uncounted(sam: Tradie) -> None:
    row = add_row(sam)
    leases = outbox.claim(Message, now=NOW)
    outbox.give_back(Message, leases, due_at=NOW + timedelta(seconds=3))

    assert state_of(row) == {
        "attempts": 0,
        "due_at": NOW + timedelta(seconds=3),
        "done_at": None,
        "dead_at": None,
        "last_error": "",
    }


def test_what_runs_already_is_not_given_back(sam: Tradie) -> None:
    """The broker did take it: only its confirmation was lost."""
    row = add_row(sam)
    leases = outbox.claim(Message, now=NOW)

    def work(_row: Message) -> dict[str, Any]:
        outbox.give_back(Message, leases, due_at=NOW)
        return {"subject": str(claimed(now=NOW))}

    outbox.run(Message, row.pk, work, now=NOW + timedelta(seconds=1))
    row.refresh_from_db()
    assert row.subject == "[]"


def test_ten_copies_of_a_task_make_one_attempt(sam: Tradie) -> None:
    """They piled up while no worker ran; the row's back-off is not for them to cut short."""
    row = add_row(sam)
    (lease,) = outbox.claim(Message, now=NOW)
    ran = [
        outbox.run(Message, row.pk, busy, now=NOW + timedelta(seconds=4 * copy), lease=lease.number)
        for copy in range(10)
    ]
    assert ran == [False] * 10
    assert (state_of(row)["attempts"], row.due_at) == (1, NOW + timedelta(seconds=30))


def test_a_copy_whose_row_was_published_anew_does_nothing(sam: Tradie) -> None:
    row = add_row(sam)
    (old,) = outbox.claim(Message, now=NOW)
    (new,) = outbox.claim(Message, now=NOW + outbox.LEASE)
    later = NOW + outbox.LEASE

    assert outbox.run(Message, row.pk, lambda _: {}, now=later, lease=old.number) is False
    assert state_of(row)["attempts"] == 0
    assert outbox.run(Message, row.pk, lambda _: {}, now=later, lease=new.number) is True


def test_rows_of_one_task_stand_each_for_itself(sam: Tradie) -> None:
    bad, good = add_row(sam), add_row(sam)
    tasks = [(lease.key, lease.number) for lease in outbox.claim(Message, now=NOW)]

    def rule(row: Message, _now: datetime) -> dict[str, Any]:
        if row.pk == bad.pk:
            busy(row)
        return {}

    outbox.run_in_turn(Message, tasks, rule)
    assert (state_of(bad)["last_error"], state_of(good)["done_at"] is not None) == ("busy", True)
    assert (bad.done_at, bad.attempts, good.attempts) == (None, 1, 1)
    assert locks_held() == 0


def locks_held() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_what_is_left_after_a_slow_row_is_due_at_once_for_others(
    sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SLOW_SECONDS", 0)
    rows = [add_row(sam, due_at=timezone.now()) for _ in range(3)]
    tasks = [(lease.key, lease.number) for lease in outbox.claim(Message, now=timezone.now())]
    done: list[Any] = []
    outbox.run_in_turn(Message, tasks, lambda row, now: done.append(row.pk) or {})
    assert done == [tasks[0][0]]
    assert set(claimed(now=timezone.now())) == {row.pk for row in rows} - set(done)
    assert {state_of(row)["attempts"] for row in rows if row.pk not in done} == {0}


def test_where_a_worker_died_only_what_had_begun_runs_again(sam: Tradie) -> None:
    """Else a row that kills every worker would keep the others of its task waiting."""
    begun, waiting = add_row(sam, due_at=timezone.now()), add_row(sam, due_at=timezone.now())
    tasks = [(lease.key, lease.number) for lease in outbox.claim(Message, now=timezone.now())]
    Message.objects.filter(pk=begun.pk).update(running_since=timezone.now(), attempts=1)
    done: list[Any] = []
    outbox.run_in_turn(Message, tasks, lambda row, now: done.append(row.pk) or {}, died=True)
    assert done == [begun.pk]
    assert claimed(now=timezone.now()) == [waiting.pk]


@pytest.mark.parametrize("put_off", ["retry_later", "look_again", "revive"])
def test_no_copy_of_a_task_outlives_a_put_off(sam: Tradie, put_off: str) -> None:
    row = add_row(sam)
    (lease,) = outbox.claim(Message, now=NOW)
    match put_off:
        case "retry_later":
            outbox.retry_later(row, "pending", now=NOW)
        case "look_again":
            outbox.look_again(row, due_at=NOW + timedelta(hours=1))
        case "revive":
            given_up.revive(Message, [row.pk], now=NOW)
    assert outbox.run(Message, row.pk, lambda _: {}, now=NOW, lease=lease.number) is False


def test_the_task_of_a_worker_that_died_runs_at_once_when_it_is_delivered_again(sam: Tradie) -> None:
    row = add_row(sam)
    (lease,) = outbox.claim(Message, now=NOW)

    def die(_row: Message) -> None:
        raise KeyboardInterrupt  # nothing after this line runs, as when the process is killed

    with pytest.raises(KeyboardInterrupt):
        outbox.run(Message, row.pk, die, now=NOW, lease=lease.number)
    assert outbox.run(Message, row.pk, lambda _: {}, now=NOW, lease=lease.number) is True
    assert state_of(row)["attempts"] == 3  # the one that died counts twice


def test_a_first_attempt_is_no_retry(sam: Tradie) -> None:
    row = add_row(sam)
    seen: list[Any] = []

    def work(fresh: Message) -> None:
        seen.append((fresh.state, fresh.last_error, fresh.running_since))
        busy(fresh)

    outbox.run(Message, row.pk, work, now=NOW)
    assert seen == [("waiting", "", NOW)]
    row.refresh_from_db()
    assert (row.state, row.last_error, row.running_since) == ("retrying", "busy", None)


def test_an_attempt_after_one_that_died_says_so(sam: Tradie) -> None:
    row = add_row(sam, running_since=NOW - timedelta(minutes=2))
    seen: list[str] = []
    outbox.run(Message, row.pk, lambda fresh: seen.append(fresh.last_error) or {}, now=NOW)
    assert seen == ["The process that ran it died."]
    row.refresh_from_db()
    assert (row.state, row.last_error, row.running_since) == ("skipped", "", None)


def test_leases_leave_it_to_be_seen_when_a_row_came_due(sam: Tradie) -> None:
    row = add_row(sam)
    for lap in range(3):
        outbox.claim(Message, now=NOW + lap * outbox.LEASE)
    row.refresh_from_db()
    assert (row.waiting_since, row.due_at) == (NOW, NOW + 3 * outbox.LEASE)
    outbox.retry_later(row, "busy", now=NOW)
    row.refresh_from_db()
    assert row.waiting_since is None


def test_work_is_marked_done_with_its_changes(sam: Tradie) -> None:
    row = add_row(sam)

    assert outbox.run(Message, row.pk, lambda _: {"subject": "Booked"}, now=NOW) is True
    assert state_of(row) == {
        "attempts": 1,
        "due_at": NOW + outbox.LEASE,
        "done_at": NOW,
        "dead_at": None,
        "last_error": "",
    }
    assert row.subject == "Booked"


def test_what_is_done_or_dead_or_unknown_is_not_run(sam: Tradie) -> None:
    ran: list[Any] = []
    for key in (add_row(sam, done_at=NOW).pk, add_row(sam, dead_at=NOW).pk, uuid.uuid4()):
        assert outbox.run(Message, key, ran.append, now=NOW) is False
    assert ran == []


@pytest.mark.parametrize(
    ("attempt", "delay"),
    [(1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 960), (7, 1920), (8, 3600), (9, 3600)],
)
def test_failures_back_off_up_to_an_hour(sam: Tradie, attempt: int, delay: int) -> None:
    row = add_row(sam, attempts=attempt - 1, last_error="as before")

    assert outbox.run(Message, row.pk, fail(Refused("busy", retry_helps=True)), now=NOW) is False
    assert state_of(row) == {
        "attempts": attempt,
        "due_at": NOW + timedelta(seconds=delay),
        "done_at": None,
        "dead_at": None,
        "last_error": "busy",
    }


def test_work_that_always_raises_is_dead_after_ten_attempts(sam: Tradie) -> None:
    row = add_row(sam)
    runs = 0

    def work(_row: Message) -> None:
        nonlocal runs
        runs += 1
        raise ZeroDivisionError("about jo@example.com")

    for _ in range(20):
        outbox.run(Message, row.pk, work, now=NOW)

    assert runs == 10
    assert state_of(row)["dead_at"] == NOW
    assert row.last_error == "ZeroDivisionError"


def test_work_that_kills_its_process_is_dead_after_five_attempts(sam: Tradie) -> None:
    row = add_row(sam)
    runs = 0

    def work(_row: Message) -> None:
        nonlocal runs
        runs += 1
        raise KeyboardInterrupt  # nothing after this line runs, as when the process is killed

    for _ in range(20):
        try:
            outbox.run(Message, row.pk, work, now=NOW)
        except KeyboardInterrupt:
            continue

    assert runs == 5
    assert state_of(row)["dead_at"] == NOW
    assert row.last_error == "The process that ran it died."


def test_a_bug_is_logged_with_its_place_and_without_its_words(
    sam: Tradie, caplog: pytest.LogCaptureFixture
) -> None:
    row = add_row(sam)
    outbox.run(Message, row.pk, fail(ZeroDivisionError("about jo@example.com")), now=NOW)
    (line,) = [logs.Line("worker").format(record) for record in caplog.records]
    assert f"notifications.Message {row.pk}: attempt 1: ZeroDivisionError\n" in line
    assert "ZeroDivisionError at outbox.py:" in line
    assert "test_outbox.py:" in line
    assert "jo@example.com" not in line


def test_where_a_retry_cannot_help_it_is_dead_at_once(sam: Tradie) -> None:
    row = add_row(sam)
    outbox.run(Message, row.pk, fail(Refused("no such address", retry_helps=False)), now=NOW)

    assert state_of(row) == {
        "attempts": 1,
        "due_at": NOW + outbox.LEASE,
        "done_at": None,
        "dead_at": NOW,
        "last_error": "no such address",
    }


def test_work_that_put_itself_off_stays_put_off(sam: Tradie) -> None:
    row = add_row(sam)

    def work(row: Message) -> None:
        outbox.retry_later(row, "pending at the bank", now=NOW)

    assert outbox.run(Message, row.pk, work, now=NOW) is True
    assert state_of(row)["last_error"] == "pending at the bank"
    assert row.due_at == NOW + timedelta(seconds=30)


def test_work_that_says_nothing_comes_back_later(sam: Tradie) -> None:
    row = add_row(sam)
    outbox.run(Message, row.pk, lambda _: None, now=NOW)
    assert state_of(row)["last_error"] == "Not finished yet."
    assert row.due_at == NOW + timedelta(seconds=30)


def test_a_revived_row_is_due_at_once_with_all_its_attempts(sam: Tradie) -> None:
    row = add_row(sam, attempts=10, dead_at=NOW, last_error="no")
    done = add_row(sam, attempts=3, done_at=NOW)

    assert given_up.revive(Message, [row.pk, done.pk], now=NOW) == 1
    assert state_of(row) == {"attempts": 0, "due_at": NOW, "done_at": None, "dead_at": None, "last_error": ""}
    assert state_of(done)["attempts"] == 3


def test_done_is_said_once(sam: Tradie) -> None:
    row = add_row(sam)
    assert [outbox.finish(row, now=NOW), outbox.finish(row, now=NOW + outbox.LEASE)] == [True, False]
    assert state_of(row)["done_at"] == NOW


@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_the_same_row_run_it_once(sam: Tradie) -> None:
    row = add_row(sam)
    together = threading.Barrier(8)
    runs: list[int] = []

    def worker(number: int) -> None:
        together.wait()
        outbox.run(Message, row.pk, lambda _: runs.append(number) or {}, now=NOW)
        connections.close_all()

    threads = [threading.Thread(target=worker, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(runs) == 1
    assert state_of(row)["attempts"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_that_runs_elsewhere_is_left_alone_until_that_process_is_gone(sam: Tradie) -> None:
    row = add_row(sam)
    other = listening_connection()
    name = f"notifications_message:{row.pk}"
    other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])

    assert outbox.run(Message, row.pk, lambda _: {}, now=NOW) is False
    assert state_of(row)["attempts"] == 0

    other.close()
    assert wait_until(lambda: outbox.run(Message, row.pk, lambda _: {}, now=NOW), seconds=5)


def test_what_is_put_leaves_what_is_there_as_it_is(sam: Tradie, django_assert_num_queries: Any) -> None:
    def event(number: int, kind: str) -> StripeEvent:
        return StripeEvent(id=f"evt_{number}", type=kind, created_at=NOW, due_at=NOW)

    outbox.put([event(1, "first")])
    with django_assert_num_queries(1):
        outbox.put([event(1, "second"), event(2, "second"), event(3, "second")])
    with django_assert_num_queries(0):
        outbox.put([])
    kinds = dict(StripeEvent.objects.order_by("id").values_list("id", "type"))
    assert kinds == {"evt_1": "first", "evt_2": "second", "evt_3": "second"}


def test_what_is_put_again_begins_anew_only_where_it_was_given_up(sam: Tradie) -> None:
    spent: dict[str, Any] = {"attempts": 7, "lease": 3, "last_error": "401", "due_at": NOW, "created_at": NOW}
    for name, end in {
        "open": {"running_since": NOW},
        "done": {"done_at": NOW},
        "dead": {"dead_at": NOW, "running_since": NOW, "waiting_since": NOW, "unanswered_since": NOW},
        "closed": {"dead_at": NOW, "done_at": NOW},
    }.items():
        StripeEvent.objects.create(id=name, type="account.updated", **spent | end)
    as_it_was = {row.pk: row.__dict__ | {"_state": None} for row in StripeEvent.objects.all()}

    later = NOW + timedelta(hours=1)
    for name in as_it_was:
        outbox.put([StripeEvent(id=name, type="payout.paid", created_at=later, due_at=later)], reviving=True)

    anew = {"dead_at": None, "due_at": later, "attempts": 0, "last_error": "", "running_since": None}
    anew |= {"waiting_since": None, "unanswered_since": None, "lease": 4}
    found = {row.pk: row.__dict__ | {"_state": None} for row in StripeEvent.objects.all()}
    assert found == as_it_was | {"dead": as_it_was["dead"] | anew}


@pytest.mark.django_db(transaction=True)
def test_announcing_wakes_a_listener_when_the_transaction_commits_and_not_before(sam: Tradie) -> None:
    with listening_connection() as link:
        with transaction.atomic():
            outbox.announce()
            outbox.announce()
            assert list(link.notifies(timeout=0.2)) == []
        assert [n.channel for n in link.notifies(timeout=2, stop_after=1)] == [outbox.CHANNEL]

        with transaction.atomic():
            outbox.announce()
            transaction.set_rollback(True)
        assert list(link.notifies(timeout=0.2)) == []

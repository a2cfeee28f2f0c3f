"""The self-check: each finding, and that none hides another."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Service, Tradie
from local.testing.cast import make_booking, make_service, soon
from notifications.models import Message
from payments import invariants, self_check, tasks
from payments.models import Payment, Refund, StripeEvent
from peepopay import heartbeats

pytestmark = pytest.mark.django_db


def make_message(tradie: Tradie, **fields: object) -> Message:
    return Message.objects.create(
        tradie=tradie, about=tradie.pk, kind="x", audience="tradie", channel="email", recipient="a@example.com",
        dedupe_key=f"key-{Message.objects.count()}", **fields,
    )  # fmt: skip


def make_payment(service: Service, **fields: object) -> Payment:
    booking = make_booking(service, status="cancelled")
    return Payment.objects.create(
        booking=booking, status="succeeded", account_id="acct_1", intent_id="pi_1", amount_cents=3_000,
        created_at=timezone.now(), **fields,
    )  # fmt: skip


def run_command() -> tuple[int, list[str], str]:
    """(exit code, findings, what it prints last)"""
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("check_invariants", stdout=out, stderr=err, no_color=True)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, err.getvalue().splitlines(), out.getvalue().strip()


def test_nothing_found_is_0(drain: Service) -> None:
    assert run_command() == (0, [], "0")


def test_every_overlap_is_found_with_whom_it_meets(sam: Tradie, drain: Service) -> None:
    """Also one that lies within a long one, after others that begin later and end sooner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_no_overlap"
        )  # rolled back at the end
    day = make_booking(make_service(sam, name="A whole day", duration_minutes=7 * 60), soon(sam, hour=8))
    inside = [make_booking(drain, soon(sam, hour=hour)) for hour in (9, 11)]
    make_booking(drain, soon(sam, hour=15))  # back to back is no overlap
    make_booking(drain, soon(sam, hour=9), status="cancelled")
    pairs = {frozenset(line.split()) for line in invariants.overlapping_bookings(timezone.now())}
    assert pairs == {frozenset({str(day.pk), str(other.pk)}) for other in inside}


def test_a_check_that_fails_is_a_finding_and_hides_no_other(sam: Tradie, drain: Service) -> None:
    with connection.cursor() as cursor:  # rolled back at the end
        cursor.execute("ALTER TABLE bookings_bookingevent RENAME TO elsewhere")
    stuck = make_message(sam, due_at=timezone.now() - timedelta(hours=1))
    code, found, last = run_command()
    assert (code, last) == (1, "3")
    assert found == [
        "check failed: bookings_without_history: ProgrammingError",
        "check failed: confirmed_but_nobody_told: ProgrammingError",
        f"outbox_rows_stuck: notifications.Message {stuck.pk}",
    ]


def test_a_check_may_take_longer_than_a_request(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
    slow = {"slow": lambda now: self_check.keys("SELECT 1 FROM pg_sleep(0.2) WHERE false")}
    monkeypatch.setattr(invariants, "CHECKS", slow)
    assert invariants.findings(now=timezone.now()) == []


def test_a_check_that_takes_too_long_all_the_same_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "SECONDS_A_QUERY", 0.05)
    slow = {"slow": lambda now: self_check.keys("SELECT 1 FROM pg_sleep(60)")}
    monkeypatch.setattr(invariants, "CHECKS", slow)
    assert invariants.findings(now=timezone.now()) == ["check failed: slow: OperationalError"]


def test_work_that_is_claimed_again_and_again_and_never_taken_is_stuck(sam: Tradie) -> None:
    now = timezone.now()
    fields = {"due_at": now + timedelta(minutes=1), "lease": 30}
    stuck = make_message(sam, waiting_since=now - timedelta(minutes=31), **fields)
    make_message(sam, waiting_since=now - timedelta(minutes=29), **fields)
    make_message(sam, waiting_since=now - timedelta(minutes=31), done_at=now, **fields)
    assert invariants.outbox_rows_stuck(now) == [f"notifications.Message {stuck.pk}"]


def test_work_that_was_given_up_waits_for_a_person_until_it_is_closed(sam: Tradie, drain: Service) -> None:
    now = timezone.now()
    message = make_message(sam, dead_at=now)
    event = StripeEvent.objects.create(id="evt_1", type="x", created_at=now, dead_at=now)
    refund = Refund.objects.create(
        payment=make_payment(drain, reserved_cents=3_000), amount_cents=3_000, created_at=now, dead_at=now
    )
    code, found, last = run_command()
    assert (code, last) == (1, "3")
    assert found == [
        f"outbox_rows_dead: notifications.Message {message.pk}",
        f"outbox_rows_dead: payments.Refund {refund.pk}",
        f"outbox_rows_dead: payments.StripeEvent {event.pk}",
    ]


def test_a_refund_that_failed_waits_for_a_person_until_somebody_saw_to_it(drain: Service) -> None:
    payment = make_payment(drain, attention="A refund failed; the customer has not got it.")
    refund = Refund.objects.create(
        payment=payment,
        status="failed",
        amount_cents=3_000,
        created_at=timezone.now(),
        done_at=timezone.now(),
    )
    assert invariants.for_a_person(now=timezone.now()) == [
        f"refunds_failed: {refund.pk}",
        f"attention: payments.Payment {payment.pk}: A refund failed; the customer has not got it.",
    ]
    Payment.objects.update(attention="")
    assert invariants.for_a_person(now=timezone.now()) == [f"refunds_failed: {refund.pk}"]
    Payment.objects.update(seen_to_at=timezone.now())
    assert invariants.for_a_person(now=timezone.now()) == []


def test_the_hourly_task_logs_and_notes_every_finding(
    transactional_db: None, sam: Tradie, caplog: pytest.LogCaptureFixture
) -> None:
    make_message(sam, due_at=timezone.now() - timedelta(hours=1))
    make_message(sam, dead_at=timezone.now())
    assert tasks.check_invariants() == 2
    assert heartbeats.signs()["check_invariants"].facts == {"broken": 1, "waiting": 1}
    assert [(record.levelname, record.getMessage().partition(":")[0]) for record in caplog.records] == [
        ("ERROR", "invariant broken"),
        ("WARNING", "waits for a person"),
    ]

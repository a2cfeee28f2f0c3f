"""An invoice: numbered, frozen, counted into what its customer owes; corrected by credit notes only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Tradie
from bookings.lifecycle import mark_no_show, undo_completed
from bookings.models import Booking, BookingEvent, Status
from invoicing.crediting import credit_all, credit_refunds, credit_what_is_off, off_lately, refunded_lately
from invoicing.invoice_models import DocumentKind, How
from invoicing.models import Invoice, InvoiceLine
from invoicing.receipts import record_deposit, undo_receipt
from local.testing.cast import make_booking, make_service, make_tradie
from notifications.models import Message
from payments.bills import Standing, standing_of
from payments.cancellations import cancel_booking
from payments.invariants import findings
from payments.models import Bill, Payment, PaymentKind, Refund, RefundStatus
from payments.refunds_by_hand import refund_again
from peepopay.errors import BookingNotChangeable, ValidationFailed

from .billing import ABN, SAM, bill, credit, left, paid_in_cash, pay, refund


def test_an_invoice_says_what_the_job_came_to_and_what_of_it_was_paid(job):
    invoice = bill(job, 20_000, 1_000)
    assert (invoice.label, invoice.title, invoice.total_cents) == ("INV-0001", "Tax invoice", 21_000)
    assert (invoice.gst_cents, invoice.paid_before_cents) == (1_909, 3_000)
    assert invoice.seller["abn"] == ABN
    assert standing_of(job) == Standing(21_000, 3_000, 0)
    assert left(job) == 18_000


def test_a_job_under_way_is_marked_done_by_it_and_one_ahead_is_refused(job, drain):
    bill(job, 12_000)
    job.refresh_from_db()
    assert job.status == Status.COMPLETED
    with pytest.raises(BookingNotChangeable):
        bill(make_booking(drain), 12_000)


def test_who_is_not_registered_for_gst_issues_an_invoice_without_any(job):
    Tradie.objects.update(gst_registered=False, abn="")
    invoice = bill(job, 12_000)
    assert (invoice.title, invoice.gst_cents, invoice.total_cents) == ("Invoice", 0, 12_000)


def test_a_tax_invoice_needs_an_abn(job):
    Tradie.objects.update(abn="")
    with pytest.raises(ValidationFailed, match="ABN"):
        bill(job, 12_000)


def test_one_press_is_one_invoice_and_a_second_page_is_told_that_it_stands(job):
    key = uuid4()
    assert bill(job, 12_000, key=key) == bill(job, 12_000, key=key)
    with pytest.raises(BookingNotChangeable, match="already"):
        bill(job, 12_000)
    assert Invoice.objects.count() == 1


def test_a_corrected_invoice_credits_the_one_before_it(job):
    first = bill(job, 12_000)
    second = bill(job, 10_000, instead_of=first)
    (note,) = first.credit_notes.all()
    assert (note.label, note.total_cents, second.label) == ("CN-0001", 12_000, "INV-0002")
    assert second.replaced_by_it() == note
    assert left(job) == 7_000
    with pytest.raises(BookingNotChangeable, match="meantime"):
        bill(job, 9_000, instead_of=first)


def test_credit_notes_never_take_more_than_stands_and_together_just_its_gst(job):
    invoice = bill(job, 10_001)
    key = uuid4()
    notes = [credit(invoice, 3_333, key), credit(invoice, 3_333), credit(invoice, 3_335)]
    assert credit(invoice, 3_333, key) == notes[0]
    assert sum(note.gst_cents for note in notes) == invoice.gst_cents
    with pytest.raises(ValidationFailed, match="Nothing"):
        credit(invoice, 1)


def test_numbers_have_no_gap_where_an_invoice_failed_and_each_business_has_its_own(job, drain):
    bill(job, 12_000)
    with transaction.atomic():
        bill(make_booking(drain, timezone.now() - timedelta(days=2)), 5_000)
        transaction.set_rollback(True)
    second = bill(make_booking(drain, timezone.now() - timedelta(days=3)), 5_000)
    other = make_booking(make_service(make_tradie(abn=ABN)), timezone.now() - timedelta(days=1))
    assert (second.label, bill(other, 5_000).label) == ("INV-0002", "INV-0001")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_gets_a_number_of_its_own_and_none_is_left_out(job, drain):
    jobs = [make_booking(drain, timezone.now() - timedelta(days=days)) for days in range(2, 10)]

    def issue(booking: Booking) -> int:
        try:
            return bill(booking, 5_000).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(issue, jobs)) == list(range(1, 9))


@pytest.mark.parametrize(
    "change", ["UPDATE invoicing_invoice SET gst_cents = 0", "DELETE FROM invoicing_invoice"]
)
def test_the_database_itself_refuses_to_change_what_was_issued(job, change):
    bill(job, 12_000)
    with (
        pytest.raises(DatabaseError, match="credit note"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    with pytest.raises(DatabaseError, match="credit note"), transaction.atomic():
        InvoiceLine.objects.update(description="Something else")
    Invoice.objects.update(buyer_name="(erased)")


def test_paid_in_cash_is_written_down_once_and_can_be_undone(job):
    bill(job, 12_000)
    key = uuid4()
    receipt = paid_in_cash(job, 4_000, key=key)
    assert paid_in_cash(job, 4_000, key=key) == receipt
    assert left(job) == 5_000
    (mail,) = Message.objects.filter(kind="balance_paid")
    assert mail.facts["how"] == "in cash"
    assert undo_receipt(receipt, by=SAM, now=timezone.now())
    assert not undo_receipt(receipt, by=SAM, now=timezone.now())
    mail.refresh_from_db()
    assert (left(job), mail.skipped_because) == (9_000, "It was undone.")


def test_no_more_than_is_left_is_written_down_and_nothing_of_tomorrow(job):
    with pytest.raises(BookingNotChangeable):
        paid_in_cash(job, 100)
    bill(job, 12_000)
    with pytest.raises(ValidationFailed, match=r"\$90"):
        paid_in_cash(job, 9_001)
    with pytest.raises(ValidationFailed, match="today"):
        paid_in_cash(job, 100, received_on=timezone.now().date() + timedelta(days=3))


def test_a_refund_of_invoiced_money_comes_off_the_bill_once(job):
    bill(job, 12_000)
    balance = pay(job, 9_000, PaymentKind.BALANCE)
    refund(balance, 2_000)
    (note,) = credit_refunds(job, now=timezone.now())
    assert (note.kind, note.total_cents, note.gst_cents) == (DocumentKind.CREDIT_NOTE, 2_000, 182)
    assert credit_refunds(job, now=timezone.now()) == []
    assert credit_all(now=timezone.now()) == 0
    assert left(job) == 0


@pytest.mark.parametrize("in_time", [True, False])
def test_a_refund_in_the_place_of_one_that_failed_is_credited_once(job, in_time):
    bill(job, 12_000)
    payment = pay(job, 9_000, PaymentKind.BALANCE)
    failed = refund(payment, 2_000)
    if in_time:
        assert len(credit_refunds(job, now=timezone.now())) == 1
    Refund.objects.filter(pk=failed.pk).update(status=RefundStatus.FAILED)
    Payment.objects.filter(pk=payment.pk).update(reserved_cents=0)
    failed.refresh_from_db()
    refund_again(failed, by=SAM, now=timezone.now())
    assert len(credit_refunds(job, now=timezone.now())) == (not in_time)
    assert left(job) == 0


@pytest.mark.parametrize("how", ["cancelled", "no_show"])
def test_nobody_owes_what_is_left_of_the_bill_of_a_job_that_was_not_done_after_all(job, how):
    """It had been marked done and invoiced by mistake. What was kept of the deposit stays on the bill."""
    bill(job, 12_000)
    now = timezone.now()
    assert credit_what_is_off(job, now=now) is None
    assert undo_completed(job, by=SAM, now=now)
    assert credit_what_is_off(job, now=now) is None  # it may yet be
    if how == "cancelled":
        cancel_booking(job, by=SAM, now=now)
    else:
        assert mark_no_show(job, by=SAM, now=now)
    for _ in range(2):
        credit_all(now=now)
    assert credit_all(now=now + timedelta(days=8)) == 0  # looked at no longer
    kept = 3_000 if how == "no_show" else 0
    assert standing_of(job) == Standing(kept, kept, 0)
    notes = Invoice.objects.filter(kind=DocumentKind.CREDIT_NOTE)
    assert sum(note.total_cents for note in notes) == 12_000 - kept
    assert "The job was called off" in [note.reason for note in notes]


def test_jobs_that_went_off_are_found_by_the_indexes_of_when(job):
    """Of thousands over months, each with a bill, those of a week are read."""
    bill(job, 12_000)
    fixed = ("id", "reference", "token_hash", "status", "cancelled_at", "starts_at", "ends_at", "period")
    columns = ", ".join(field.column for field in Booking._meta.concrete_fields if field.column not in fixed)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no look at each reference
        cursor.execute(
            f"""INSERT INTO bookings_booking ({", ".join(fixed)}, {columns})
            SELECT gen_random_uuid(), 'R' || n, 't' || n, 'cancelled', now() - n * interval '1 hour',
                starts_at, ends_at, period, {columns}
            FROM bookings_booking, generate_series(1, 4000) n""",  # noqa: S608
        )
        cursor.execute(
            """INSERT INTO payments_bill (booking_id, asked_cents, elsewhere_cents, asked_at)
            SELECT id, 100, 0, now() FROM bookings_booking ON CONFLICT DO NOTHING"""
        )
        cursor.execute("ANALYZE bookings_booking, payments_bill")
    plan = off_lately(timezone.now())[:200].explain()
    assert "booking_cancelled_lately" in plan
    assert "booking_no_show_lately" in plan
    assert "Seq Scan on bookings_booking" not in plan


def test_refunds_that_nobody_looked_at_are_found_by_the_index_of_when(job):
    """Of thousands over months, of what was never invoiced, those of a week are read."""
    refund(job.payments.get(), 100)
    fixed = ("id", "created_at", "stripe_id", "client_key", "instead_of_id")
    columns = ", ".join(field.column for field in Refund._meta.concrete_fields if field.column not in fixed)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO payments_refund (id, created_at, {columns})
            SELECT gen_random_uuid(), now() - n * interval '1 hour', {columns}
            FROM payments_refund, generate_series(1, 4000) n""",  # noqa: S608
        )
        cursor.execute("ANALYZE payments_refund")
    plan = refunded_lately(timezone.now())[:200].explain()
    assert "refund_by_age" in plan
    assert "Seq Scan on payments_refund" not in plan


def test_a_refund_that_no_sweep_got_to_for_a_week_is_a_finding(job):
    now = timezone.now()
    bill(job, 12_000)
    Bill.objects.update(asked_at=now - timedelta(days=9))
    late = refund(pay(job, 9_000, PaymentKind.BALANCE), 2_000)
    Refund.objects.update(created_at=now - timedelta(days=8))
    assert credit_all(now=now) == 0
    found = [line for line in findings(now=now) if line.startswith("refunds_not_credited")]
    assert found == [f"refunds_not_credited: {late.pk}"]
    assert len(credit_refunds(job, now=now)) == 1
    assert not [line for line in findings(now=now) if line.startswith("refunds_not_credited")]


def test_of_a_job_that_is_off_what_was_paid_in_cash_stands_until_it_went_back(job):
    bill(job, 12_000)
    cash = paid_in_cash(job, 9_000)
    assert undo_completed(job, by=SAM, now=timezone.now())
    cancel_booking(job, by=SAM, now=timezone.now())
    credit_all(now=timezone.now())
    assert standing_of(job) == Standing(9_000, 0, 9_000)
    undo_receipt(cash, by=SAM, now=timezone.now())
    credit_all(now=timezone.now())
    assert standing_of(job) == Standing(0, 0, 0)


def test_what_was_paid_too_much_goes_back_without_a_credit_note(job):
    bill(job, 2_500)
    refund(job.payments.get(), 500)
    assert credit_all(now=timezone.now()) == 1
    assert not Invoice.objects.filter(kind=DocumentKind.CREDIT_NOTE).exists()
    assert standing_of(job) == Standing(2_500, 2_500, 0)


def test_a_refund_that_reaches_beyond_what_was_too_much_credits_the_rest(job):
    bill(job, 2_500)
    refund(job.payments.get(), 300)
    refund(job.payments.get(), 700)
    (note,) = credit_refunds(job, now=timezone.now())
    assert note.total_cents == 500
    assert standing_of(job) == Standing(2_000, 2_000, 0)


def test_a_refund_before_any_invoice_is_none_of_its_business(job):
    refund(job.payments.get(), 1_000)
    bill(job, 12_000)
    assert credit_all(now=timezone.now()) == 0
    assert left(job) == 10_000


def test_history_says_what_was_issued_and_by_whom(job):
    credit(bill(job, 12_000), 1_000)
    said = list(BookingEvent.objects.filter(booking=job).values_list("kind", "detail"))
    assert ("invoiced", "INV-0001, $120") in said
    assert ("credited", "CN-0001, $10") in said


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE payments_bill SET asked_cents = asked_cents + 1",
        "UPDATE payments_bill SET elsewhere_cents = elsewhere_cents - 1",
        "DELETE FROM payments_bill",
    ],
)
def test_the_self_check_finds_a_bill_that_does_not_add_up(job, drain, spoil):
    invoice = bill(job, 20_000, 1_000)
    credit(invoice, 500)
    undo_receipt(paid_in_cash(job, 700), by=SAM, now=timezone.now())
    paid_in_cash(job, 2_000)
    record_deposit(
        make_booking(drain),
        1_000,
        how=How.CASH,
        received_on=timezone.now().date(),
        key=uuid4(),
        by=SAM,
        now=timezone.now(),
    )  # not invoiced yet, so there is no bill
    found = [line for line in findings(now=timezone.now()) if line.startswith("bills")]
    assert found == []
    with connection.cursor() as cursor:
        cursor.execute(spoil)
    found = [line for line in findings(now=timezone.now()) if line.startswith("bills")]
    assert found == [f"bills_not_adding_up: {job.pk}"]

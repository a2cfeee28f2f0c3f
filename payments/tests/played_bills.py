"""What the protocol machine plays of bills: the job is done and billed, billed anew, credited, paid by card or in cash,
in any order and all at once."""

from __future__ import annotations

import uuid
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings.models import Status
from invoicing.invoice_models import How
from invoicing.invoices import invoice_of, issue_credit_note, issue_invoice
from invoicing.line_items import Line
from invoicing.receipts import record_cash
from payments.paying_balances import open_balance, settle_balances
from peepopay.local_time import in_zone

from .playing import COURSES, LATEST_FIRST, SAM, Course, Play, picked

AMOUNTS = st.sampled_from([2_000, 4_000, 9_000, 9_000, 12_000])


class Bills(Play):
    @precondition(lambda self: self.bookings(Status.CONFIRMED, Status.COMPLETED))
    @rule(which=LATEST_FIRST, cents=AMOUNTS)
    def the_job_is_billed(self, which: int, cents: int) -> None:
        """Once it has begun; or billed anew."""
        booking, now = picked(self.bookings(Status.CONFIRMED, Status.COMPLETED), which), self.now
        lines, before, key = [Line("Work", Decimal(1), cents)], invoice_of(booking), uuid.uuid4()
        if self.may_be_refused(
            lambda: issue_invoice(booking, lines, key=key, by=SAM, now=now, instead_of=before)
        ):
            self.lowered |= {booking.pk} if before else set()

    @precondition(lambda self: self.bookings(Status.COMPLETED))
    @rule(which=LATEST_FIRST, cents=AMOUNTS)
    def some_of_a_bill_is_credited(self, which: int, cents: int) -> None:
        booking, now = picked(self.bookings(Status.COMPLETED), which), self.now
        invoice = invoice_of(booking)
        if invoice and self.may_be_refused(
            lambda: issue_credit_note(invoice, cents, reason="Less work", key=uuid.uuid4(), by=SAM, now=now)
        ):
            self.lowered.add(booking.pk)

    @precondition(lambda self: self.has_room() and self.bookings(Status.COMPLETED))
    @rule(which=LATEST_FIRST, cents=AMOUNTS, course=COURSES)
    def a_bill_is_paid_in_cash(self, which: int, cents: int, course: Course) -> None:
        """As far as something is left. What the card was asked for meanwhile is looked at after it."""
        booking, now = picked(self.bookings(Status.COMPLETED), which), self.now
        today, key = in_zone(now, booking.tradie.timezone).date(), uuid.uuid4()
        if self.may_be_refused(
            lambda: record_cash(booking, cents, how=How.CASH, received_on=today, key=key, by=SAM, now=now)
        ):
            self.run(lambda: settle_balances(booking, now=now), course)

    @precondition(lambda self: self.has_room() and self.bookings(Status.COMPLETED))
    @rule(which=LATEST_FIRST, course=COURSES)
    def a_customer_opens_what_is_left(self, which: int, course: Course) -> None:
        booking, now = picked(self.bookings(Status.COMPLETED), which), self.now

        def hand_out() -> None:
            payment, secret = open_balance(booking, now=now)
            self.links[payment.pk] = secret

        self.run(hand_out, course)

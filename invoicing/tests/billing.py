"""What tests of invoices have in common: who pays, asks, credits and writes down."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from bookings.actors import By
from bookings.models import Actor, Booking
from invoicing.invoice_models import How
from invoicing.invoices import issue_credit_note, issue_invoice
from invoicing.line_items import Line
from invoicing.models import Invoice, Receipt
from invoicing.receipts import record_cash
from payments.bills import standing_of
from payments.models import Payment, PaymentKind, Refund
from payments.refunds import request_refund

SAM = By(Actor.TRADIE)
ABN = "51824753556"


def pay(booking: Booking, cents: int, kind: PaymentKind = PaymentKind.DEPOSIT) -> Payment:
    return Payment.objects.create(
        booking=booking,
        kind=kind,
        status="succeeded",
        account_id="acct_demo_joe",
        intent_id=f"pi_{uuid4().hex}",
        amount_cents=cents,
        created_at=timezone.now(),
        paid_at=timezone.now(),
    )


def bill(booking: Booking, *cents: int, key: UUID | None = None, **more: Any) -> Invoice:
    lines = [Line("Labour", Decimal(1), each) for each in cents]
    return issue_invoice(booking, lines, key=key or uuid4(), by=SAM, now=timezone.now(), **more)


def credit(invoice: Invoice, cents: int, key: UUID | None = None) -> Invoice:
    return issue_credit_note(
        invoice, cents, reason="Tap was scratched", key=key or uuid4(), by=SAM, now=timezone.now()
    )


def paid_in_cash(booking: Booking, cents: int, **more: Any) -> Receipt:
    now = timezone.now()
    given = {"how": How.CASH, "received_on": now.date() - timedelta(days=1), "key": uuid4(), **more}
    return record_cash(booking, cents, by=SAM, now=now, **given)


def left(booking: Booking) -> int:
    standing = standing_of(booking)
    assert standing is not None
    return standing.left_cents


def refund(payment: Payment, cents: int) -> Refund:
    return request_refund(payment, cents, reason="By hand", now=timezone.now())

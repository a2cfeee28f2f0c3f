"""What customers are told of invoices and credit notes: the document itself, and where to pay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.bill_messages import tell_balance_paid
from bookings.message_context import context_of, story_of
from bookings.models import Booking, with_is_of_several
from bookings.telling import recipient_of
from notifications import kinds
from notifications.channels.email import Attachment
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages
from payments.bills import standing_of
from payments.paying_balances import may_pay_by_card
from peepopay.money import dollars

from .invoice_models import DocumentKind, How, Invoice, InvoicePdf, Receipt

INVOICE, CREDIT_NOTE, REMINDER = "invoice", "credit_note", "invoice_reminder"
HOW = {How.CASH: "in cash", How.TRANSFER: "by bank transfer", How.TERMINAL: "by card at the business"}


def tell_document(document: Invoice, *, now: datetime) -> None:
    """The customer, in the caller's transaction: the document by mail; an SMS with the link where there is something
    to pay. A credit note that was issued with a corrected invoice goes with that one's mail."""
    if document.kind == DocumentKind.CREDIT_NOTE:
        if not document.is_replaced():
            _queue(document, CREDIT_NOTE, (Channel.EMAIL,), now, occasion="")
    else:
        _queue(document, INVOICE, (Channel.EMAIL, Channel.SMS), now, occasion="")


def remind(document: Invoice, *, now: datetime) -> None:
    """The same once more, because the business asked for it: at most once a day."""
    _queue(document, REMINDER, (Channel.EMAIL, Channel.SMS), now, occasion=f"{now:%Y%m%d}")


def tell_received(receipt: Receipt, *, now: datetime) -> None:
    """A receipt for what came without us; it waits a little, in case that was a mistake."""
    tell_balance_paid(
        receipt.booking,
        amount_cents=receipt.amount_cents,
        now=now,
        payment_id=receipt.pk,
        how=HOW[How(receipt.how)],
    )


def _queue(
    document: Invoice, kind: str, channels: tuple[Channel, ...], now: datetime, *, occasion: str
) -> None:
    booking = document.booking
    queue_messages(
        [
            Message(
                tradie_id=document.tradie_id,
                about=document.booking_id,
                kind=kind,
                audience=Audience.CUSTOMER,
                channel=channel,
                recipient=recipient,
                dedupe_key=f"{document.pk}:{kind}:{channel}:{occasion}",
                facts={"document": str(document.pk)},
                due_at=now,
            )
            for channel in channels
            if (recipient := recipient_of(booking, Audience.CUSTOMER, channel))
        ],
        of_money=True,
    )


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the templates need, as of now. Raises NoLongerApplies."""
    document = Invoice.objects.select_related("corrects").get(pk=message.facts["document"])
    rows = with_is_of_several(Booking.objects.select_related("tradie", "calendar"))
    booking = rows.get(pk=document.booking_id)
    standing = standing_of(booking)
    left_cents = standing.left_cents if standing else 0
    asks = message.kind == REMINDER or message.channel == Channel.SMS
    if asks and not left_cents:
        raise NoLongerApplies("Nothing is left to pay.")
    if asks and document.credit_notes.exists():
        raise NoLongerApplies("It was corrected since.")
    replaced = document.replaced_by_it()
    return {
        **context_of(story_of(booking, now=now), message, with_calendar_file=False),
        "document": document,
        "title": document.title,
        "total": dollars(document.total_cents),
        "gst": dollars(document.gst_cents) if document.gst_registered else "",
        "paid_before": dollars(document.paid_before_cents) if document.paid_before_cents else "",
        "left": dollars(left_cents) if left_cents else "",
        "by_card": may_pay_by_card(booking.tradie, left_cents),
        "pay_to": document.pay_to,
        "replaces": replaced.corrects if replaced else None,
        "attachments": _attached(document, replaced) if message.channel == Channel.EMAIL else (),
    }


def _attached(*documents: Invoice | None) -> tuple[Attachment, ...]:
    made = InvoicePdf.objects.filter(invoice__in=[document for document in documents if document])
    rows = made.exclude(content=None).select_related("invoice").order_by("-invoice__kind")
    return tuple(
        Attachment(f"{row.invoice.label}.pdf", bytes(row.content), "application/pdf")
        for row in rows
        if row.content is not None
    )


for _name, _channels in (
    (INVOICE, (Channel.EMAIL, Channel.SMS)),
    (REMINDER, (Channel.EMAIL, Channel.SMS)),
    (CREDIT_NOTE, (Channel.EMAIL,)),
):
    kinds.register(_name, channels=_channels, context_for=context_for)

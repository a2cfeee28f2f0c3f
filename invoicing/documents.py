"""An invoice or a credit note as a PDF: what is printed, and where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.logos import logo_of
from payments.paying_balances import may_pay_by_card
from peepopay.local_time import in_zone
from peepopay.money import cents_as_written, dollars_and_cents
from peepopay.phone import as_written
from peepopay.templatetags.reading import plain_number

from .invoice_models import DocumentKind, Invoice, InvoiceLine

if TYPE_CHECKING:
    from .paper import Paper


def made(invoice: Invoice) -> bytes:
    """The document; its business, booking and the invoice that it corrects are loaded."""
    from .paper import Paper  # here: it is large, and few processes ever make a document

    lines = list(invoice.lines.all())
    typed = [*invoice.seller.values(), *invoice.pay_to.values(), invoice.buyer_name, invoice.buyer_address]
    typed += [invoice.booking.service_name, invoice.reason, *(line.description for line in lines)]
    title = f"{invoice.title} {invoice.label}"
    paper = Paper(title, invoice.seller["name"], invoice.issued_at, text="".join(typed))
    _head(paper, invoice)
    _parties(paper, invoice)
    _lines(paper, invoice, lines)
    _sums(paper, invoice)
    if invoice.kind == DocumentKind.INVOICE:
        _how_to_pay(paper, invoice)
    return paper.content()


def _head(paper: Paper, invoice: Invoice) -> None:
    paper.heading(invoice.seller["name"], invoice.title, logo=logo_of(invoice.tradie_id))
    issued = in_zone(invoice.issued_at, invoice.tradie.timezone)
    facts = [("Number", invoice.label), ("Date", as_date(issued))]
    if invoice.corrects:
        facts.append(("For invoice", invoice.corrects.label))
    facts.append(("Booking", invoice.booking.reference))
    paper.facts(facts)


def _parties(paper: Paper, invoice: Invoice) -> None:
    paper.side_by_side(
        ("From", seller_lines(invoice.seller)), ("To", [invoice.buyer_name, invoice.buyer_address])
    )
    job = invoice.booking
    paper.line(f"{job.service_name}, {as_date(in_zone(job.starts_at, invoice.tradie.timezone))}")
    if invoice.reason:
        paper.line(invoice.reason)


def as_date(local: datetime) -> str:
    """`3 February 2027`"""
    return f"{local:%d %B %Y}".lstrip("0")


def seller_lines(seller: dict[str, str]) -> list[str]:
    """Who they are, with what is known of them."""
    says = [seller["name"], _abn(seller["abn"]), f"Licence {seller['licence']}" if seller["licence"] else ""]
    says += [seller["suburb"], as_written(seller["phone"]), seller["email"]]
    return [line for line in says if line]


def _abn(abn: str) -> str:
    """As the tax office writes it: 51 824 753 556."""
    return f"ABN {abn[:2]} {abn[2:5]} {abn[5:8]} {abn[8:]}" if abn else ""


def _lines(paper: Paper, invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    rows = [
        (
            line.description + (" (GST-free)" if line.is_gst_free and invoice.gst_registered else ""),
            plain_number(line.quantity),
            cents_as_written(line.unit_price_cents),
            cents_as_written(line.total_cents),
        )
        for line in lines
    ]
    paper.table(("Description", "Quantity", "Each ($)", "Amount ($)"), rows)


def _sums(paper: Paper, invoice: Invoice) -> None:
    is_credit = invoice.kind == DocumentKind.CREDIT_NOTE
    if invoice.gst_registered:
        paper.sum("Total without GST", dollars_and_cents(invoice.totals.net_cents))
        paper.sum("GST", dollars_and_cents(invoice.gst_cents))
        paper.sum(
            "Credit, GST included" if is_credit else "Total, GST included", _total(invoice), strong=True
        )
    else:
        paper.sum("Credit" if is_credit else "Total", _total(invoice), strong=True)
    if is_credit:
        return
    if invoice.paid_before_cents:
        paper.sum("Paid before, thank you", dollars_and_cents(-invoice.paid_before_cents))
    left = invoice.total_cents - invoice.paid_before_cents
    if left >= 0:
        paper.sum("Left to pay", dollars_and_cents(left), strong=True)
    else:
        paper.sum("Paid too much; goes back", dollars_and_cents(-left), strong=True)


def _total(invoice: Invoice) -> str:
    return dollars_and_cents(invoice.total_cents)


def _how_to_pay(paper: Paper, invoice: Invoice) -> None:
    left = invoice.total_cents - invoice.paid_before_cents
    if left <= 0:
        return
    to, says = invoice.pay_to, []
    if may_pay_by_card(invoice.tradie, left):
        says.append("By card: press Pay behind the link in our email or text message. There is no surcharge.")
    if "payid" in to:
        says.append(f"PayID: {to['payid']}")
    if "bsb" in to:
        name = f"{to['account_name']}, " if "account_name" in to else ""
        says.append(
            f"Bank transfer: {name}BSB {to['bsb'][:3]}-{to['bsb'][3:]}, account {to['account_number']}"
        )
    if to:
        says.append(f"Please give {invoice.label} as the reference.")
    elif not says:
        says.append(f"Please ask {invoice.seller['name']} how to pay it.")
    paper.block("How to pay", says)

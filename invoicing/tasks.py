"""Doors for the workers: load, call one rule."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from payments import evidence
from payments.models import DisputeEvidence
from peepopay import outbox, sweeps

from . import (
    closed_for_good,
    closing,
    crediting,
    deposit_receipts,
    exports,
    quote_erasure,
    quote_lapses,
    sending,
)
from .evidence_paper import evidence_document
from .importing import bringing
from .models import DepositReceipt, Export, InvoicePdf

MOST_A_NIGHT = 20_000


@outbox.handles(InvoicePdf)
def make_document(document: InvoicePdf, now: datetime) -> outbox.Changes:
    """Make one document, and have it mailed."""
    return sending.make_and_send(document, now=now)


@outbox.handles(DepositReceipt)
def make_deposit_receipt(receipt: DepositReceipt, now: datetime) -> outbox.Changes:
    """Make one document."""
    deposit_receipts.make(receipt)
    return {}


@shared_task
def credit_refunds() -> int:
    """Credit notes for refunds of invoiced money that were made elsewhere."""
    return crediting.credit_all(now=timezone.now())


@shared_task
def tell_lapsed_quotes() -> int:
    """Businesses' own systems: of quotes that nobody accepted in time."""
    return quote_lapses.tell_lapsed(now=timezone.now())


@shared_task(soft_time_limit=600, time_limit=630)
def erase_quotes() -> int:
    """Once a night, after the bookings: customers' details in quotes. What is left is the next night's."""
    return quote_erasure.erase_due(now=timezone.now(), at_most=MOST_A_NIGHT)


@outbox.handles(Export)
def make_export(export: Export, now: datetime) -> outbox.Changes | None:
    """Put everything of a business into one file, as far as a task gets."""
    return exports.make(export, now=now)


@shared_task(soft_time_limit=600, time_limit=630)
def end_closed_accounts() -> int:
    """Once a night: accounts that were closed a month ago end for good, files of everything go after their week and
    those that were brought along after their day.
    Years later who the business was goes as well, and so do people who belong to none."""
    return sweeps.every(
        closing.end_closed,
        exports.forget_old,
        bringing.forget_old,
        closed_for_good.erase_closed,
        closed_for_good.erase_people,
        now=timezone.now(),
    )


@outbox.handles(DisputeEvidence)
def send_evidence(row: DisputeEvidence, now: datetime) -> None:
    """Make the document that answers a dispute, and hand it to the bank through Stripe."""
    evidence.send(row, evidence_document, now=now)

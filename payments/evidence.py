"""The answer to a dispute: asked for by an owner, sent to the bank through Stripe by a worker, once and for all.
Procedure 13 of docs/payments.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import User
from bookings.actors import By
from bookings.lifecycle import record
from bookings.models import Actor, Booking, EventKind
from peepopay import outbox
from peepopay.errors import BookingNotChangeable
from peepopay.money import dollars

from . import stripe_files
from .dispute_models import NEEDS_AN_ANSWER, Dispute
from .disputes import note_disputes
from .evidence_models import DisputeEvidence, EvidenceStatus
from .evidence_pack import Pack, pack_of
from .stripe_files import Answered
from .stripe_gateway import StripeRefused

DECIDED = "The bank takes no answer to this dispute any more."
MakeDocument = Callable[[Pack], bytes]


def may_be_answered(dispute: Dispute, now: datetime) -> bool:
    """The bank waits for it, and nobody has sent it yet."""
    in_time = dispute.evidence_due_by is None or now < dispute.evidence_due_by
    return dispute.needs_an_answer and not dispute.evidence_sent and in_time


@transaction.atomic
def ask_to_send(dispute: Dispute, *, words: str, user: User, now: datetime) -> DisputeEvidence:
    """Have it sent, with what the owner wrote; the same row however often. One that Stripe refused, or that was given
    up, begins anew. Raises BookingNotChangeable where the bank takes none any more."""
    dispute = (
        Dispute.objects.select_for_update(of=("self",)).select_related("payment__booking").get(pk=dispute.pk)
    )
    evidence = DisputeEvidence.objects.select_for_update().filter(dispute=dispute).first()
    if evidence and not may_be_tried_again(evidence):
        return evidence
    if not may_be_answered(dispute, now):
        raise BookingNotChangeable(DECIDED)
    if evidence is None:
        evidence = DisputeEvidence(dispute=dispute, created_at=now)
    evidence.status, evidence.words, evidence.asked_by = EvidenceStatus.WAITING, words, user
    evidence.due_at, evidence.done_at, evidence.dead_at, evidence.attempts = now, None, None, 0
    evidence.refused_because = evidence.last_error = ""
    evidence.file_id, evidence.uploading_since, evidence.tries = "", None, evidence.tries + 1
    evidence.save()
    booking = dispute.payment.booking
    audit.note(
        booking.tradie_id,
        Change.DISPUTE_ANSWERED,
        about=booking.reference,
        detail=dollars(dispute.amount_cents),
    )
    record(booking, EventKind.EVIDENCE_ASKED, by=By(Actor.TRADIE, user), now=now)
    outbox.announce()
    return evidence


def may_be_tried_again(evidence: DisputeEvidence) -> bool:
    """Stripe refused it, or gave no answer for so long that it was given up."""
    return evidence.status == EvidenceStatus.REFUSED or bool(evidence.dead_at and not evidence.done_at)


def send(evidence: DisputeEvidence, make_document: MakeDocument, *, now: datetime) -> None:
    """Hand the document to Stripe and the answer to the bank. What an earlier try did is looked for first, so that
    nothing is sent twice after an answer that was lost."""
    dispute = Dispute.objects.select_related("payment__booking__tradie").get(pk=evidence.dispute_id)
    account_id = dispute.payment.account_id
    try:
        found = stripe_files.retrieve_dispute(account_id, dispute.stripe_id)
        if not found.dispute.evidence_sent and found.dispute.status in NEEDS_AN_ANSWER:
            found = _submit(evidence, dispute, make_document, now)
    except StripeRefused as refusal:
        return _not_sent(evidence, refusal, now)
    _note(evidence, dispute, found, now)
    note_disputes(dispute.payment, [found.dispute], now=now)
    return None


def _submit(
    evidence: DisputeEvidence, dispute: Dispute, make_document: MakeDocument, now: datetime
) -> Answered:
    account_id, pack = (
        dispute.payment.account_id,
        pack_of(dispute, words=evidence.words, now=evidence.created_at),
    )
    file_id = evidence.file_id or _upload(evidence, account_id, lambda: make_document(pack), now)
    sent = {**pack.fields, "uncategorized_file": file_id}
    try:
        return stripe_files.submit(account_id, dispute.stripe_id, sent, evidence_id=str(evidence.pk))
    except StripeRefused as refusal:
        if refusal.retry_helps:
            raise
        # Asked once more after an answer that was lost, Stripe says no because it did it the first time.
        found = stripe_files.retrieve_dispute(account_id, dispute.stripe_id)
        if not found.dispute.evidence_sent:
            raise
        return found


def _upload(evidence: DisputeEvidence, account_id: str, make: Callable[[], bytes], now: datetime) -> str:
    """Stripe's id of the document, which it may have without our knowing."""
    name = f"evidence-{evidence.pk}-{evidence.tries}.pdf"
    rows = DisputeEvidence.objects.filter(pk=evidence.pk)
    file_id = None
    if evidence.uploading_since:
        file_id = stripe_files.find_upload(account_id, name, since=evidence.uploading_since)
    if file_id is None:
        rows.filter(uploading_since=None).update(uploading_since=now)
        key = f"pp-ev-{evidence.pk}-{evidence.tries}-{evidence.attempts}"  # an earlier one left no file
        file_id = stripe_files.upload(account_id, name, make(), key=key)
    rows.update(file_id=file_id)
    return file_id


def _not_sent(evidence: DisputeEvidence, refusal: StripeRefused, now: datetime) -> None:
    """Nobody answered, or Stripe said no, which its owner reads on the page and may try again."""
    if refusal.retry_helps:
        return outbox.retry_later(evidence, refusal.code, now=now)
    code = refusal.code[:100]
    outbox.finish(evidence, now=now, status=EvidenceStatus.REFUSED, refused_because=code)
    return None


@transaction.atomic
def _note(evidence: DisputeEvidence, dispute: Dispute, found: Answered, now: datetime) -> None:
    """What the dispute at Stripe says of it: ours is there, or somebody answered in Stripe's own dashboard, or the bank
    wants none any more."""
    booking = Booking.objects.select_for_update(no_key=True).get(pk=dispute.payment.booking_id)
    if not found.dispute.evidence_sent or found.evidence_id != str(evidence.pk):
        outbox.finish(evidence, now=now, status=EvidenceStatus.ELSEWHERE)
        return
    outbox.finish(evidence, now=now, status=EvidenceStatus.SUBMITTED, submitted_at=now)
    record(booking, EventKind.EVIDENCE_SENT, by=By(Actor.SYSTEM), now=now)

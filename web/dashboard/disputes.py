"""A dispute: what speaks for the business, shown to its owner before it goes to the bank, once and for all."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from payments.dispute_models import Dispute
from payments.evidence import ask_to_send, may_be_answered, may_be_tried_again
from payments.evidence_models import DisputeEvidence
from payments.evidence_pack import pack_of
from peepopay.errors import BookingNotChangeable
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.bookings_forms import EvidenceForm
from web.form_pages import form_page, posted


@for_members(May.DISPUTES)
@SHOW_AND_SAVE
def dispute(request: HttpRequest, member: Membership, dispute_id: UUID) -> HttpResponse:
    """GET shows what would be sent, or what became of it; POST has it sent."""
    rows = Dispute.objects.filter(payment__booking__tradie=member.tradie)
    found = get_object_or_404(rows.select_related("payment__booking__tradie"), pk=dispute_id)
    now, evidence = timezone.now(), DisputeEvidence.objects.filter(dispute=found).first()
    form = EvidenceForm(posted(request), initial={"words": evidence.words if evidence else ""})
    if request.method == "POST" and form.is_valid():
        return _send(request, member, found, form.cleaned_data["words"])
    may_send = may_be_answered(found, now) and (evidence is None or may_be_tried_again(evidence))
    context = {
        "tradie": member.tradie,
        "dispute": found,
        "booking": found.payment.booking,
        "evidence": evidence,
        "is_given_up": bool(evidence and evidence.dead_at and not evidence.done_at),
        "pack": pack_of(found, words="" if may_send else evidence.words if evidence else "", now=now),
        "form": form if may_send else None,
    }
    return form_page(request, "bookings/dispute.html", context, form)


def _send(request: HttpRequest, member: Membership, found: Dispute, words: str) -> HttpResponse:
    try:
        ask_to_send(found, words=words, user=member.user, now=timezone.now())
    except BookingNotChangeable as refusal:
        notices.warning(request, refusal.message)
    else:
        notices.success(request, "Your answer is on its way to the bank.")
    return redirect("dispute", found.pk)

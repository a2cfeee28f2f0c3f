"""The answer to a dispute: a document of what was booked, agreed, paid and told, handed to the bank once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.audit_models import AuditEntry
from accounts.models import Service, Tradie, User
from bookings.actors import By
from bookings.drawing_photos import make_ready as make_photo_ready
from bookings.lifecycle import mark_completed
from bookings.models import Actor, EventKind
from bookings.moving import move_booking
from local.testing.cast import Api, owner_of, soon
from local.testing.pictures import camera_photo
from local.testing.sent import Sent, deliver_all
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from payments import stripe_gateway
from payments.evidence import ask_to_send
from payments.evidence_models import DisputeEvidence
from payments.evidence_pack import MOVED, pack_of
from payments.models import Dispute, Payment
from payments.settlement import settle
from payments.tests.disputing import dispute_it
from payments.tests.interleaving import Conductor, Died, Fate
from peepopay.errors import BookingNotChangeable
from peepopay.given_up import revive
from web.tests.page_forms import forms_of

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Jo was there and thanked us. <b>Sincerely</b>, Sam سباكة"


@pytest.fixture
def payment(api: Api, sam: Tradie, drain: Service, stripe_app: StripeWorld) -> Payment:
    held = api.book(drain, soon(sam, days=14)).json()
    stripe_app.pay(held["payment"]["client_secret"])
    settle(Payment.objects.get(), now=timezone.now())
    return Payment.objects.select_related("booking__tradie").get()


@pytest.fixture
def dispute(payment: Payment, stripe_app: StripeWorld) -> Dispute:
    dispute_it(stripe_app, payment)
    return Dispute.objects.select_related("payment__booking__tradie").get()


def ask(dispute: Dispute, words: str = WORDS) -> DisputeEvidence:
    user = owner_of(dispute.payment.booking.tradie)
    return ask_to_send(dispute, words=words, user=user, now=timezone.now())


def at_stripe(dispute: Dispute) -> Any:
    account = {"stripe_account": dispute.payment.account_id}
    return stripe_gateway.client().v1.disputes.retrieve(dispute.stripe_id, None, account)


def posts(stripe_app: StripeWorld, path: str) -> list[Any]:
    return [one for one in stripe_app.exchanges if one["method"] == "POST" and path in one["path"]]


def go_on(evidence: DisputeEvidence) -> DisputeEvidence:
    """The next try is due."""
    DisputeEvidence.objects.filter(pk=evidence.pk).update(due_at=timezone.now())
    work_on(evidence)
    return evidence


def test_it_is_handed_to_the_bank_with_the_document(dispute: Dispute, stripe_app: StripeWorld) -> None:
    evidence = ask(dispute)
    work_on(evidence)
    assert (evidence.status, evidence.submitted_at is not None) == ("submitted", True)
    there = at_stripe(dispute)
    assert (there.status, there.evidence.uncategorized_file) == ("under_review", evidence.file_id)
    assert there.evidence.uncategorized_text == WORDS
    assert there.evidence.customer_email_address == "jo@example.com"
    assert "Free to cancel until" in there.evidence.cancellation_policy_disclosure
    file = stripe_gateway.client().v1.files.retrieve(
        evidence.file_id, None, {"stripe_account": dispute.payment.account_id}
    )
    assert (file.purpose, file.type, file.size > 1_000) == ("dispute_evidence", "pdf", True)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.evidence_sent) == ("under_review", True)
    kinds = dispute.payment.booking.events.filter(kind__startswith="evidence").values_list("kind", flat=True)
    assert list(kinds) == [EventKind.EVIDENCE_ASKED, EventKind.EVIDENCE_SENT]
    assert AuditEntry.objects.filter(kind="dispute_answered").count() == 1


def test_it_tells_what_was_booked_agreed_paid_told_and_done(dispute: Dispute, sent: Sent) -> None:
    booking = dispute.payment.booking
    deliver_all(now=timezone.now())
    mark_completed(booking, by=By(Actor.TRADIE), now=booking.starts_at + timedelta(hours=2))
    dispute.payment.booking.refresh_from_db()
    pack = pack_of(dispute, words=WORDS, now=timezone.now())
    said = {part.heading: " ".join(f"{label} {value}" for label, value in part.rows) for part in pack.parts}
    assert next(iter(said)) == "In the words of the business"
    assert "1 George Street, Newtown" in said["The booking"]
    assert "Job done" in said["The booking"]
    assert "before paying" in said["What was agreed before paying"]
    assert "Free to cancel until" in said["What was agreed before paying"]
    assert "$30 by card" in said["The payment"]
    assert "Marked done (Tradie)" in said["What happened"]
    assert "Email to jo@example.com, sent: Booked: Blocked drain" in said["Messages to the customer"]
    assert "sam@example.com" not in " ".join(said.values())


def test_of_a_booking_that_was_moved_it_does_not_claim_that_those_dates_were_shown(dispute: Dispute) -> None:
    booking = dispute.payment.booking
    move_booking(booking, booking.starts_at + timedelta(days=1), by=By(Actor.TRADIE), now=timezone.now())
    dispute.payment.booking.refresh_from_db()
    pack = pack_of(dispute, words=WORDS, now=timezone.now())
    agreed = dict(next(part for part in pack.parts if part.heading == "What was agreed before paying").rows)
    assert agreed["Cancellation"].startswith(f"{MOVED} Free to cancel until")
    assert f"{MOVED} Free to cancel until" in pack.fields["cancellation_policy_disclosure"]


def test_asked_twice_and_worked_on_twice_it_is_sent_once(dispute: Dispute, stripe_app: StripeWorld) -> None:
    first, second = ask(dispute), ask(dispute, "something else")
    assert (first.pk, second.words) == (second.pk, WORDS)
    for _ in range(2):
        work_on(first)
    assert (len(posts(stripe_app, "/v1/files")), len(posts(stripe_app, "/v1/disputes"))) == (1, 1)
    assert ask(dispute).status == "submitted"


# Where a worker stands: it has looked at the dispute, handed over the document, sent the answer.
LOOKS, UPLOADS, SUBMITS = range(3)
KILLED = [(step, fate) for step in (UPLOADS, SUBMITS) for fate in Fate] + [
    (LOOKS, Fate.DIES_BEFORE),
    (LOOKS, Fate.DIES_AFTER),
]


@pytest.mark.parametrize(("step", "fate"), KILLED)
def test_whatever_becomes_of_a_call_the_bank_gets_one_answer_with_one_document(
    step: int, fate: Fate, dispute: Dispute, conductor: Conductor
) -> None:
    evidence = ask(dispute)
    sending = conductor.start(lambda: work_on(DisputeEvidence.objects.get()))
    for _ in range(step):
        conductor.answer(sending)
    conductor.answer(sending, fate)
    if not sending.is_over:  # what fails fast is asked once more in the same try
        conductor.answer(sending, Fate.ANSWERED if fate is Fate.ON_ITS_WAY else fate)
    conductor.finish(sending)
    assert isinstance(sending.problem, Died) is not fate.lives
    for _ in range(2):
        go_on(evidence)
    assert evidence.status == "submitted"
    assert at_stripe(dispute).evidence_details.submission_count == 1
    assert [file.id for file in files_of(dispute)] == [evidence.file_id]
    assert dispute.payment.booking.events.filter(kind=EventKind.EVIDENCE_SENT).count() == 1


def files_of(dispute: Dispute) -> list[Any]:
    account: Any = {"stripe_account": dispute.payment.account_id}
    return list(stripe_gateway.client().v1.files.list({"purpose": "dispute_evidence"}, account).data)


def test_answered_in_stripe_meanwhile_ours_is_not_sent(dispute: Dispute, stripe_app: StripeWorld) -> None:
    evidence = ask(dispute)
    account: Any = {"stripe_account": dispute.payment.account_id}
    theirs: Any = {"evidence": {"uncategorized_text": "Here."}, "submit": True}
    stripe_gateway.client().v1.disputes.update(dispute.stripe_id, theirs, account)
    work_on(evidence)
    assert (evidence.status, evidence.done_at is not None, files_of(dispute)) == ("elsewhere", True, [])
    assert at_stripe(dispute).evidence.uncategorized_text == "Here."


def test_what_stripe_refuses_is_said_and_can_be_tried_again(
    dispute: Dispute, stripe_app: StripeWorld
) -> None:
    stripe_app.fault("POST /v1/files", status=400)
    evidence = ask(dispute)
    work_on(evidence)
    assert (evidence.status, evidence.refused_because != "") == ("refused", True)
    again = ask(dispute, "Shorter.")
    assert (again.pk, again.status, again.words) == (evidence.pk, "waiting", "Shorter.")
    go_on(again)
    assert again.status == "submitted"


def test_what_was_given_up_can_be_sent_by_an_operator_after_all(
    dispute: Dispute, stripe_app: StripeWorld
) -> None:
    """Stripe keeps its failure for each key that it was asked under, and answers with it for a day."""
    stripe_app.fault("POST /v1/files", status=500, times=0)
    evidence = ask(dispute)
    while not evidence.dead_at:
        go_on(evidence)
    stripe_app.clear_faults()
    assert revive(DisputeEvidence, [evidence.pk], now=timezone.now()) == 1
    work_on(evidence)
    assert (evidence.status, evidence.attempts) == ("submitted", 1)
    assert [file.id for file in files_of(dispute)] == [evidence.file_id]


@pytest.mark.parametrize("changes", [{"status": "under_review"}, {"evidence_sent": True}, {"late": True}])
def test_what_takes_no_answer_is_not_answered(changes: dict[str, Any], dispute: Dispute) -> None:
    if changes.pop("late", False):
        changes = {"evidence_due_by": timezone.now() - timedelta(minutes=1)}
    Dispute.objects.update(**changes)
    with pytest.raises(BookingNotChangeable):
        ask(Dispute.objects.get())
    assert not DisputeEvidence.objects.exists()


class TestThePage:
    @pytest.fixture
    def owner(self, client: Client, sam: Tradie) -> Client:
        client.force_login(owner_of(sam))
        return client

    def test_it_shows_what_is_sent_and_then_what_became_of_it(
        self, owner: Client, dispute: Dispute, stripe_app: StripeWorld
    ) -> None:
        booking = owner.get(f"/dashboard/bookings/{dispute.payment.booking_id}").content.decode()
        assert f"/dashboard/disputes/{dispute.pk}" in booking
        page = owner.get(f"/dashboard/disputes/{dispute.pk}")
        for said in ("The bank takes one answer", "Free to cancel until", "1 George Street", "evidence.pdf"):
            assert said in page.content.decode(), said
        (form,) = [form for form in forms_of(page) if "words" in form.fields]
        for _ in range(2):  # pressed twice
            owner.post(form.action, {"words": WORDS})
        waiting = owner.get(form.action).content.decode()
        assert "On its way to the bank" in waiting
        assert "&lt;b&gt;Sincerely&lt;/b&gt;" in waiting
        work_on(DisputeEvidence.objects.get())
        assert "Sent to the bank" in owner.get(form.action).content.decode()

    def test_owners_alone(self, client: Client, kim: User, lee: User, alex: Tradie, dispute: Dispute) -> None:
        for who, status in ((kim, 403), (lee, 403), (owner_of(alex), 404)):
            client.force_login(who)
            assert client.get(f"/dashboard/disputes/{dispute.pk}").status_code == status
            assert client.post(f"/dashboard/disputes/{dispute.pk}", {"words": ""}).status_code == status
        client.force_login(kim)
        booking = client.get(f"/dashboard/bookings/{dispute.payment.booking_id}").content.decode()
        assert "/dashboard/disputes/" not in booking
        assert not DisputeEvidence.objects.exists()


def test_a_long_story_in_many_letters_becomes_a_document(dispute: Dispute) -> None:
    from invoicing.evidence_paper import evidence_document

    words = "Ünïcode 🚿 سباكة 水 " * 200
    pack = pack_of(dispute, words=words, now=timezone.now())
    assert evidence_document(pack).startswith(b"%PDF-")


def test_photos_of_both_sides_are_in_the_document_in_order(dispute: Dispute) -> None:
    from invoicing.evidence_paper import evidence_document

    booking, now = dispute.payment.booking, timezone.now()
    sides = [("customer", "red"), ("tradie", "blue")]
    for position, (side, colour) in enumerate(sides):
        photo = booking.photos.create(
            added_by=side,
            added_at=now + timedelta(minutes=position),
            digest=colour,
            original=camera_photo(1600, 1200, colour=colour),
        )
        make_photo_ready(photo, now)
    booking.photos.create(added_by="tradie", added_at=now, digest="waits", original=camera_photo())
    pack = pack_of(dispute, words="", now=now)
    assert [photo.added_by for photo in pack.photos] == ["customer", "tradie"]
    assert [said.partition(",")[0] for _, said in pack.parts[-1].rows] == [
        "added by the customer",
        "added by the business",
    ]
    found = [
        image.image for page in PdfReader(BytesIO(evidence_document(pack))).pages for image in page.images
    ]
    assert [image.size for image in found if image] == [(675, 900), (675, 900)]
    assert [strongest(image.getpixel((9, 9))) for image in found if image] == ["red", "blue"]


def strongest(pixel: Any) -> str:
    return max(zip(pixel, ("red", "green", "blue"), strict=True))[1]

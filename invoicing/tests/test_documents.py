"""The documents, read back by another library than the one that makes them."""

from __future__ import annotations

import hashlib
import re
from importlib import import_module
from io import BytesIO
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader

from accounts.models import Tradie
from bookings.models import Booking
from bookings.tokens import token_of
from invoicing import fonts
from invoicing.crediting import credit_refunds
from invoicing.models import Invoice, InvoicePdf, PayTo
from invoicing.paper import Paper
from invoicing.sending import content_of, make_and_send
from notifications import kinds
from notifications.delivery import render
from notifications.kinds import NoLongerApplies
from notifications.models import Message
from notifications.tasks import deliver_message
from payments.models import ConnectedAccount

from .billing import bill, credit, paid_in_cash, refund

LETTERS = "Zoë Łukasz Νίκος Дмитрий Nguyễn 王小明 김민수"


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """Before any test's transaction: on a busy machine that takes longer than one may be idle."""
    import_module("invoicing.paper")


def made(invoice: Invoice) -> str:
    """Its text, made as a worker does."""
    make_and_send(InvoicePdf.objects.get(invoice=invoice), now=timezone.now())
    content = content_of(invoice)
    assert content
    reader = PdfReader(BytesIO(content))
    assert reader.metadata
    assert reader.metadata.title == f"{invoice.title} {invoice.label}"
    return "\n".join(page.extract_text() for page in reader.pages)


def squeezed(text: str) -> str:
    """Chinese and Korean letters are read back with gaps between them."""
    return "".join(text.replace("\0", "").split())


def send_all() -> list[mail.EmailMessage]:
    for message in Message.objects.filter(done_at=None, channel="email").order_by("created_at"):
        Message.objects.filter(pk=message.pk).update(
            done_at=timezone.now(), **deliver_message(message, timezone.now())
        )
    return mail.outbox


def test_a_tax_invoice_has_all_that_the_tax_office_wants(job):
    text = made(bill(job, 12_000, 2_550))
    for said in (
        "Tax invoice",
        "INV-0001",
        "ABN 51 824 753 556",
        "Sam's Plumbing",
        "Jo Citizen",
        "1 George Street",
        "Labour",
        "120.00",
        "25.50",
        "GST",
        "$13.23",
        "Total, GST included",
        "$145.50",
        "-$30.00",
        "Left to pay",
        "$115.50",
        job.reference,
        str(timezone.now().year),
    ):
        assert said in text, said


def test_without_gst_it_is_no_tax_invoice_and_says_no_word_of_gst(job):
    Tradie.objects.update(gst_registered=False)
    text = made(bill(job, 12_000))
    assert text.startswith("Invoice")
    assert "Tax" not in text
    assert "GST" not in text


def test_names_of_other_alphabets_are_printed_as_they_are(job):
    Booking.objects.update(customer_name=LETTERS)
    assert squeezed(LETTERS) in squeezed(made(bill(job, 12_000)))


def test_beside_other_alphabets_our_own_letters_keep_together(job):
    Booking.objects.update(customer_name="王小明", service_name="AVAILABLE Toilet, dr. Verytown")
    assert "AVAILABLE Toilet, dr. Verytown" in made(bill(job, 12_000))


def test_arabic_letters_are_all_there(job):
    Booking.objects.update(customer_name="محمد العربي")
    text = made(bill(job, 12_000))
    assert set("محمد") <= set(text)


def test_how_to_pay_by_bank_stands_on_it_where_the_business_says_so(job):
    first = bill(job, 12_000)
    assert "BSB" not in made(first)
    PayTo.objects.create(
        tradie=job.tradie,
        payid="sam@example.com",
        account_name="Sam",
        bsb="062000",
        account_number="12345678",
    )
    text = made(bill(job, 12_000, instead_of=first))
    for said in ("PayID: sam@example.com", "BSB 062-000", "account 12345678", "INV-0002 as the reference"):
        assert said in text


def test_many_lines_go_on_to_further_pages_and_none_is_lost(job):
    invoice = bill(job, *range(1_000, 1_040))
    text = made(invoice)
    assert all(f"{cents / 100:.2f}" in text for cents in range(1_000, 1_040))
    assert f"{invoice.title} INV-0001, page 2 of" in text


def test_a_credit_note_names_its_invoice_and_why(job):
    text = made(credit(bill(job, 12_000), 1_100))
    for said in ("Credit note", "CN-0001", "INV-0001", "Tap was scratched", "$11.00", "$1.00"):
        assert said in text


def test_it_is_made_once_and_kept_with_its_fingerprint(job):
    invoice = bill(job, 12_000)
    made(invoice)
    before = InvoicePdf.objects.get(invoice=invoice)
    Tradie.objects.update(business_name="Somebody Else")
    made(invoice)
    after = InvoicePdf.objects.get(invoice=invoice)
    assert bytes(before.content) == bytes(after.content)
    assert after.sha256 == hashlib.sha256(bytes(after.content)).hexdigest()
    assert Message.objects.filter(kind="invoice").count() == 2  # a mail and an SMS


def test_the_mail_brings_the_document_what_is_left_and_where_to_pay(job):
    made(bill(job, 12_000))
    (sent,) = send_all()
    ((name, content, kind),) = sent.attachments
    assert (name, kind, content[:5]) == ("INV-0001.pdf", "application/pdf", b"%PDF-")
    assert sent.subject == "Tax invoice INV-0001 from Sam's Plumbing: $90 to pay"
    assert "/manage/" in sent.body
    assert "$30" in sent.body


def test_a_corrected_invoice_comes_in_one_mail_with_the_credit_note(job):
    first = bill(job, 12_000)
    made(first)
    second = bill(job, 10_000, instead_of=first)
    made(first.credit_notes.get())
    made(second)
    *_, sent = send_all()
    assert [file[0] for file in sent.attachments] == ["INV-0002.pdf", "CN-0001.pdf"]
    assert len(mail.outbox) == 2
    assert "INV-0001" in sent.body


def test_a_refund_brings_its_credit_note_by_mail(job):
    bill(job, 3_000)
    refund(job.payments.get(), 1_000)
    (note,) = credit_refunds(job, now=timezone.now())
    made(note)
    (sent,) = [message for message in send_all() if "Credit note" in message.subject]
    assert sent.attachments[0][0] == "CN-0001.pdf"


def test_no_sms_asks_for_what_was_paid_meanwhile(job):
    invoice = bill(job, 12_000)
    made(invoice)
    paid_in_cash(job, 9_000, key=uuid4())
    sms = Message.objects.get(kind="invoice", channel="sms")
    with pytest.raises(NoLongerApplies, match="Nothing is left"):
        kinds.find("invoice").context_for(sms, now=timezone.now())


@pytest.mark.parametrize("pays_by_bank", [False, True])
def test_nothing_sends_a_customer_to_a_card_form_that_is_not_there(job, client, pays_by_bank):
    ConnectedAccount.objects.update(can_charge=False)
    if pays_by_bank:
        PayTo.objects.create(tradie=job.tradie, payid="sam@example.com")
    text = made(bill(job, 12_000))
    (sent,) = send_all()
    sms = Message.objects.get(kind="invoice", channel="sms")
    said = render("invoice", "sms.txt", kinds.find("invoice").context_for(sms, now=timezone.now()))
    page = client.get(f"/manage/{token_of(job)}").content.decode()
    how = "sam@example.com" if pays_by_bank else "how to pay it"
    written = (text, sent.body, sent.alternatives[0].content, page)
    assert [how in words for words in written] == [True] * 4
    assert "How to pay: http" in said
    assert [words for words in (*written, said) if re.search("by card(:|<)", words, re.IGNORECASE)] == []


@pytest.mark.parametrize(("text", "used"), [("Zoë Nguyễn", 1), (LETTERS + "محمد", 3)])
def test_of_each_font_only_the_letters_that_are_needed_are_loaded(text, used, tmp_path):
    fonts.add_fonts(FPDF(), text, tmp_path)
    parts = [part.stat().st_size for part in tmp_path.iterdir()]
    assert len(parts) == used
    assert max(parts) < 50_000


@pytest.mark.parametrize("lines", range(40, 50))
def test_what_belongs_together_comes_whole_on_the_next_sheet_where_this_one_is_full(lines):
    paper = Paper("Tax invoice", "Sam", timezone.now(), text="")
    for number in range(lines):
        paper.line(f"Line {number}")
    paper.block("How to pay", ["PayID: sam@example.com", "INV-0002 as the reference"])
    sheets = [page.extract_text() for page in PdfReader(BytesIO(paper.content())).pages]
    assert ["How to pay" in text for text in sheets] == ["as the reference" in text for text in sheets]
    assert sum("How to pay" in text for text in sheets) == 1


def test_a_picture_keeps_its_heading_where_the_sheet_is_full():
    paper, picture = Paper("Evidence", "Sam", timezone.now(), text=""), BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "JPEG")
    for number in range(35):
        paper.line(f"Line {number}")
    paper.picture("Before the job", picture.getvalue())
    sheets = PdfReader(BytesIO(paper.content())).pages
    found = [("Before the job" in page.extract_text(), len(page.images)) for page in sheets]
    assert found == [(False, 0), (True, 1)]

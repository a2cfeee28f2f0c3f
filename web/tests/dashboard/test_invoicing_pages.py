"""What the job came to, on a phone: lines, the sum, the invoice, and how it was paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit_models import AuditEntry
from accounts.models import Service, Tradie, User
from bookings.models import Booking
from bookings.tokens import token_of
from invoicing import self_checks
from invoicing.deposit_receipts import make
from invoicing.models import DepositReceipt, Invoice, InvoicePdf, PayTo, Receipt
from invoicing.sending import make_and_send
from invoicing.when_paid import prepare_receipt
from local.testing.cast import gave_password_again, make_booking, owner_of, soon
from local.testing.quoting import NO_DEPOSIT, accepted, sent_quote
from notifications.models import Message
from payments.bills import standing_of
from payments.models import Payment, Refund
from peepopay import outbox
from web.tests.page_forms import PageForm, forms_of

from .test_today_page import pay


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    Tradie.objects.filter(pk=sam.pk).update(abn="51824753556")
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def booking(drain: Service) -> Booking:
    """Yesterday's, of which Jo paid $30."""
    booking = make_booking(drain, timezone.now() - timedelta(days=1))
    pay(booking)
    return booking


def url(booking: Booking, rest: str = "") -> str:
    return f"/dashboard/bookings/{booking.pk}{rest}"


def form_of(response: Any) -> PageForm:
    (form,) = [form for form in forms_of(response) if not form.action.startswith("/accounts/")]
    return form


def text(response: Any) -> str:
    return response.content.decode()


def invoiced(client: Client, booking: Booking, **typed: str) -> Any:
    """Through both pages."""
    page = url(booking, "/invoice")
    sure = client.post(page, form_of(client.get(page)).fields | {"look": ""} | typed)
    return client.post(page, form_of(sure).fields | {"send": ""}, follow=True)


def test_the_price_that_was_booked_is_there_to_send_and_the_deposit_comes_off(dashboard, booking):
    page = dashboard.get(url(booking, "/invoice"))
    assert form_of(page).fields["line-0-unit_price_cents"] == "120"
    sure = dashboard.post(url(booking, "/invoice"), form_of(page).fields | {"look": ""})
    assert "$90 left to pay" in text(sure)
    assert "includes $10.91 GST" in text(sure)
    assert not Invoice.objects.exists()
    done = dashboard.post(url(booking, "/invoice"), form_of(sure).fields | {"send": ""}, follow=True)
    assert "INV-0001 is on its way to Jo Citizen" in text(done)
    assert standing_of(booking).left_cents == 9_000
    assert AuditEntry.objects.filter(kind="invoiced").count() == 1


def test_what_was_quoted_is_there_to_send(dashboard, drain):
    booking = accepted(sent_quote(drain, deposit=NO_DEPOSIT), soon(drain.tradie, days=3))
    before = timezone.now() - timedelta(days=1)
    Booking.objects.update(
        **booking.terms.times(before), status="completed", confirmed_at=before - timedelta(days=1)
    )
    fields = form_of(dashboard.get(url(booking, "/invoice"))).fields
    assert {
        name: value for name, value in fields.items() if name.startswith("line-") and "_FORMS" not in name
    } == {
        "line-0-description": "Hot water system",
        "line-0-quantity": "1",
        "line-0-unit_price_cents": "1500",
        "line-0-kind": "gst",
        "line-1-description": "Fitting, hours",
        "line-1-quantity": "2.5",
        "line-1-unit_price_cents": "120",
        "line-1-kind": "gst",
    }


def test_pressed_twice_it_is_one_invoice(dashboard, booking):
    page = url(booking, "/invoice")
    sure = dashboard.post(page, form_of(dashboard.get(page)).fields | {"look": ""})
    for _ in range(2):
        dashboard.post(page, form_of(sure).fields | {"send": ""})
    assert Invoice.objects.count() == 1


def test_lines_are_added_and_removed_without_losing_what_was_typed(dashboard, booking):
    page = url(booking, "/invoice")
    fields = form_of(dashboard.get(page)).fields | {"line-0-description": "Labour"}
    two = form_of(dashboard.post(page, fields | {"add_line": "1"})).fields
    assert (two["line-0-description"], two["line-1-quantity"]) == ("Labour", "1")
    one = form_of(dashboard.post(page, two | {"remove_line": "line-1"})).fields
    assert one == fields


def test_what_is_wrong_is_said_beside_it_and_half_a_page_changes_nothing(dashboard, booking):
    page = url(booking, "/invoice")
    fields = form_of(dashboard.get(page)).fields
    refused = dashboard.post(page, fields | {"look": "", "line-0-description": ""})
    assert refused.status_code == 400
    assert "Write what this is for." in text(refused)
    part = {name: value for name, value in fields.items() if name != "line-0-quantity"}
    assert dashboard.post(page, part | {"send": ""}).status_code == 400
    assert not Invoice.objects.exists()


def test_without_an_abn_it_says_where_to_put_it(dashboard, booking):
    Tradie.objects.update(abn="")
    assert "/dashboard/business" in text(dashboard.get(url(booking, "/invoice")))
    assert "needs your ABN" in text(invoiced(dashboard, booking))


def test_a_job_ahead_has_no_invoice_yet(dashboard, drain):
    ahead = make_booking(drain)
    assert "Final price" not in text(dashboard.get(url(ahead)))
    assert "An invoice comes with the job" in text(dashboard.get(url(ahead, "/invoice")))
    assert "Say first what the job came to" in text(dashboard.get(url(ahead, "/receipts/new")))


def test_paid_in_cash_is_written_down_and_undone_on_the_page(dashboard, booking):
    invoiced(dashboard, booking)
    fields = form_of(dashboard.get(url(booking, "/receipts/new"))).fields
    assert fields["amount_cents"] == "90"
    for _ in range(2):
        dashboard.post(url(booking, "/receipts/new"), fields | {"how": "cash"})
    assert Receipt.objects.count() == 1
    assert "nothing, it is paid" in text(dashboard.get(url(booking)))
    dashboard.post(url(booking, f"/receipts/{Receipt.objects.get().pk}/undo"))
    assert standing_of(booking).left_cents == 9_000


def test_what_was_paid_too_much_in_cash_is_handed_back_and_written_down(dashboard, booking):
    """The price comes down after it was paid: there is a next step, and no more of it than is over."""
    invoiced(dashboard, booking)
    paid = form_of(dashboard.get(url(booking, "/receipts/new"))).fields
    dashboard.post(url(booking, "/receipts/new"), paid | {"how": "cash"})
    assert "Nothing is to be handed back." in text(dashboard.get(url(booking, "/receipts/back")))
    off = form_of(dashboard.get(url(booking, "/credit"))).fields | {"amount_cents": "20", "reason": "Sorry"}
    dashboard.post(url(booking, "/credit"), off)
    assert "Hand back the difference" in text(dashboard.get(url(booking)))

    page = url(booking, "/receipts/back")
    fields = form_of(dashboard.get(page)).fields | {"how": "cash"}
    assert fields["amount_cents"] == "20"
    too_much = dashboard.post(page, fields | {"amount_cents": "20.01"})
    assert (too_much.status_code, "Only $20 is too much." in text(too_much)) == (400, True)
    for _ in range(2):
        dashboard.post(page, fields)
    standing = standing_of(booking)
    assert (standing.over_cents, standing.elsewhere_cents) == (0, 7_000)
    assert not self_checks.bills_not_adding_up(timezone.now())
    assert Message.objects.filter(kind="balance_paid").count() == 1
    shown = text(dashboard.get(url(booking)))
    assert "Hand back the difference" not in shown
    assert "handed back" in shown

    cash, back = Receipt.objects.order_by("is_given_back")
    refused = dashboard.post(url(booking, f"/receipts/{cash.pk}/undo"), follow=True)
    assert "Undo that first." in text(refused)
    dashboard.post(url(booking, f"/receipts/{back.pk}/undo"))
    assert standing_of(booking).over_cents == 2_000


def test_a_correction_credits_what_stood(dashboard, booking):
    invoiced(dashboard, booking)
    invoiced(dashboard, booking, **{"line-0-unit_price_cents": "100"})
    assert sorted(str(document) for document in Invoice.objects.all()) == ["CN-0001", "INV-0001", "INV-0002"]
    assert standing_of(booking).left_cents == 7_000


def test_a_credit_note_takes_something_off(dashboard, booking):
    invoiced(dashboard, booking)
    page = url(booking, "/credit")
    fields = form_of(dashboard.get(page)).fields | {"amount_cents": "20", "reason": "Scratched tap"}
    dashboard.post(page, fields)
    assert standing_of(booking).left_cents == 7_000
    assert dashboard.post(page, fields | {"amount_cents": "900", "key": str(booking.pk)}).status_code == 400


def test_a_refund_by_hand_of_invoiced_money_comes_with_its_credit_note(dashboard, booking):
    invoiced(dashboard, booking, **{"line-0-unit_price_cents": "30"})
    page = url(booking, "/refund")
    fields = form_of(dashboard.get(page)).fields | {"amount_cents": "5", "note": "Sorry"}
    dashboard.post(page, fields | {"send": ""})
    assert Refund.objects.get().amount_cents == 500
    assert Invoice.objects.get(kind="credit_note").total_cents == 500
    thread = text(dashboard.get(url(booking))).partition("What happened")[2]
    places = [thread.index(said) for said in ("deposit paid", "INV-0001", "$5 refund", "CN-0001")]
    assert places == sorted(places)


def test_the_document_is_there_once_it_is_made_for_the_business_and_its_customer_alone(
    dashboard, booking, alex
):
    invoiced(dashboard, booking)
    invoice = Invoice.objects.get()
    of_sam = url(booking, f"/documents/{invoice.pk}")
    of_jo = f"/manage/{token_of(booking)}/documents/{invoice.pk}"
    assert "is being made" in text(dashboard.get(url(booking)))
    assert dashboard.get(of_sam).status_code == 404
    make_and_send(InvoicePdf.objects.get(), now=timezone.now())
    for address in (of_sam, of_jo):
        response = dashboard.get(address)
        assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
        assert "no-" in response["Cache-Control"]
    other = make_booking(booking.service)
    assert dashboard.get(f"/manage/{token_of(other)}/documents/{invoice.pk}").status_code == 404
    dashboard.force_login(owner_of(alex))
    assert dashboard.get(of_sam).status_code == 404


def test_the_receipt_of_the_deposit_is_beside_it_for_both_sides_and_made_when_one_asks(dashboard, booking):
    of_sam, of_jo = (f"{page}/deposit-receipt" for page in (url(booking), f"/manage/{token_of(booking)}"))
    assert [dashboard.get(link).status_code for link in (of_sam, of_jo)] == [404, 404]
    prepare_receipt(booking.payments.get(), timezone.now())
    assert list(outbox.open_rows(DepositReceipt)) == []
    for link in (of_jo, of_sam):
        assert f'href="{link}"' in text(dashboard.get(link.removesuffix("/deposit-receipt")))
        answer = dashboard.get(link)
        assert (answer["Content-Type"], answer["Refresh"]) == ("text/html; charset=utf-8", "1; url=?look=2")
        assert "Your receipt is on its way" in text(answer)
    (asked,) = outbox.open_rows(DepositReceipt)
    make(asked)
    DepositReceipt.objects.update(done_at=timezone.now())
    for link in (of_sam, of_jo):
        answer = dashboard.get(link)
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert answer["Content-Disposition"].endswith(f'"Deposit receipt {booking.reference}.pdf"')
        assert "Refresh" not in answer


@pytest.mark.parametrize(
    ("look", "refresh"), [("6", "6; url=?look=7"), ("7", None), ("0", None), ("²", None), ("9" * 400, None)]
)
def test_its_page_does_not_wait_for_ever(look, refresh, dashboard, booking):
    prepare_receipt(booking.payments.get(), timezone.now())
    page = dashboard.get(f"{url(booking)}/deposit-receipt", {"look": look})
    assert page.get("Refresh") == refresh
    assert ("It takes longer than usual" in text(page)) == (refresh is None)


def test_a_receipt_that_could_not_be_made_is_tried_again_for_who_asks_again(dashboard, booking):
    prepare_receipt(booking.payments.get(), timezone.now())
    link = f"/manage/{token_of(booking)}/deposit-receipt"
    dashboard.get(link)
    DepositReceipt.objects.update(dead_at=timezone.now(), attempts=10, last_error="No room.")
    assert "Your receipt is on its way" in text(dashboard.get(link))
    (again,) = outbox.open_rows(DepositReceipt)
    assert (again.attempts, again.last_error) == (0, "")


def test_a_reminder_goes_out_once_a_day(dashboard, booking):
    invoiced(dashboard, booking)
    for _ in range(2):
        dashboard.post(url(booking, "/invoice/remind"))
    assert Message.objects.filter(kind="invoice_reminder", channel="email").count() == 1


def test_a_worker_sees_the_thread_and_bills_nothing(dashboard, booking, lee: User):
    invoiced(dashboard, booking)
    dashboard.force_login(lee)
    page = dashboard.get(url(booking))
    if page.status_code == 200:
        assert "Correct the invoice" not in text(page)
    assert dashboard.get(url(booking, "/invoice")).status_code == 403


def test_bank_details_are_for_owners_who_gave_their_password(dashboard, sam):
    assert dashboard.get("/dashboard/business/bank").status_code == 302
    gave_password_again(dashboard, owner_of(sam))
    form = form_of(dashboard.get("/dashboard/business/bank"))
    given = {"payid": "0400 111 222", "account_name": "Sam", "bsb": "062-000", "account_number": "1234 5678"}
    dashboard.post("/dashboard/business/bank", form.fields | given)
    assert PayTo.objects.get().as_told == given | {"bsb": "062000", "account_number": "12345678"}
    wrong = dashboard.post("/dashboard/business/bank", form.fields | given | {"bsb": "62"})
    assert "A BSB has 6 digits." in text(wrong)
    slip = dashboard.post("/dashboard/business/bank", form.fields | given | {"payid": "51 824 753 565"})
    assert "That is no ABN: check its 11 digits." in slip.content.decode()
    half = dashboard.post("/dashboard/business/bank", form.fields | given | {"account_number": ""})
    assert "its BSB and its number" in text(half)


def test_the_customer_reads_what_is_left_and_the_card_form_opens_at_a_press(dashboard, booking, stripe_app):
    invoiced(dashboard, booking)
    manage, pay_page = f"/manage/{token_of(booking)}", f"/pay/{token_of(booking)}"
    assert "$90 left to pay" in text(dashboard.get(manage))
    assert "Pay $90" in text(dashboard.get(pay_page))
    assert not Payment.objects.filter(kind="balance").exists()
    secret = dashboard.post(pay_page, {"card_form": "1"}).json()["client_secret"]
    (intent,) = [intent for intent in stripe_app.intents() if intent["amount"] == 9_000]
    assert intent["client_secret"] == secret
    stripe_app.pay(secret)
    dashboard.post(pay_page)
    assert "Paid, thank you" in text(dashboard.get(pay_page))
    assert "nothing, it is paid" in text(dashboard.get(manage))
    assert dashboard.post(pay_page, {"card_form": "1"}).status_code == 409


def test_when_stripe_is_away_the_customer_is_told_and_nothing_is_charged(dashboard, booking, stripe_app):
    invoiced(dashboard, booking)
    stripe_app.fault("POST /v1/payment_intents", reset=True, times=2)
    answer = dashboard.post(f"/pay/{token_of(booking)}", {"card_form": "1"})
    assert answer.status_code == 503
    assert "You haven't been charged" in answer.json()["message"]

"""Everything of a business as one file: made by a worker in pieces, fetched by its owners alone, gone after a week."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.audit import changes_of
from accounts.models import Service, Tradie, User
from accounts.roles import Role
from invoicing import export_file, exports
from invoicing.deposit_receipts import make as make_deposit_receipt
from invoicing.everything import KINDS
from invoicing.exports import ask_for_export, content_of, forget_old
from invoicing.models import Export
from invoicing.tasks import make_export
from invoicing.when_paid import prepare_receipt
from local.testing.cast import gave_password_again, make_booking, make_member, make_service, owner_of
from local.testing.sent import Sent, body, deliver_all
from peepopay import outbox
from web.tests.dashboard.test_today_page import pay
from web.tests.test_every_url import invoiced

PAGE = "/dashboard/export"
# What no file has, and why.
LEFT_OUT = {
    "accounts.User": "people",
    "accounts.Logo": "logo.jpg",
    "accounts.WidgetCount": "numbers of 90 days",
    "accounts.SignedInBrowser": "of people, as long as they are signed in",
    "availability.OutsideCalendar": "sealed; what it holds is time off",
    "bookings.CalendarFeed": "a secret's hash",
    "bookings.CopiedJob": "work of ours",
    "bookings.FormerToken": "a secret's hash",
    "bookings.Photo": "photos/",
    "bookings.Posting": "work of ours",
    "invoicing.FormerQuoteToken": "a secret's hash",
    "invoicing.InvoicePdf": "documents/",
    "invoicing.DepositReceipt": "documents/",
    "invoicing.DocumentCounter": "said by the numbers",
    "invoicing.CreditedRefund": "said by the credit notes",
    "invoicing.Export": "the file itself",
    "invoicing.ExportPart": "the file itself",
    "invoicing.BroughtFile": "of a day; what it brought is in it",
    "ledger.Folio": "work of ours",
    "ledger.Journal": "books",
    "notifications.AccountMail": "sealed; of people, not of businesses",
    "notifications.Recipient": "hashes",
    "notifications.TextSeen": "work of ours",
    "notifications.WebhookEvent": "kept for 30 days",
    "notifications.WebhookDelivery": "kept for 30 days",
    "payments.AccountOpening": "work of ours",
    "payments.CardHold": "work of ours",
    "payments.Discrepancy": "work of ours",
    "payments.StripeEvent": "work of ours",
}
OUR_APPS = {"accounts", "notifications", "availability", "bookings", "ledger", "payments", "invoicing"}


def for_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    gave_password_again(client, user)
    return client


@pytest.fixture
def dashboard(sam: Tradie) -> Client:
    return for_(owner_of(sam))


def work(export: Export) -> Export:
    """As a worker would."""
    outbox.run(Export, export.pk, lambda row: make_export(row, timezone.now()), now=timezone.now())
    export.refresh_from_db()
    return export


def made(tradie: Tradie) -> Export:
    return work(ask_for_export(tradie.memberships.all()[0], now=timezone.now()))


def fetched(client: Client, export: Export) -> zipfile.ZipFile:
    answer = client.get(f"{PAGE}/{export.pk}.zip")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert int(answer["Content-Length"]) == len(content)
    return zipfile.ZipFile(io.BytesIO(content))


def test_an_owner_asks_is_mailed_and_downloads_all_of_it(
    dashboard: Client, drain: Service, sam: Tradie, sent: Sent
) -> None:
    booking = make_booking(drain, customer_name="=Jo", notes="Ring “twice”,\nplease")
    dashboard.post(PAGE)
    assert "It is being made." in dashboard.get(PAGE).content.decode()
    export = work(Export.objects.get())
    deliver_all(now=timezone.now())
    (mail,) = sent.mails
    assert (mail["To"], mail["Subject"]) == (owner_of(sam).email, "Your file is ready to download")
    assert "https://book.example.com.au/dashboard/export" in body(mail, "plain")

    file = fetched(dashboard, export)
    assert file.testzip() is None
    (row,) = json.loads(file.read("bookings.json"))
    assert (row["reference"], row["notes"], row["price_cents"]) == (booking.reference, booking.notes, 12_000)
    assert row["starts_at"].endswith(("+10:00", "+11:00"))
    header, cells = csv.reader(io.StringIO(file.read("bookings.csv").decode("utf-8-sig")))
    told = dict(zip(header, cells, strict=True))
    assert (told["price"], told["customer_name"]) == ("120.00", "'=Jo")
    assert "hash" not in file.read("bookings.json").decode()
    assert [entry.kind for entry in changes_of(sam)][:2] == ["export_fetched", "export_asked"]


def test_nothing_of_another_business_is_in_it(
    drain: Service, sam: Tradie, alex: Tradie, dashboard: Client
) -> None:
    make_booking(make_service(alex, name="Rewiring"), customer_name="Only Alex's")
    make_booking(drain)
    file = fetched(dashboard, made(sam))
    everything = b"".join(file.read(name) for name in file.namelist()).decode()
    assert "Jo Citizen" in everything
    for word in ("Only Alex's", "Rewiring", alex.business_name, alex.email):
        assert word not in everything


def test_documents_are_in_it_as_customers_got_them(drain: Service, dashboard: Client, sam: Tradie) -> None:
    booking, now = make_booking(drain), timezone.now()
    payment = pay(booking)
    prepare_receipt(payment, now)
    make_deposit_receipt(payment.deposit_receipt)
    invoiced(booking, now)
    file = fetched(dashboard, made(sam))
    names = [name for name in file.namelist() if name.startswith("documents/")]
    assert names[0] == "documents/INV-0001.pdf"
    assert names[1].startswith("documents/deposit-")
    assert all(file.read(name).startswith(b"%PDF") for name in names)
    assert json.loads(file.read("invoices.json"))[0]["buyer_name"] == "Jo Citizen"


def test_only_owners_of_that_business_get_it_and_only_with_their_password(
    sam: Tradie, alex: Tradie, kim: User
) -> None:
    url = f"{PAGE}/{made(sam).pk}.zip"
    assert for_(owner_of(alex)).get(url).status_code == 404
    assert for_(kim).get(url).status_code == 403
    assert Client().get(url)["Location"].startswith("/accounts/login/")
    stale = Client()
    stale.force_login(owner_of(sam))
    assert stale.get(url)["Location"].startswith("/accounts/reauthenticate/")


def test_it_is_gone_after_its_week(dashboard: Client, sam: Tradie) -> None:
    export, later = made(sam), timezone.now() + exports.KEPT
    assert forget_old(now=later - timedelta(minutes=1)) == 0
    Export.objects.update(expires_at=timezone.now())
    assert dashboard.get(f"{PAGE}/{export.pk}.zip").status_code == 404
    forget_old(now=later)
    assert not Export.objects.exists()


def test_one_is_made_at_a_time_and_three_a_day(dashboard: Client, sam: Tradie) -> None:
    for _ in range(2):
        dashboard.post(PAGE)
    assert Export.objects.count() == 1
    work(Export.objects.get())
    for _ in range(2):
        made(sam)
    page = dashboard.post(PAGE, follow=True)
    assert "3 files a day are the most" in page.content.decode()
    assert Export.objects.count() == 3


def test_an_attempt_that_broke_off_leaves_nothing_behind(sam: Tradie) -> None:
    export = ask_for_export(sam.memberships.all()[0], now=timezone.now())
    export.parts.create(number=0, content=b"half of it")
    work(export)
    assert next(content_of(export)).startswith(b"PK")


def test_what_one_task_cant_finish_the_next_one_goes_on_with(
    dashboard: Client, drain: Service, sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is the same, but for its length: what is long comes in several."""
    bookings = [make_booking(drain, customer_name=f"Jo {number}") for number in range(5)]
    invoiced(bookings[0], timezone.now())
    at_once = fetched(dashboard, made(sam))
    monkeypatch.setattr(export_file, "SECONDS", 0)
    monkeypatch.setattr(export_file, "ROWS_IN_A_FILE", 2)
    export = ask_for_export(sam.memberships.all()[0], now=timezone.now())
    tasks = 0
    while work(export).done_at is None:
        export.parts.create(number=export.progress["part"], content=b"of a task that died")
        tasks += 1
    assert tasks > 30
    assert (export.attempts, export.progress) == (1, {})
    file = fetched(dashboard, export)
    assert file.testzip() is None
    assert {name for name in file.namelist() if "-" not in name} == {
        name for name in at_once.namelist() if "-" not in name
    }
    told = [json.loads(file.read(f"bookings{more}.json")) for more in ("", "-2", "-3")]
    assert [len(rows) for rows in told] == [2, 2, 1]
    assert [row for rows in told for row in rows] == json.loads(at_once.read("bookings.json"))
    assert len(list(csv.reader(io.StringIO(file.read("bookings-3.csv").decode("utf-8-sig"))))) == 2
    [document] = (name for name in file.namelist() if name.endswith(".pdf"))
    assert file.read(document) == at_once.read(document)


def test_it_never_lies_in_memory_at_once(
    drain: Service, sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_file, "PART_BYTES", 10_000)
    made(sam)  # what is loaded once is
    for _ in range(300):
        make_booking(drain, tradie_notes="Behind the house. " * 200)
    tracemalloc.start()
    try:
        export = made(sam)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(len(part) for part in content_of(export)) == export.size_bytes
    assert peak < 12_000_000
    assert export.parts.count() > 3


def test_who_closed_their_account_can_still_take_it_along(dashboard: Client, sam: Tradie) -> None:
    Tradie.objects.update(closed_at=timezone.now())
    dashboard.post(PAGE)
    assert fetched(dashboard, work(Export.objects.get())).testzip() is None


def test_every_table_is_in_it_or_said_to_be_left_out() -> None:
    tables = {model._meta.label for model in apps.get_models() if model._meta.app_label in OUR_APPS}
    told = {kind.model._meta.label for kind in KINDS}
    assert not told & set(LEFT_OUT)
    assert tables == told | set(LEFT_OUT)


def test_whoever_is_added_is_in_it(sam: Tradie, dashboard: Client) -> None:
    make_member(sam, Role.OFFICE, "Kim")
    people = json.loads(fetched(dashboard, made(sam)).read("people.json"))
    assert {(person["name"], person["role"]) for person in people} == {("", "owner"), ("Kim", "office")}

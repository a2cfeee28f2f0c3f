"""An account is closed when nothing is open any more; then no way leads in, for a month an owner can take it back, and
after that its people are out for good."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import serializers
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.api_keys import make_key, secret_of
from accounts.audit import changes_of
from accounts.audit_models import Change
from accounts.deposit_rules import DepositRule, RuleKind, as_column
from accounts.invitations import token_of
from accounts.models import Invitation, Membership, Service, Tradie, User
from accounts.roles import Role
from bookings.actors import By
from bookings.erasure import A_MONTH
from bookings.feeds import address_to_read, renew_feed
from bookings.models import Actor, Booking, Status
from bookings.whose_columns import ERASED
from invoicing.closed_for_good import KEPT, erase_closed, erase_people
from invoicing.closing import GRACE, end_closed, unsettled
from invoicing.invoice_models import Invoice, PayTo
from invoicing.invoices import issue_invoice
from invoicing.line_items import Line
from local.testing.cast import gave_password_again, make_booking, make_operator, make_user, owner_of
from local.testing.quoting import sent_quote
from local.testing.sent import Sent, body, deliver_all
from notifications.messages import invite
from notifications.webhooks.endpoints import add_endpoint, running
from payments.models import Dispute, Refund
from web.tests.dashboard.test_today_page import pay
from web.tests.test_every_url import invoiced

CLOSE, CLOSED, UNDO = "/dashboard/close", "/dashboard/closed", "/dashboard/closed/undo"


def for_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    gave_password_again(client, user)
    return client


@pytest.fixture
def dashboard(sam: Tradie) -> Client:
    return for_(owner_of(sam))


@pytest.fixture
def done(drain: Service) -> Booking:
    """A job of last week."""
    return make_booking(drain, timezone.now() - timedelta(days=7), status=Status.COMPLETED)


@pytest.fixture
def operator_of_ours(db: None) -> User:
    return make_operator()


def close(client: Client) -> Any:
    return client.post(CLOSE, {"sure": "on"})


def closed_at(tradie: Tradie) -> Any:
    return Tradie.objects.get(pk=tradie.pk).closed_at


def text_of(page: Any) -> str:
    return " ".join(unescape(page.content.decode()).split())


def test_what_is_open_has_to_end_first(dashboard: Client, drain: Service) -> None:
    booking, now = make_booking(drain), timezone.now()
    sent_quote(drain)
    payment = pay(booking)
    Refund.objects.create(payment=payment, amount_cents=1_000, status="requested", created_at=now)
    Dispute.objects.create(
        payment=payment,
        stripe_id="dp_1",
        status="under_review",
        amount_cents=3_000,
        reason="fraudulent",
        opened_at=now,
        checked_at=now,
    )
    page = dashboard.get(CLOSE)
    for said in (
        "1 booking to come",
        "1 quote that waits",
        "1 refund on its way",
        "1 dispute that isn’t decided",
    ):
        assert said in text_of(page)
    assert "Yes, close it" not in text_of(page)
    refused = close(dashboard)
    assert refused.status_code == 400
    assert "Some things have to come to an end first." in text_of(refused)
    assert closed_at(drain.tradie) is None


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (Status.PENDING, 1),
        (Status.REQUESTED, 1),
        (Status.CONFIRMED, 1),
        (Status.CANCELLED, 0),
        (Status.DECLINED, 0),
    ],
)
def test_only_jobs_that_are_still_to_come_are_in_the_way(drain: Service, status: Status, counts: int) -> None:
    make_booking(drain, status=status)
    make_booking(drain, timezone.now() - timedelta(days=3))
    assert unsettled(drain.tradie, now=timezone.now()).jobs == counts


def test_what_customers_owe_is_said(dashboard: Client, done: Booking) -> None:
    Tradie.objects.update(abn="51824753556")
    by, now = By(Actor.TRADIE), timezone.now()
    issue_invoice(done, [Line("Drain", Decimal(1), 12_000)], key=uuid.uuid4(), by=by, now=now)
    assert "$120 that you asked for is not paid yet, for 1 job." in text_of(dashboard.get(CLOSE))


def test_nobody_closes_without_saying_so_or_without_a_recent_password(sam: Tradie, dashboard: Client) -> None:
    assert "Tick this if the account is to be closed." in text_of(dashboard.post(CLOSE, {}))
    stale = Client()
    stale.force_login(owner_of(sam))
    assert close(stale)["Location"].startswith("/accounts/reauthenticate/")
    assert closed_at(sam) is None


def test_a_closed_account_lets_nobody_in_by_any_way(
    dashboard: Client, done: Booking, sam: Tradie, kim: User, sent: Sent
) -> None:
    now, owner = timezone.now(), sam.memberships.get(user=owner_of(sam))
    secret = secret_of(make_key(owner, name="Job sheets", scopes=["bookings:read"], now=now))
    feed = "/feeds/" + address_to_read(renew_feed(owner, now=now)).partition("/feeds/")[2]
    add_endpoint(sam, url="https://hooks.example.com/", event_types=["booking.moved"], now=now)
    invite(owner, email="pat@example.com", role=Role.WORKER, now=now)
    join = f"/join/{token_of(Invitation.objects.get())}"
    assert Client().get(feed).status_code == 200

    assert close(dashboard)["Location"] == CLOSED
    assert Client().get(f"/api/tradies/{sam.slug}").status_code == 404
    assert Client().get(f"/api/availability/{sam.slug}?month=2027-01").status_code == 404
    assert Client().get(feed).status_code == 404
    assert Client().get("/api/bookings", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert dashboard.get("/api/bookings").status_code == 403
    assert not running(sam.pk).exists()
    assert for_(make_user("pat@example.com")).get(join).status_code == 410
    for url in ("/dashboard/", "/dashboard/bookings", "/dashboard/business", CLOSE):
        assert dashboard.get(url)["Location"] == CLOSED
    assert "Open it again" in text_of(dashboard.get(CLOSED))
    assert "An owner could open it again" in text_of(for_(kim).get(CLOSED))
    assert for_(kim).post(UNDO).status_code == 403

    deliver_all(now=now)
    (mail,) = (mail for mail in sent.mails if "closed" in mail["Subject"])
    assert mail["To"] == owner_of(sam).email
    assert "https://book.example.com.au/dashboard/closed" in body(mail, "plain")


def test_an_owner_takes_it_back(dashboard: Client, done: Booking, sam: Tradie) -> None:
    close(dashboard)
    page = dashboard.post(UNDO, follow=True)
    assert "Online booking is still off" in text_of(page)
    assert (closed_at(sam), Tradie.objects.get().is_open) == (None, False)
    assert dashboard.get(CLOSED)["Location"] == "/dashboard/"
    assert [entry.kind for entry in changes_of(sam)][:2] == ["business_reopened", "business_closed"]


def test_who_also_works_elsewhere_goes_there(
    dashboard: Client, done: Booking, sam: Tradie, alex: Tradie
) -> None:
    Membership.objects.create(tradie=alex, user=owner_of(sam), role=Role.WORKER)
    close(dashboard)
    assert dashboard.get("/dashboard/").context["tradie"] == alex
    dashboard.post("/dashboard/you/switch", {"business": str(sam.pk)})
    assert dashboard.get("/dashboard/")["Location"] == CLOSED
    dashboard.post("/dashboard/you/switch", {"business": str(alex.pk)})
    assert dashboard.get("/dashboard/").status_code == 200


def test_after_a_month_its_people_are_out_and_the_books_stay(
    dashboard: Client, done: Booking, sam: Tradie, kim: User
) -> None:
    add_endpoint(sam, url="https://hooks.example.com/", event_types=["booking.moved"], now=timezone.now())
    close(dashboard)
    before = closed_at(sam)
    assert end_closed(now=before + GRACE - timedelta(minutes=1)) == 0
    assert end_closed(now=before + GRACE) == 1
    assert end_closed(now=before + GRACE) == 0
    assert not sam.memberships.exists()
    assert not sam.webhook_endpoints.exists()
    assert sam.bookings.get() == done
    assert dashboard.get("/dashboard/")["Location"].startswith("/accounts/login/")
    assert next(entry.kind for entry in changes_of(sam)) == "business_ended"


def test_years_later_nobody_can_tell_who_it_was_and_the_books_stay(
    dashboard: Client, done: Booking, sam: Tradie, kim: User
) -> None:
    now = timezone.now()
    Tradie.objects.filter(pk=sam.pk).update(abn="51824753556", licence_number="123456C")
    PayTo.objects.create(tradie=sam, payid="sam@example.com")
    audit.note(
        sam.pk, Change.BUSINESS_CHANGED, about="Sam Smith", detail='business name from "Sam\'s" to "Sam"'
    )
    Tradie.objects.update(deposit_rules=as_column([DepositRule(RuleKind.FAR, 40, 10, measured_from="2042")]))
    invoiced(done, now)
    Booking.objects.filter(pk=done.pk).update(status=Status.COMPLETED)
    assert close(dashboard).status_code == 302
    closed = closed_at(sam)
    end_closed(now=closed + GRACE)
    assert erase_closed(now=closed + KEPT - timedelta(minutes=1)) == 0
    assert erase_closed(now=closed + KEPT) == 1
    assert erase_closed(now=closed + KEPT) == 0
    gone = Tradie.objects.get(pk=sam.pk)
    assert (gone.business_name, gone.slug, gone.email, gone.mobile) == (ERASED, f"closed-{sam.pk}", "", "")
    invoice = done.invoices.get()
    assert (invoice.seller, invoice.pay_to, invoice.total_cents) == ({"name": ERASED}, {}, 12_000)
    rows = [gone, invoice, *gone.calendars.all(), *gone.changes.all(), *gone.messages.all()]
    assert not re.search(r"sam|51824753556|123456C|9550", serializers.serialize("json", rows).lower())
    assert gone.deposit_rules == []
    assert not PayTo.objects.exists()
    assert gone.changes.filter(kind="business_changed").exists()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        gone.changes.filter(kind="details_erased").update(detail="something else")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(seller={"name": "Somebody else"})


def test_people_of_no_business_who_stay_away_become_nobody(
    sam: Tradie, kim: User, operator_of_ours: User
) -> None:
    now = timezone.now()
    pat = make_user("pat@example.com", name="Pat", last_login=now)
    EmailAddress.objects.create(user=pat, email=pat.email, verified=True)
    later = now + settings.PERSONAL_DATA_MONTHS * A_MONTH
    assert erase_people(now=later - timedelta(minutes=1)) == 0
    assert erase_people(now=later + timedelta(minutes=1)) == 1
    assert erase_people(now=later + timedelta(minutes=1)) == 0
    pat.refresh_from_db()
    assert (pat.name, pat.is_active, pat.has_usable_password()) == ("", False, False)
    assert pat.email == f"erased-{pat.pk}@example.invalid"
    assert not EmailAddress.objects.filter(user=pat).exists()
    for somebody in (kim, operator_of_ours, owner_of(sam)):
        assert User.objects.get(pk=somebody.pk).email == somebody.email


def test_one_that_was_taken_back_does_not_end(dashboard: Client, done: Booking, sam: Tradie) -> None:
    close(dashboard)
    dashboard.post(UNDO)
    assert end_closed(now=timezone.now() + 2 * GRACE) == 0
    assert sam.memberships.count() == 1


def test_too_late_to_take_it_back(dashboard: Client, done: Booking, sam: Tradie) -> None:
    close(dashboard)
    Tradie.objects.update(closed_at=timezone.now() - GRACE)
    assert "Open it again" not in text_of(dashboard.get(CLOSED))
    dashboard.post(UNDO)
    assert closed_at(sam) is not None

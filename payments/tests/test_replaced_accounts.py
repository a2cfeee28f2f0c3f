"""An account that is gone is replaced by its owner: what was paid on it stays there, what waits moves on."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEntry, Service, Tradie
from bookings.models import Booking, Status
from local.testing.cast import Api, make_service, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import (
    connected_accounts,
    expiry,
    inbox,
    intents,
    invariants,
    matched,
    no_shows,
    onboarding,
    reconciliation,
)
from payments.checkout import resume
from payments.discrepancy_models import Discrepancy, DiscrepancyKind
from payments.models import Bill, CardConsent, ConnectedAccount, Payment, PaymentKind, Refund, StripeEvent
from payments.no_shows import outcome_of
from payments.paying_balances import open_balance
from payments.refunds_by_hand import refund_by_hand
from payments.stripe_answers import read_hint
from payments.stripe_gateway import StripeRefused
from payments.totals import totals_of

from .no_showing import SAM as BY_SAM
from .no_showing import agree, make_job, missed

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "https://peepopay.example/dashboard/card-payments"
OLD = "acct_demo_joe"
LATER = timedelta(minutes=12)  # past a hold and its grace


def lose(stripe_app: StripeWorld) -> None:
    """Sam disconnects PeepoPay in his Stripe dashboard, and we have asked."""
    stripe_app.disconnect(OLD)
    connected_accounts.refresh(ConnectedAccount.objects.get(account_id=OLD), now=timezone.now())


def replace(tradie: Tradie, stripe_app: StripeWorld) -> str:
    """-> the account that takes cards from then on."""
    lose(stripe_app)
    link = onboarding.begin(tradie, page=PAGE, now=timezone.now(), instead_of=OLD)
    requests.post(link, data={"do": "finish"}, allow_redirects=False, timeout=5)
    account = ConnectedAccount.objects.get(tradie=tradie)
    assert connected_accounts.refresh(account, now=timezone.now())
    return account.account_id


def the_booking() -> Booking:
    return Booking.objects.select_related("tradie").get()


def payments() -> list[tuple[str, str]]:
    return list(Payment.objects.order_by("created_at").values_list("account_id", "status"))


def test_new_payments_go_to_the_new_account_and_old_ones_stay(
    api: Api, sam: Tradie, drain: Service, paid: Payment, stripe_app: StripeWorld
) -> None:
    new = replace(sam, stripe_app)
    former = ConnectedAccount.objects.get(account_id=OLD)
    assert (former.tradie, former.business, former.replaced_at is not None) == (None, sam, True)
    entry = AuditEntry.objects.filter(tradie=sam, kind="stripe_opened").latest("pk")
    assert entry.detail == f"in place of {OLD}"
    held = api.book(drain, soon(sam, hour=12)).json()
    assert held["payment"]["account"] == new
    assert api.get(f"/api/tradies/{sam.slug}").json()["stripe"]["account"] == new
    stripe_app.disconnect(OLD, connected=True)  # what is to be settled there goes on to be
    refund_by_hand(paid.booking, 3_000, note="", key=uuid.uuid4(), by=BY_SAM, now=timezone.now())
    work_on(Refund.objects.get())
    assert [refund["amount"] for refund in stripe_app.refunds(OLD)] == [3_000]
    assert Refund.objects.get().status == "succeeded"
    assert invariants.findings(now=timezone.now()) == []


def test_what_may_have_been_paid_on_an_account_that_is_gone_does_not_count_as_cancelled(
    paid: Payment, stripe_app: StripeWorld
) -> None:
    lose(stripe_app)
    with pytest.raises(StripeRefused):
        intents.retrieve(paid)


def test_a_hold_for_which_no_card_can_be_saved_any_more_lapses(
    api: Api, sam: Tradie, stripe_app: StripeWorld
) -> None:
    free = {"deposit_kind": "none", "deposit_fixed_cents": 0, "no_show_card_required": True}
    agree(api, api.book(make_job(sam, **free), soon(sam)).json())
    lose(stripe_app)
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert the_booking().status == Status.EXPIRED


def test_only_an_account_that_is_gone_is_replaced(sam: Tradie, stripe_app: StripeWorld) -> None:
    now = timezone.now()
    ConnectedAccount.objects.update(card_payments="no_access", can_charge=False)  # as it was an hour ago
    for instead_of in (OLD, "acct_demo_alex", ""):
        onboarding.begin(sam, page=PAGE, now=now, instead_of=instead_of)
    account = ConnectedAccount.objects.get()
    assert (account.account_id, account.card_payments) == (OLD, "active")
    assert stripe_app.requests("POST /v2/core/accounts$") == []


def test_pressed_twice_it_is_replaced_once(sam: Tradie, stripe_app: StripeWorld) -> None:
    lose(stripe_app)
    for _ in range(2):
        onboarding.begin(sam, page=PAGE, now=timezone.now(), instead_of=OLD)
    assert (ConnectedAccount.objects.count(), ConnectedAccount.objects.filter(tradie=sam).count()) == (2, 1)


def test_of_the_former_account_nobody_is_told_and_nothing_is_asked(
    sam: Tradie, stripe_app: StripeWorld
) -> None:
    ConnectedAccount.objects.update(can_charge=True)
    lose(stripe_app)
    mail = Message.objects.get(kind="payments_stopped")
    replace(sam, stripe_app)
    work_on(mail)
    assert (mail.state, mail.skipped_because) == ("skipped", "Another account has taken its place.")
    asked = len(stripe_app.requests(f"GET /v2/core/accounts/{OLD}"))
    (event,) = [e for e in stripe_app.events() if e["type"] == "account.application.deauthorized"][-1:]
    with transaction.atomic():
        inbox.store(read_hint(event))
    work_on(StripeEvent.objects.get())
    connected_accounts.check_all(now=timezone.now() + timedelta(days=1))
    assert len(stripe_app.requests(f"GET /v2/core/accounts/{OLD}")) == asked
    assert Message.objects.filter(kind="payments_stopped").count() == 1


def test_a_difference_on_the_former_account_is_still_looked_into(
    sam: Tradie, stripe_app: StripeWorld
) -> None:
    now = timezone.now()
    new = replace(sam, stripe_app)
    ConnectedAccount.objects.filter(account_id=new).update(compared_at=now)
    seen = matched.matched(sam, now=now)
    assert seen
    assert not seen.differs
    kind = DiscrepancyKind.PAYMENT_UNKNOWN
    Discrepancy.objects.create(account_id=OLD, kind=kind, object_id="pi_1", about_at=now, found_at=now)
    seen = matched.matched(sam, now=now)
    assert seen
    assert seen.differs


def test_a_hold_that_waits_to_be_paid_can_be_on_the_new_account(
    api: Api, sam: Tradie, drain: Service, stripe_app: StripeWorld
) -> None:
    held = api.book(drain, soon(sam)).json()
    new = replace(sam, stripe_app)
    reconciliation.sync_unsettled_payments(now=timezone.now() + timedelta(minutes=3))
    assert (the_booking().status, payments()) == (Status.PENDING, [(OLD, "canceled")])
    offer = resume(the_booking(), now=timezone.now())
    assert (offer.account_id, payments()) == (new, [(OLD, "canceled"), (new, "open")])
    stripe_app.pay(offer.client_secret, account=new)
    api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    assert (the_booking().status, payments()[1]) == (Status.CONFIRMED, (new, "succeeded"))


def test_and_nobody_who_comes_at_once_waits_for_a_sweep(
    api: Api, sam: Tradie, drain: Service, stripe_app: StripeWorld
) -> None:
    api.book(drain, soon(sam))
    new = replace(sam, stripe_app)
    assert resume(the_booking(), now=timezone.now()).account_id == new
    assert payments() == [(OLD, "canceled"), (new, "open")]
    expiry.expire_holds(now=timezone.now() + LATER)  # what is open there is closed before the time is free
    assert (the_booking().status, payments()) == (Status.EXPIRED, [(OLD, "canceled"), (new, "canceled")])


def test_a_hold_on_an_account_that_is_gone_gives_its_time_back(
    api: Api, sam: Tradie, drain: Service, stripe_app: StripeWorld
) -> None:
    """Also where nobody has connected another: its customer can't pay any more."""
    api.book(drain, soon(sam))
    stripe_app.disconnect(OLD)
    assert (
        expiry.expire_holds(now=timezone.now() + LATER) == 0
    )  # it may be us: nobody has asked about the account
    connected_accounts.refresh(ConnectedAccount.objects.get(), now=timezone.now())
    assert expiry.expire_holds(now=timezone.now() + LATER) == 1
    assert (the_booking().status, payments()) == (Status.EXPIRED, [(OLD, "canceled")])


def test_what_is_left_of_a_bill_is_paid_on_the_new_account(
    sam: Tradie, paid: Payment, stripe_app: StripeWorld
) -> None:
    Booking.objects.update(status=Status.COMPLETED)
    Bill.objects.create(booking=paid.booking, asked_cents=12_000, elsewhere_cents=0, asked_at=timezone.now())
    open_balance(the_booking(), now=timezone.now())
    new = replace(sam, stripe_app)
    payment, _ = open_balance(the_booking(), now=timezone.now())
    assert (payment.account_id, payment.amount_cents) == (new, 9_000)
    balances = Payment.objects.filter(kind=PaymentKind.BALANCE).order_by("created_at")
    assert list(balances.values_list("account_id", "status")) == [(OLD, "canceled"), (new, "open")]


def test_a_card_that_was_saved_on_the_former_account_is_not_charged(
    api: Api, sam: Tradie, stripe_app: StripeWorld
) -> None:
    booking = missed(api, stripe_app, make_job(sam))
    now = timezone.now()
    assert outcome_of(booking, totals_of(booking), now=now).charge_cents == 7_000
    replace(sam, stripe_app)
    booking = the_booking()
    assert outcome_of(booking, totals_of(booking), now=now).charge_cents == 0
    assert no_shows.mark(booking, by=BY_SAM, now=now)


def test_a_consent_without_a_card_yet_is_asked_for_anew(
    api: Api, sam: Tradie, stripe_app: StripeWorld
) -> None:
    held = api.book(make_job(sam), soon(sam)).json()
    assert agree(api, held).status_code == 200
    new = replace(sam, stripe_app)
    offer = resume(the_booking(), now=timezone.now())
    assert offer.consent
    assert not offer.consent.given
    assert agree(api, held).status_code == 200
    assert CardConsent.objects.get(withdrawn_at=None).account_id == new
    stripe_app.pay(offer.client_secret, account=new)
    api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    assert CardConsent.objects.get(withdrawn_at=None).saved_at is not None


def test_and_so_is_one_where_nothing_is_paid(api: Api, sam: Tradie, stripe_app: StripeWorld) -> None:
    service = make_service(
        sam, deposit_kind="none", deposit_fixed_cents=0, no_show_fee_cents=5_000, no_show_card_required=True
    )
    held = api.book(service, soon(sam)).json()
    assert agree(api, held).status_code == 200
    new = replace(sam, stripe_app)
    offer = resume(the_booking(), now=timezone.now())
    assert (offer.account_id, offer.client_secret) == (new, "")
    answer: Any = agree(api, held)
    assert answer.json()["client_secret"]
    assert CardConsent.objects.get(withdrawn_at=None).account_id == new

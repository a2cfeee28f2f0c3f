"""An account that Stripe no longer lets take cards is noticed, by an event or without, and its business is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie
from bookings.tokens import token_of
from local.testing.cast import Api, make_tradie, owner_of, soon
from local.testing.sent import deliver
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import connected_accounts, external_refunds, inbox, invariants
from payments.models import ConnectedAccount, Payment, StripeEvent
from payments.setup_steps import open_steps
from payments.stripe_answers import read_hint

from . import refunding
from .refunding import cancelled, money, refund_in_stripe, refunds_of

pytestmark = pytest.mark.django_db(transaction=True)
SAM = "acct_demo_joe"


def acted_on(stripe_app: StripeWorld, kind: str) -> None:
    """The event of this type comes and is acted on."""
    (event,) = [e for e in stripe_app.events() if e["type"] == kind]
    with transaction.atomic():
        inbox.store(read_hint(event))
    work_on(StripeEvent.objects.get())


def told() -> list[str]:
    return list(Message.objects.filter(kind="payments_stopped").values_list("recipient", flat=True))


def account_of(tradie: Tradie) -> ConnectedAccount:
    return ConnectedAccount.objects.get(tradie=tradie)


def test_a_tradie_who_disconnects_us_can_not_be_booked_with_a_deposit(
    api: Api, sam, drain, stripe_app: StripeWorld
) -> None:
    stripe_app.disconnect(SAM)
    acted_on(stripe_app, "account.application.deauthorized")
    account = account_of(sam)
    assert (account.can_charge, account.card_payments) == (False, "no_access")
    assert account.lost_at is not None
    assert told() == [owner_of(sam).email]
    refused = api.book(drain, soon(sam))
    assert (refused.status_code, refused.json()["code"]) == (409, "TRADIE_NOT_BOOKABLE")
    assert api.get(f"/api/tradies/{sam.slug}").json()["stripe"] is None


def test_a_lost_capability_is_told_once_and_what_comes_back_works_again(
    api: Api, sam, drain, stripe_app: StripeWorld
) -> None:
    now = timezone.now()
    stripe_app.set_account(SAM, "restricted")
    for _ in range(3):
        connected_accounts.refresh(account_of(sam), now=now)
    assert (account_of(sam).card_payments, len(told())) == ("restricted", 1)
    stripe_app.set_account(SAM, "active")
    connected_accounts.refresh(account_of(sam), now=now + timedelta(hours=1))
    assert account_of(sam).lost_at is None
    assert api.book(drain, soon(sam)).status_code == 201


def test_an_account_that_was_never_ready_is_no_loss(sam, stripe_app: StripeWorld) -> None:
    ConnectedAccount.objects.update(can_charge=False)
    stripe_app.set_account(SAM, "restricted")
    connected_accounts.refresh(account_of(sam), now=timezone.now())
    assert (account_of(sam).lost_at, told()) == (None, [])


def test_while_stripe_refuses_our_key_no_account_is_lost(sam, stripe_app: StripeWorld) -> None:
    """It is our configuration, not theirs."""
    stripe_app.fault("GET /v2/core/accounts", status=401, times=0)
    assert connected_accounts.check_all(now=timezone.now()) == 0
    account = account_of(sam)
    assert (account.can_charge, account.checked_at, account.asked_at is not None) == (True, None, True)


def test_a_lost_event_is_made_up_for_within_the_day(sam, alex, stripe_app: StripeWorld) -> None:
    stripe_app.set_account(SAM, "restricted")
    now = timezone.now()
    assert connected_accounts.check_all(now=now) == 1  # Alex can
    assert [account_of(sam).can_charge, account_of(alex).can_charge] == [False, True]
    asked = len(stripe_app.requests("GET /v2/core/accounts"))
    assert connected_accounts.check_all(now=now + timedelta(minutes=10)) == 0
    assert len(stripe_app.requests("GET /v2/core/accounts")) == asked
    assert connected_accounts.check_all(now=now + timedelta(hours=12, minutes=1)) == 1


def test_those_asked_about_longest_ago_come_first(
    stripe_app: StripeWorld, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    now = timezone.now()
    tradies = [make_tradie(account_id=f"acct_none_{number}") for number in range(3)]
    for tradie, hours in zip(tradies, (20, None, 40), strict=True):
        asked_at = now - timedelta(hours=hours) if hours else None
        ConnectedAccount.objects.filter(tradie=tradie).update(asked_at=asked_at)
    monkeypatch.setattr(connected_accounts, "MOST_AT_ONCE", 1)
    order = []
    for _ in range(3):
        connected_accounts.check_all(now=now)
        order += [t for t in tradies if account_of(t).asked_at == now and t not in order]
    assert order == [tradies[1], tradies[2], tradies[0]]


def test_the_mail_and_the_dashboard_say_what_to_do(client: Client, sam, drain, stripe_app, sent) -> None:
    stripe_app.set_account(SAM, "restricted")
    connected_accounts.refresh(account_of(sam), now=timezone.now())
    work_on(Message.objects.get(kind="payments_stopped"))
    (mail,) = sent.mails
    assert mail["Subject"] == "Stripe no longer lets you take payments"
    assert "Your Stripe dashboard says what." in str(mail.get_body(("plain",)))
    (step,) = open_steps(sam)
    assert step.text.startswith("Stripe no longer lets you take payments: Stripe needs something from you.")
    client.force_login(owner_of(sam))
    assert "Stripe no longer lets you take payments" in client.get("/dashboard/").content.decode()


def test_a_mail_that_comes_too_late_is_not_sent(sam, stripe_app: StripeWorld) -> None:
    stripe_app.set_account(SAM, "restricted")
    connected_accounts.refresh(account_of(sam), now=timezone.now())
    stripe_app.set_account(SAM, "active")
    connected_accounts.refresh(account_of(sam), now=timezone.now())
    message = Message.objects.get(kind="payments_stopped")
    work_on(message)
    assert message.state == "skipped"


def test_a_refund_that_only_its_business_can_send_is_told_and_written_down_once_they_have(
    client: Client, sam: Tradie, paid: Payment, stripe_app: StripeWorld, sent
) -> None:
    """No event of the disconnection came: Stripe is asked about the account when the refund is refused."""
    refund = cancelled(paid, now=timezone.now() - timedelta(minutes=2))
    stripe_app.disconnect(SAM)
    work_on(refund)
    assert (refund.is_out_of_reach, money(paid)) == (True, (0, 3_000))
    assert account_of(sam).card_payments == "no_access"
    deliver(Message.objects.get(kind="refund_out_of_reach_tradie"), now=timezone.now())
    (mail,) = sent.mails
    assert (mail["To"], mail["Subject"]) == (
        "sam@example.com",
        "Please send $30 back to Jo Citizen yourself",
    )
    client.force_login(owner_of(sam))
    page = f"/dashboard/bookings/{paid.booking_id}"
    today = client.get("/dashboard/").content.decode()
    assert "$30 has to go back to Jo Citizen, and only you can send it" in today
    assert paid.intent_id in client.get(page).content.decode()

    customers = client.get(f"/manage/{token_of(paid.booking)}").content.decode()
    assert "has to send $30 back to your card themselves" in customers
    assert "on its way" not in customers.partition("Money")[0]

    client.post(f"{page}/refunds/{refund.pk}/again")  # tried again it is the same, and nobody is told twice
    refund.refresh_from_db()
    work_on(refund)
    for said in ("$30 went back to Jo Citizen.", "changed"):
        answer = client.post(f"{page}/refunds/{refund.pk}/sent", follow=True)
        assert said in answer.content.decode()
    assert (refunds_of(paid), money(paid)) == ([("ours", "succeeded", 3_000)], (3_000, 0))
    assert refunding.told(paid) == ["refund_out_of_reach_tradie", "refund_sent"]
    assert "only you can send it" not in client.get("/dashboard/").content.decode()
    assert invariants.findings(now=timezone.now()) == []

    stripe_app.disconnect(SAM, connected=True)
    made = refund_in_stripe(paid, 3_000)
    for _ in range(2):
        external_refunds.compare_refunds(paid, now=timezone.now())
    assert (refunds_of(paid), money(paid)) == ([("ours", "succeeded", 3_000)], (3_000, 0))
    assert paid.refunds.get().stripe_id == made.id


def test_what_stripe_has_accepted_it_sends_without_us(
    sam: Tradie, paid: Payment, stripe_app: StripeWorld
) -> None:
    stripe_app.set_balance("waits")
    refund = cancelled(paid)
    work_on(refund)
    stripe_app.disconnect(SAM)
    refund.refresh_from_db()
    work_on(refund)
    assert (refund.status, refunding.told(paid)) == ("submitted", ["balance_too_low_tradie"])


def test_what_waits_is_sent_after_all_once_its_business_lets_us_in_again(
    sam: Tradie, paid: Payment, stripe_app: StripeWorld
) -> None:
    refund = cancelled(paid)
    stripe_app.disconnect(SAM)
    work_on(refund)
    stripe_app.disconnect(SAM, connected=True)
    connected_accounts.refresh(account_of(sam), now=timezone.now())
    refund.refresh_from_db()
    work_on(refund)
    assert (refund.status, money(paid)) == ("succeeded", (3_000, 0))


def test_a_no_of_that_kind_about_an_account_that_is_there_is_for_an_operator(
    sam: Tradie, paid: Payment, stripe_app: StripeWorld
) -> None:
    refund = cancelled(paid)
    Payment.objects.filter(pk=paid.pk).update(intent_id="pi_nowhere")
    refund.refresh_from_db()
    work_on(refund)
    paid.refresh_from_db()
    assert (refund.is_out_of_reach, refund.dead_at, account_of(sam).can_charge) == (False, None, True)
    assert paid.attention == "Refund refused by Stripe: resource_missing"

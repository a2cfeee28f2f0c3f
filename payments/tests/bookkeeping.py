"""What tests of the books have in common: the workers' part, and what stands where."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from django.utils import timezone

from bookings.models import Booking, Posting
from ledger.chart import Account
from ledger.models import Entry, Journal
from ledger.posting import keep_books
from local.testing.stripe_world import StripeWorld
from payments import stripe_transactions
from payments.models import ConnectedAccount
from peepopay import outbox


def post_all() -> None:
    """Workers take every posting that waits."""
    for row in outbox.open_rows(Posting):
        keep_books(row.booking_id)
        outbox.finish(row, now=timezone.now())


def ask_for_fees() -> None:
    """The sweep over Stripe's balance, as of now, whenever it looked last."""
    for account in ConnectedAccount.objects.all():
        stripe_transactions.store_new(account, now=timezone.now())


def books(booking: Booking | None = None) -> dict[str, int]:
    """Account -> cents, of one booking or of all; debit is positive."""
    entries = Entry.objects.all() if booking is None else Entry.objects.filter(journal__booking=booking)
    found: Counter[str] = Counter()
    for account, cents in entries.values_list("account", "cents"):
        found[account] += cents
    return {account: cents for account, cents in found.items() if cents}


def history(booking: Booking) -> list[str]:
    """The kinds of its journals, in the order of time."""
    return list(Journal.objects.filter(booking=booking).order_by("at", "id").values_list("kind", flat=True))


def agree_with_stripe(stripe_app: StripeWorld) -> None:
    """Every journal sums to zero, and the books have in each account at Stripe just what Stripe says is in it."""
    post_all()
    ask_for_fees()
    assert sum(books().values()) == 0
    for account in ConnectedAccount.objects.all():
        entries = Entry.objects.filter(journal__tradie=account.tradie_id, account=Account.STRIPE)
        assert sum(entries.values_list("cents", flat=True)) == stripe_app.balance_cents(account.account_id)


def fees_are_in_proportion(stripe_app: StripeWorld) -> None:
    """By Stripe's own figures: of each charge PeepoPay took its 2.5 %, and keeps of it the share of what the business
    keeps, to the cent; Stripe rounds each part. What a business sends back in Stripe's dashboard and what a bank takes
    leave the fee as it is."""
    charges = {
        intent["latest_charge"]: intent for intent in stripe_app.intents() if intent["status"] == "succeeded"
    }
    fees = stripe_app.fees()
    assert sorted(fee["charge"] for fee in fees) == sorted(charges), (
        "a charge without its fee, or the other way round"
    )
    for fee in fees:
        charge = charges[fee["charge"]]
        charged = charge["amount_received"]
        assert fee["amount"] == charged * 25 // 1_000
        sent = [
            refund["amount"]
            for refund in stripe_app.refunds()
            if refund["payment_intent"] == charge["id"] and refund["metadata"]
        ]
        due, rounded = Fraction(fee["amount"] * sum(sent), charged), Fraction(len(sent), 2)
        if sum(sent) == charged:
            rounded = Fraction(0)
        assert abs(fee["amount_refunded"] - due) <= rounded, f"{fee['amount_refunded']} of the fee for {sent}"
    moved = [
        entry["amount"] for entry in stripe_app.transactions() if entry["type"].startswith("application_fee")
    ]
    assert sum(moved) == sum(fee["amount"] - fee["amount_refunded"] for fee in fees)

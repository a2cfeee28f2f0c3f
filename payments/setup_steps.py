"""What a tradie still has to do before customers can book."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Tradie
from accounts.service_rules import DepositKind
from availability.models import WorkingHours
from peepopay.lookups import only

from .models import ConnectedAccount


@dataclass(frozen=True)
class Step:
    """`url_name`: the page where it is done; `url`: a page elsewhere; neither where the tradie can't do it alone."""

    text: str
    url_name: str = ""
    url: str = ""


NO_SERVICE = Step("Add the first service customers can book.", "services")
NO_HOURS = Step("Set the hours you work.", "hours")
NO_CARDS = Step(
    "Card payments aren't connected yet, so services with a deposit can't be booked. "
    "We'll be in touch to set this up with you."
)
STRIPE_DASHBOARD = "https://dashboard.stripe.com"
# By Stripe's word for the capability: what the tradie can do about it.
STOPPED_BECAUSE = {
    "no_access": "PeepoPay was disconnected from your Stripe account. We'll be in touch to connect it again.",
    "closed": "your Stripe account was closed. Get in touch with us to connect another one.",
    "pending": "Stripe is checking your details. Look in your Stripe dashboard whether it needs something from you.",
}
STRIPE_WANTS_SOMETHING = "Stripe needs something from you. Your Stripe dashboard says what."


def why_payments_stopped(account: ConnectedAccount) -> str:
    """A sentence for its business, of an account that could take cards once."""
    because = STOPPED_BECAUSE.get(account.card_payments, STRIPE_WANTS_SOMETHING)
    return f"Stripe no longer lets you take payments: {because}"


def _no_cards(account: ConnectedAccount | None) -> Step:
    if account is None or account.lost_at is None:
        return NO_CARDS
    text = f"{why_payments_stopped(account)} Until then, services with a deposit can't be booked online."
    return Step(text, url="" if account.card_payments == "no_access" else STRIPE_DASHBOARD)


def open_steps(tradie: Tradie) -> list[Step]:
    """In the order in which to do them; empty when everything is ready. Three queries."""
    deposits = list(tradie.services.filter(is_active=True).values_list("deposit_kind", flat=True).distinct())
    account = only(ConnectedAccount.objects.filter(tradie=tradie))
    takes_cards = account is not None and account.can_charge
    missing = {
        NO_SERVICE: not deposits,
        NO_HOURS: not WorkingHours.objects.filter(calendar__tradie=tradie, calendar__is_active=True).exists(),
        _no_cards(account): any(kind != DepositKind.NONE for kind in deposits) and not takes_cards,
    }
    return [step for step, is_missing in missing.items() if is_missing]

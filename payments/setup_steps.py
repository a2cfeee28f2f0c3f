"""What a tradie still has to do before customers can book."""

from __future__ import annotations

from dataclasses import dataclass, replace

from accounts.models import Tradie
from accounts.roles import May
from accounts.service_rules import DepositKind
from availability.models import WorkingHours
from peepopay.lookups import only

from .models import ConnectedAccount


@dataclass(frozen=True)
class Step:
    """`text`: what to do, or once it `is_done`, what it is called; `url_name`: the page where, by whom who `may`."""

    text: str
    url_name: str
    may: May = May.SERVICES
    is_done: bool = False


BUSINESS = Step("Your business", "business", May.BUSINESS, is_done=True)
NO_SERVICE = Step("Add the first service customers can book.", "starter_services")
NO_HOURS = Step("Set the hours you work.", "hours")
NO_CARDS = Step(
    "Connect Stripe: until then, services with a deposit can't be booked.", "card_payments", May.BUSINESS
)
STRIPE_DASHBOARD = "https://dashboard.stripe.com"
# By Stripe's word for the capability: what the tradie can do about it.
STOPPED_BECAUSE = {
    "no_access": "PeepoPay was disconnected from your Stripe account. Connect a new one under Card payments.",
    "closed": "your Stripe account was closed. Connect a new one under Card payments.",
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
    return Step(text, "card_payments", May.BUSINESS)


def open_steps(tradie: Tradie) -> list[Step]:
    """Empty when everything is ready. Three queries."""
    return [step for step in steps_of(tradie) if not step.is_done]


def steps_of(tradie: Tradie) -> list[Step]:
    """All, in the order in which to do them. Three queries."""
    deposits = list(tradie.services.filter(is_active=True).values_list("deposit_kind", flat=True).distinct())
    account = only(ConnectedAccount.objects.filter(tradie=tradie))
    takes_cards = account is not None and account.can_charge
    has_hours = WorkingHours.objects.filter(calendar__tradie=tradie, calendar__is_active=True).exists()
    needs_no_cards = bool(deposits) and all(kind == DepositKind.NONE for kind in deposits)
    steps = (
        (NO_HOURS, "Your working hours", has_hours),
        (NO_SERVICE, "Your services", bool(deposits)),
        (_no_cards(account), "Card payments", takes_cards or needs_no_cards),
    )
    return [
        BUSINESS,
        *(replace(step, text=name, is_done=True) if done else step for step, name, done in steps),
    ]

"""What a tradie still has to do before customers can book."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Tradie
from accounts.service_rules import DepositKind
from availability.models import WorkingHours

from .models import ConnectedAccount


@dataclass(frozen=True)
class Step:
    """`url_name`: the page where it is done; empty where the tradie can't do it alone."""

    text: str
    url_name: str = ""


NO_SERVICE = Step("Add the first service customers can book.", "services")
NO_HOURS = Step("Set the hours you work.", "hours")
NO_CARDS = Step(
    "Card payments aren't connected yet, so services with a deposit can't be booked. "
    "We'll be in touch to set this up with you."
)


def open_steps(tradie: Tradie) -> list[Step]:
    """In the order in which to do them; empty when everything is ready. Three queries."""
    deposits = list(tradie.services.filter(is_active=True).values_list("deposit_kind", flat=True).distinct())
    takes_cards = ConnectedAccount.objects.filter(tradie=tradie, can_charge=True).exists()
    missing = {
        NO_SERVICE: not deposits,
        NO_HOURS: not WorkingHours.objects.filter(calendar__tradie=tradie, calendar__is_active=True).exists(),
        NO_CARDS: any(kind != DepositKind.NONE for kind in deposits) and not takes_cards,
    }
    return [step for step, is_missing in missing.items() if is_missing]

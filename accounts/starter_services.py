"""Services to start from, by trade: what its customers book most, at prices to be changed. Nothing follows them
afterwards."""

from __future__ import annotations

from typing import NamedTuple

from .models import Service, Tradie
from .policy_templates import Trade
from .service_rules import DepositKind


class Starter(NamedTuple):
    """`price_cents`: with GST; `deposit_percent`: 0 is no deposit."""

    name: str
    minutes: int
    price_cents: int
    price_from: bool = True
    deposit_percent: int = 25


QUOTE = Starter("Quote on site", 45, 0, price_from=False, deposit_percent=0)
STARTERS: dict[str, tuple[Starter, ...]] = {
    Trade.PLUMBER: (
        Starter("Blocked drain", 90, 22_000),
        Starter("Leaking tap or toilet", 60, 14_900),
        Starter("Hot water service", 90, 19_900),
        QUOTE,
    ),
    Trade.ELECTRICIAN: (
        Starter("Power point or light installed", 60, 16_500),
        Starter("Safety switch check", 45, 13_000, price_from=False),
        Starter("Ceiling fan installed", 90, 22_000),
        QUOTE,
    ),
    Trade.CLEANER: (
        Starter("House clean", 180, 18_000),
        Starter("End of lease clean", 360, 42_000),
        Starter("Oven clean", 120, 13_000, price_from=False),
        QUOTE,
    ),
    Trade.HANDYMAN: (
        Starter("Small jobs, two hours", 120, 18_000, price_from=False),
        Starter("Flat-pack assembly", 90, 14_000),
        Starter("TV or shelves mounted", 90, 15_000),
        QUOTE,
    ),
    Trade.GARDENER: (
        Starter("Lawn mowed and edged", 60, 8_000),
        Starter("Hedges trimmed", 120, 16_000),
        Starter("Garden clean-up", 240, 36_000),
        QUOTE,
    ),
    Trade.PAINTER: (
        Starter("Colour and price visit", 45, 0, price_from=False, deposit_percent=0),
        Starter("One room, walls and ceiling", 480, 75_000),
        Starter("Touch-ups, half a day", 240, 38_000, price_from=False),
    ),
    Trade.CARPENTER: (
        Starter("Door hung or repaired", 120, 22_000),
        Starter("Repairs, half a day", 240, 40_000, price_from=False),
        QUOTE,
    ),
    Trade.REMOVALIST: (
        Starter("Two movers and a truck, three hours", 180, 54_000),
        Starter("Single item moved", 60, 16_000),
        QUOTE,
    ),
    Trade.LOCKSMITH: (
        Starter("Locked out", 45, 18_000),
        Starter("Lock replaced or rekeyed", 60, 16_500),
        Starter("Security check", 60, 12_000, price_from=False),
        QUOTE,
    ),
    Trade.HVAC: (
        Starter("Split system serviced", 60, 18_000, price_from=False),
        Starter("Air conditioner not cooling", 90, 19_900),
        Starter("Ducted heating serviced", 90, 24_000),
        QUOTE,
    ),
}
FOR_ANY_TRADE = (Starter("Call-out, one hour", 60, 14_900), Starter("Half a day", 240, 40_000), QUOTE)


def starters_of(trade: str) -> tuple[Starter, ...]:
    return STARTERS.get(trade, FOR_ANY_TRADE)


def made_of(starter: Starter, tradie: Tradie, *, price_cents: int) -> Service:
    """Not saved yet; with the business's usual terms."""
    has_deposit = bool(starter.deposit_percent and price_cents)
    return Service(
        tradie=tradie,
        name=starter.name,
        duration_minutes=starter.minutes,
        price_cents=price_cents,
        price_from=starter.price_from,
        deposit_kind=DepositKind.PERCENT if has_deposit else DepositKind.NONE,
        deposit_percent=starter.deposit_percent if has_deposit else 0,
        follows_business_policy=True,
    )

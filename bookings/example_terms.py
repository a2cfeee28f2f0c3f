"""What a customer would read about cancelling who booked a service now: for the pages on which that is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from accounts.models import Service, Tradie
from accounts.service_rules import DepositKind
from peepopay.local_time import in_zone, moment, zone
from peepopay.money import dollars

from .terms import terms_of

A_WEEK, A_DAY = timedelta(days=7), timedelta(days=1)
NINE = time(9)


@dataclass(frozen=True)
class Example:
    """`about`: the booking that the sentences are about."""

    about: str
    sentences: list[str]


def example_of(service: Service, now: datetime) -> Example:
    """A job in a week, or later where cancelling is free for longer, as everybody can read of it. `service` need not be
    saved; its business's terms are read off `service.tradie`."""
    terms, zone_name = terms_of(service), service.tradie.timezone
    ahead = max(A_WEEK, timedelta(hours=terms.policy.free_cancellation_hours) + A_DAY)
    day = in_zone(now + ahead, zone_name).date()
    starts_at = datetime.combine(day, NINE, zone(zone_name)).astimezone(UTC)
    deposit = f"with {dollars(terms.deposit_cents)} paid" if terms.deposit_cents else "without a deposit"
    return Example(
        f"Booked today for {moment(starts_at, zone_name)}, {deposit}:",
        terms.policy_statement(starts_at, zone_name, now=now, is_asked=terms.requires_approval),
    )


def example_of_business(tradie: Tradie, now: datetime) -> Example:
    """Of its usual terms: of the first service with a deposit that follows them, or one with $50. One query."""
    following = tradie.services.filter(is_active=True, follows_business_policy=True)
    service = following.exclude(deposit_kind=DepositKind.NONE).first()
    service = service or Service(
        follows_business_policy=True,
        price_cents=10_000,
        deposit_kind=DepositKind.FIXED,
        deposit_fixed_cents=5_000,
    )
    service.tradie = tradie
    return example_of(service, now)

"""What a service can't be beside its business, which no constraint of one table can say: a policy without any time in
which cancelling is free, a late fee above the deposit, a deposit above what the law allows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from peepopay.errors import ValidationFailed
from peepopay.money import dollars

from .law import cap_in
from .models import Service, Tradie
from .policy_columns import LONGEST_WITHOUT_REFUND_HOURS, LateFeeKind, PolicyColumns


def require_sound_service(tradie: Tradie, service: Service, on: date) -> None:
    """Raises ValidationFailed, with the field to change. A service that takes no deposit keeps nothing."""
    fields = _policy_problems(tradie, service) if not service.follows_business_policy else {}
    if service.follows_business_policy and (problem := _late_fee_problem(tradie, service)):
        fields["follows_business_policy"] = (
            f"{problem} Give this service terms of its own, or raise the deposit."
        )
    if is_over_cap(tradie, service, on) and not service.cap_override_reason.strip():
        cap = cap_in(tradie.state, on)
        assert cap
        most = dollars(cap.most_cents(service.price_cents))
        fields["cap_override_reason"] = (
            f"{cap.rule} Here that is {most}. Ask for less, or write down why more is allowed: it is kept on record"
            " with your name."
        )
    if fields:
        raise ValidationFailed(fields={name: [said] for name, said in fields.items()})


def require_sound_business(tradie: Tradie, services: Iterable[Service], on: date) -> None:
    """The business's own terms and state, and what they mean for its services. Raises ValidationFailed."""
    fields = _policy_problems(tradie, tradie)
    for service in services:
        if service.follows_business_policy and (problem := _late_fee_problem(tradie, service)):
            fields.setdefault(
                "late_fee_cents", f"{service.name}: {problem} Choose less, or a part of the deposit."
            )
        if is_over_cap(tradie, service, on) and not service.cap_override_reason.strip():
            fields.setdefault(
                "state", f"{service.name}: its deposit is above what is allowed there. Change it first."
            )
    if fields:
        raise ValidationFailed(fields={name: [said] for name, said in fields.items()})


def is_over_cap(tradie: Tradie, service: Service, on: date, *, or_warned: bool = False) -> bool:
    """Whether its deposit is above a cap that is enforced; `or_warned`: or about which we only warn."""
    cap = cap_in(tradie.state, on) if service.is_residential_building else None
    if cap is None or not (cap.refuses or or_warned):
        return False
    return service.deposit_cents > cap.most_cents(service.price_cents)


def _policy_problems(tradie: Tradie, policy: PolicyColumns) -> dict[str, str]:
    """Somebody who books as far ahead as they can must be able to cancel for free for some time."""
    furthest_hours = tradie.horizon_days * 24
    if policy.free_cancellation_hours < furthest_hours:
        return {}
    return {
        "free_cancellation_hours": f"Customers book up to {tradie.horizon_days} days ahead, so cancelling would never"
        f" be free. Choose less than {furthest_hours} hours, or let them book further ahead."
    }


def _late_fee_problem(tradie: Tradie, service: Service) -> str:
    if tradie.late_fee_kind != LateFeeKind.FIXED or not service.deposit_cents:
        return ""
    fee, deposit = dollars(tradie.late_fee_cents), dollars(service.deposit_cents)
    if tradie.late_fee_cents > service.deposit_cents:
        return f"The late fee of {fee} in your usual terms is more than the deposit of {deposit}."
    if (
        tradie.late_fee_cents == service.deposit_cents
        and tradie.free_cancellation_hours > LONGEST_WITHOUT_REFUND_HOURS
    ):
        return f"Your usual terms keep all of the deposit of {deposit} for more than 7 days."
    return ""

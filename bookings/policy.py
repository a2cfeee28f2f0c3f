"""The cancellation policy: arithmetic on what was frozen into the booking. No clock, no database.

Until `free_cancellation_hours` before the start everything comes back; from then on `late_fee_cents` is kept; from
`no_refund_hours` before the start nothing comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from peepopay.local_time import clock, in_zone, moment
from peepopay.money import dollars


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Hours before the start; fees in cents."""

    free_cancellation_hours: int
    late_fee_cents: int
    no_refund_hours: int
    no_show_fee_cents: int


def free_until(policy: CancellationPolicy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=policy.free_cancellation_hours)


def some_back_until(policy: CancellationPolicy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=policy.no_refund_hours)


def refund_if_cancelled(
    policy: CancellationPolicy, paid_cents: int, starts_at: datetime, now: datetime
) -> int:
    """What the customer gets back, in cents, when they cancel at `now`."""
    if now < free_until(policy, starts_at):
        return paid_cents
    if now < some_back_until(policy, starts_at):
        return max(paid_cents - policy.late_fee_cents, 0)
    return 0


def changeable_until(policy: CancellationPolicy, starts_at: datetime) -> datetime:
    """Until when the customer may move the booking: as long as cancelling is free."""
    return free_until(policy, starts_at)


def statement(
    policy: CancellationPolicy, deposit_cents: int, starts_at: datetime, zone_name: str, *, now: datetime
) -> list[str]:
    """What cancelling costs from now on, with its dates and dollars, a sentence each, in the tradie's zone."""
    free = free_until(policy, starts_at)
    if not deposit_cents:
        please = f"cancel before {moment(free, zone_name)}" if now < free else "call"
        return [f"No deposit. Please {please} if plans change."]
    ahead = [stage for stage in _stages(policy, deposit_cents, starts_at) if stage.until > now]
    if not ahead:
        return ["Nothing comes back if you cancel now."]
    first, *later = ahead
    sentences = [_first_sentence(first, deposit_cents, zone_name)]
    sentences += [f"After that {_kept(stage, deposit_cents)}." for stage in later]
    return [*sentences, _last_sentence(ahead, zone_name)]


class _Stage(NamedTuple):
    """Cancelling before `until` costs `kept_cents`."""

    until: datetime
    kept_cents: int


def _stages(policy: CancellationPolicy, deposit_cents: int, starts_at: datetime) -> list[_Stage]:
    """The stages in which something comes back; after the last one nothing does."""
    free, last = free_until(policy, starts_at), some_back_until(policy, starts_at)
    kept_cents = min(policy.late_fee_cents, deposit_cents)
    if not kept_cents:
        return [_Stage(last, 0)]
    return [
        _Stage(free, 0),
        *([_Stage(last, kept_cents)] if free < last and kept_cents < deposit_cents else []),
    ]


def _kept(stage: _Stage, deposit_cents: int) -> str:
    return f"{dollars(stage.kept_cents)} is kept and {dollars(deposit_cents - stage.kept_cents)} comes back"


def _first_sentence(stage: _Stage, deposit_cents: int, zone_name: str) -> str:
    until = moment(stage.until, zone_name)
    if stage.kept_cents:
        return f"If you cancel before {until}, {_kept(stage, deposit_cents)}."
    return f"Free to cancel until {until}: all of {dollars(deposit_cents)} comes back."


def _last_sentence(stages: list[_Stage], zone_name: str) -> str:
    if len(stages) == 1:
        return "After that nothing comes back."
    before, last = (in_zone(stage.until, zone_name).date() for stage in stages[-2:])
    until = stages[-1].until
    return (
        f"Nothing comes back after {clock(until, zone_name) if before == last else moment(until, zone_name)}."
    )

"""The cancellation policy: arithmetic on what was frozen into the booking. No clock, no database.

Until `free_cancellation_hours` before the start everything comes back; from then on `late_fee_cents` is kept; from
`no_refund_hours` before the start nothing comes back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peepopay.local_time import clock, in_zone, moment
from peepopay.money import dollars

Policy = dict[str, Any]


def free_until(policy: Policy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=policy["free_cancellation_hours"])


def some_back_until(policy: Policy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=policy["no_refund_hours"])


def refund_if_cancelled(policy: Policy, paid_cents: int, starts_at: datetime, now: datetime) -> int:
    """What the customer gets back, in cents, when they cancel at `now`."""
    if now < free_until(policy, starts_at):
        return paid_cents
    if now < some_back_until(policy, starts_at):
        return max(paid_cents - policy["late_fee_cents"], 0)
    return 0


def changeable_until(policy: Policy, starts_at: datetime) -> datetime:
    """Until when the customer may move the booking: as long as cancelling is free."""
    return free_until(policy, starts_at)


def statement(policy: Policy, deposit_cents: int, starts_at: datetime, zone_name: str) -> list[str]:
    """The policy with its dates and dollars, a sentence each, in the tradie's zone."""
    if not deposit_cents:
        return [
            f"No deposit. Please cancel before {moment(free_until(policy, starts_at), zone_name)} if plans change."
        ]
    free, last = free_until(policy, starts_at), some_back_until(policy, starts_at)
    kept = min(policy["late_fee_cents"], deposit_cents)
    sentences = [
        f"Free to cancel until {moment(free, zone_name)}: all of {dollars(deposit_cents)} comes back."
    ]
    if free < last and kept:
        rest = deposit_cents - kept
        back = f"{dollars(rest)} comes back" if rest else "nothing comes back"
        sentences.append(f"After that {dollars(kept)} is kept and {back}.")
    if not (free < last and kept == deposit_cents):
        same_day = in_zone(free, zone_name).date() == in_zone(last, zone_name).date()
        when = clock(last, zone_name) if same_day and free != last else moment(last, zone_name)
        sentences.append(
            f"Nothing comes back after {when}." if free != last else "After that nothing comes back."
        )
    return sentences

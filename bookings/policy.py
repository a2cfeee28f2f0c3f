"""The cancellation policy: arithmetic on what was frozen into the booking. No clock, no database.

Until `free_cancellation_hours` before the start everything comes back; from then on the late fee is kept; from
`no_refund_hours` before the start nothing comes back. Hours are hours that pass, whatever the clocks on the wall do
meanwhile. A business that cancels keeps nothing.

`if_cancelled` answers what happens to the money. Whatever shows or moves money on cancelling asks it; `statement` puts
the same stages into words before anybody cancels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from peepopay.local_time import clock, in_zone, moment, spoken_hours, when
from peepopay.money import dollars, share_kept


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Hours before the start; fees in cents. With `late_fee_percent` the late fee is that part of what was paid,
    without it `late_fee_cents`. `no_show_card_required`: who doesn't let their card be charged for a no-show can't
    book. `fee_basis_points` is PeepoPay's own fee, which the tradie bears; None in bookings of
    a time when it was not frozen."""

    free_cancellation_hours: int
    late_fee_cents: int
    no_refund_hours: int
    no_show_fee_cents: int
    late_fee_percent: int | None = None
    fee_basis_points: int | None = None
    no_show_card_required: bool = False

    def late_fee_of(self, paid_cents: int) -> int:
        """What is kept of this amount once cancelling is not free any more: never more than all of it."""
        if self.late_fee_percent is not None:
            return min(share_kept(paid_cents, self.late_fee_percent), paid_cents)
        return min(self.late_fee_cents, paid_cents)


def read_policy(row: Mapping[str, Any]) -> CancellationPolicy:
    """From the JSON in a booking: also one that is older or newer than this code."""
    known = {field.name for field in fields(CancellationPolicy)}
    return CancellationPolicy(**{name: value for name, value in row.items() if name in known})


CANT_COME = "cant_come"  # who cancels in place of a business that can't make the time


class Reason(StrEnum):
    """Why the money goes where it goes."""

    NOTHING_PAID = "nothing_paid"
    BY_THE_TRADIE = "by_the_tradie"
    FREE = "free"
    LATE_FEE = "late_fee"
    NO_REFUND = "no_refund"
    DISPUTED = "disputed"  # the customer's bank has the money, or some of it, and decides
    OVER = "over"  # it can't be cancelled any more


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the money: cents that go back now and cents that the tradie keeps, why, and a sentence that
    either side can read."""

    refund_cents: int
    kept_cents: int
    reason: Reason
    sentence: str


def if_cancelled(
    policy: CancellationPolicy,
    *,
    deposit_cents: int,
    besides_cents: int = 0,
    returned_cents: int = 0,
    starts_at: datetime,
    at: datetime,
    by: str,
    zone_name: str,
) -> Outcome:
    """What happens to the money if the booking is cancelled at `at` by the "customer", or by anybody else.

    `deposit_cents`: what was paid of the deposit. `besides_cents`: what was paid for the job itself, of which nothing
    is kept. `returned_cents`: what of both went back before, or is on its way. That counts towards what comes back, so
    that in the end just what the policy says is kept, or less.
    """
    if not deposit_cents + besides_cents:
        return Outcome(
            0, 0, Reason.NOTHING_PAID, "Nothing was paid by card, so there is nothing to send back."
        )
    reason, fee_cents = Reason.BY_THE_TRADIE, 0
    told = "as the business can't come" if by == CANT_COME else "by the business"
    if by == "customer":
        reason, fee_cents, told = _by_the_customer(policy, deposit_cents, starts_at, at, zone_name)
    left_cents = deposit_cents + besides_cents - returned_cents
    kept_cents = min(fee_cents, left_cents)
    before = f" {dollars(returned_cents)} went back before." if returned_cents else ""
    sentence = f"Cancelled {told}: {_split(kept_cents, left_cents - kept_cents)}.{before}"
    return Outcome(left_cents - kept_cents, kept_cents, reason, sentence)


def _by_the_customer(
    policy: CancellationPolicy, deposit_cents: int, starts_at: datetime, at: datetime, zone_name: str
) -> tuple[Reason, int, str]:
    """Why, how many cents of the deposit are kept, and before or after which moment it is."""
    stages = _stages(policy, deposit_cents, starts_at)
    stage = next((stage for stage in stages if at < stage.until), None)
    if stage is None:
        return Reason.NO_REFUND, deposit_cents, f"after {when(stages[-1].until, zone_name)}"
    if stage.kept_cents:
        return Reason.LATE_FEE, stage.kept_cents, f"after {when(stages[0].until, zone_name)}"
    return Reason.FREE, 0, f"before {when(stage.until, zone_name)}"


def if_disputed(left: Outcome, taken_cents: int) -> Outcome:
    """Of a booking of which the customer's bank has `taken_cents`; `left`: what becomes of the rest."""
    rest = (
        f"{dollars(left.refund_cents)} of the rest comes back"
        if left.refund_cents
        else "nothing comes back from here"
    )
    said = f"{dollars(taken_cents)} was disputed with the bank, which decides about it: {rest}."
    return Outcome(left.refund_cents, left.kept_cents, Reason.DISPUTED, said)


def it_is_over(paid_cents: int, returned_cents: int) -> Outcome:
    """Of a booking that can't be cancelled."""
    kept = paid_cents - returned_cents
    return Outcome(0, kept, Reason.OVER, "This booking can't be cancelled any more.")


def _split(kept_cents: int, back_cents: int) -> str:
    if not kept_cents:
        return f"all of {dollars(back_cents)} comes back" if back_cents else "nothing more comes back"
    back = f"{dollars(back_cents)} comes back" if back_cents else "nothing comes back"
    return f"{dollars(kept_cents)} is kept and {back}"


def free_until(policy: CancellationPolicy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=policy.free_cancellation_hours)


def some_back_until(policy: CancellationPolicy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(hours=policy.no_refund_hours)


def changeable_until(policy: CancellationPolicy, starts_at: datetime) -> datetime:
    """Until when the customer may move the booking: as long as cancelling is free."""
    return free_until(policy, starts_at)


def statement(
    policy: CancellationPolicy,
    deposit_cents: int,
    starts_at: datetime,
    zone_name: str,
    *,
    now: datetime,
    left_cents: int | None = None,
) -> list[str]:
    """What cancelling costs from now on, with its dates and dollars, a sentence each, in the tradie's zone.

    `left_cents`: what has not gone back before, nor is with the customer's bank; None as long as nothing is paid.
    """
    free = free_until(policy, starts_at)
    fee = policy.no_show_fee_cents
    no_show = [f"If nobody is there, you may be asked for {dollars(fee)}."] if fee else []
    if not deposit_cents:
        please = f"cancel before {when(free, zone_name)}" if now < free else "call"
        return [f"No deposit. Please {please} if plans change.", *no_show]
    left = deposit_cents if left_cents is None else min(left_cents, deposit_cents)
    stages = _stages(policy, deposit_cents, starts_at)
    ahead = [stage for stage in stages if stage.until > now and stage.kept_cents < left]
    if not ahead:
        return ["Nothing comes back if you cancel now.", *no_show]
    first, *later = ahead
    sentences = [_first_sentence(first, left, zone_name)]
    sentences += [f"After that {_split(stage.kept_cents, left - stage.kept_cents)}." for stage in later]
    return [*sentences, _last_sentence(ahead, zone_name), *no_show]


def in_short(policy: CancellationPolicy, deposit_cents: int | None = None) -> str:
    """Without a booking: `Free until 24 hours before the start; then 50% of the deposit is kept; from 2 hours before
    it on all of it.` `deposit_cents`: where it is known."""
    percent, cents = policy.late_fee_percent, policy.late_fee_cents
    fee = f"{percent}% of the deposit" if percent else dollars(cents) if cents and percent is None else ""
    free, last = policy.free_cancellation_hours, policy.no_refund_hours
    is_all = percent == 100 if deposit_cents is None else policy.late_fee_of(deposit_cents) == deposit_cents
    if fee and not is_all and last < free:
        then = _before(last, "before it") if last else "the start"
        return f"Free until {_before(free)}; then {fee} is kept; from {then} on all of it."
    return f"Free until {_before(free if fee else last)}; after that all of the deposit is kept."


def _before(hours: int, what: str = "before the start") -> str:
    """`2 hours before the start`, `the start`."""
    return f"{spoken_hours(hours)} {what}" if hours else "the start"


class _Stage(NamedTuple):
    """Cancelling before `until` costs `kept_cents`."""

    until: datetime
    kept_cents: int


def _stages(policy: CancellationPolicy, paid_cents: int, starts_at: datetime) -> list[_Stage]:
    """The stages in which something comes back, one or two; after the last one nothing does."""
    free, last = free_until(policy, starts_at), some_back_until(policy, starts_at)
    kept_cents = policy.late_fee_of(paid_cents)
    if not kept_cents:
        return [_Stage(last, 0)]
    return [
        _Stage(free, 0),
        *([_Stage(last, kept_cents)] if free < last and kept_cents < paid_cents else []),
    ]


def _first_sentence(stage: _Stage, left_cents: int, zone_name: str) -> str:
    until = when(stage.until, zone_name)
    if stage.kept_cents:
        split = _split(stage.kept_cents, left_cents - stage.kept_cents)
        return f"If you cancel before {until}, {split}."
    return f"Free to cancel until {until}: all of {dollars(left_cents)} comes back."


def _last_sentence(stages: list[_Stage], zone_name: str) -> str:
    if len(stages) == 1:
        return "After that nothing comes back."
    until = stages[-1].until
    before, last = (in_zone(stage.until, zone_name).date() for stage in stages[-2:])
    short = before == last and when(until, zone_name) == moment(until, zone_name)
    return f"Nothing comes back after {clock(until, zone_name) if short else when(until, zone_name)}."

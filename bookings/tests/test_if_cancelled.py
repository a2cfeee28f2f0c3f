"""What happens to the money when a booking is cancelled: to the cent, at every moment, in every zone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.policy import CancellationPolicy, Outcome, Reason, if_cancelled, read_policy, statement
from local.testing.cast import at

START = at("2027-01-15 08:00 +11:00")
USUAL = CancellationPolicy(
    free_cancellation_hours=24, late_fee_cents=3_000, no_refund_hours=2, no_show_fee_cents=0
)
# The hours around each change of the clocks, where there is one: back in April, ahead in October 2027.
ZONES = ("Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide", "Australia/Perth")
CHANGES = (at("2027-04-03 16:00 +00:00"), at("2027-10-02 16:00 +00:00"))

hours = st.integers(0, 168)
cents = st.integers(0, 1_000_000)
zones = st.sampled_from(ZONES)
starts = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-72 * 60, 300 * 60),
)
before = st.builds(lambda minutes: timedelta(minutes=minutes), st.integers(-60, 400 * 60))


@st.composite
def policies(draw: Any) -> CancellationPolicy:
    none, free = sorted((draw(hours), draw(hours)))
    percent = draw(st.none() | st.integers(0, 100))
    fee = 0 if percent is not None else draw(cents)
    return CancellationPolicy(free, fee, none, 0, late_fee_percent=percent)


def outcome(policy: CancellationPolicy, at: datetime, paid: int = 10_000, **more: Any) -> Outcome:
    asked = {"by": "customer", "starts_at": START, "zone_name": "Australia/Sydney", **more}
    return if_cancelled(policy, deposit_cents=paid, at=at, **asked)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (
            "2027-01-14 07:59 +11:00",
            (10_000, 0, "free", "Cancelled before Thu 14 Jan, 8:00 am: all of $100 comes back."),
        ),
        (
            "2027-01-14 08:00 +11:00",
            (
                7_000,
                3_000,
                "late_fee",
                "Cancelled after Thu 14 Jan, 8:00 am: $30 is kept and $70 comes back.",
            ),
        ),
        (
            "2027-01-15 05:59 +11:00",
            (
                7_000,
                3_000,
                "late_fee",
                "Cancelled after Thu 14 Jan, 8:00 am: $30 is kept and $70 comes back.",
            ),
        ),
        (
            "2027-01-15 06:00 +11:00",
            (
                0,
                10_000,
                "no_refund",
                "Cancelled after Fri 15 Jan, 6:00 am: $100 is kept and nothing comes back.",
            ),
        ),
    ],
)
def test_it_says_how_much_why_and_after_when(when: str, expected: tuple[int, int, str, str]) -> None:
    assert outcome(USUAL, at(when)) == Outcome(*expected[:2], Reason(expected[2]), expected[3])


@pytest.mark.parametrize("by", ["tradie", "system"])
def test_whoever_else_cancels_keeps_nothing(by: str) -> None:
    assert outcome(USUAL, START, by=by) == Outcome(
        10_000, 0, Reason.BY_THE_TRADIE, "Cancelled by the business: all of $100 comes back."
    )


def test_of_nothing_nothing_comes_back() -> None:
    nothing = Outcome(
        0, 0, Reason.NOTHING_PAID, "Nothing was paid by card, so there is nothing to send back."
    )
    assert outcome(USUAL, START, paid=0) == outcome(USUAL, START, paid=0, by="tradie") == nothing


def test_what_went_back_before_counts() -> None:
    late = START - timedelta(hours=5)
    assert outcome(USUAL, late, returned_cents=2_000) == Outcome(
        5_000,
        3_000,
        Reason.LATE_FEE,
        "Cancelled after Thu 14 Jan, 8:00 am: $30 is kept and $50 comes back. $20 went back before.",
    )
    more_than_due = outcome(USUAL, late, returned_cents=8_000)
    assert (more_than_due.refund_cents, more_than_due.kept_cents) == (0, 2_000)
    assert outcome(USUAL, START, returned_cents=10_000).sentence == (
        "Cancelled after Fri 15 Jan, 6:00 am: nothing more comes back. $100 went back before."
    )


def test_of_what_was_paid_for_the_job_itself_nothing_is_kept() -> None:
    assert outcome(USUAL, START, besides_cents=25_000).refund_cents == 25_000


def test_part_of_a_cent_is_the_customers() -> None:
    third = CancellationPolicy(24, 0, 2, 0, late_fee_percent=33)
    late = outcome(third, START - timedelta(hours=5), paid=4_999)
    assert (late.kept_cents, late.refund_cents) == (1_649, 3_350)  # 33 % are 1649.67


def test_instants_are_compared_not_wall_clocks() -> None:
    assert outcome(USUAL, datetime(2027, 1, 13, 21, 0, tzinfo=UTC)).refund_cents == 7_000
    assert outcome(USUAL, datetime(2027, 1, 13, 20, 59, tzinfo=UTC)).refund_cents == 10_000


@given(policies(), cents, cents, st.integers(0, 100), starts, before, before, zones)
def test_never_below_nothing_never_more_than_paid_and_never_more_for_waiting(
    policy: CancellationPolicy,
    deposit: int,
    besides: int,
    returned_percent: int,
    start: datetime,
    one: timedelta,
    other: timedelta,
    zone_name: str,
) -> None:
    left = (deposit + besides) - (deposit + besides) * returned_percent // 100
    paid = {"besides_cents": besides, "returned_cents": deposit + besides - left}
    earlier, later = (
        outcome(policy, start - ahead, deposit, starts_at=start, zone_name=zone_name, **paid)
        for ahead in sorted((one, other), reverse=True)
    )
    for each in (earlier, later):
        assert 0 <= each.refund_cents <= left
        assert each.refund_cents + each.kept_cents == left  # to the cent
        assert each.kept_cents <= deposit
    assert later.refund_cents <= earlier.refund_cents
    by_the_tradie = outcome(policy, start - one, deposit, starts_at=start, by="tradie", **paid)
    assert by_the_tradie.refund_cents == left


@given(policies(), st.integers(1, 1_000_000), starts, before, zones)
def test_it_does_what_was_said_before(
    policy: CancellationPolicy, paid: int, start: datetime, ahead: timedelta, zone_name: str
) -> None:
    """The first sentence of the statement is about now: it names the very deadline and cents."""
    now = start - ahead
    said = statement(policy, paid, start, zone_name, now=now)[0]
    done = outcome(policy, now, paid, starts_at=start, zone_name=zone_name)
    split = done.sentence.partition(": ")[2]
    match done.reason:
        case Reason.FREE:
            until = done.sentence.removeprefix("Cancelled before ")
            assert said == f"Free to cancel until {until}"
        case Reason.LATE_FEE:
            assert said.endswith(f", {split}")
        case _:
            assert (said, done.refund_cents) == ("Nothing comes back if you cancel now.", 0)


@given(policies(), st.integers(1, 1_000_000), starts)
def test_at_the_very_edges(policy: CancellationPolicy, paid: int, start: datetime) -> None:
    free = start - timedelta(hours=policy.free_cancellation_hours)
    none = start - timedelta(hours=policy.no_refund_hours)
    assert outcome(policy, free - timedelta(seconds=1), paid, starts_at=start).refund_cents == paid
    assert outcome(policy, none, paid, starts_at=start).refund_cents == 0


def test_a_policy_of_old_or_of_tomorrow_is_read() -> None:
    four = {
        "free_cancellation_hours": 24,
        "late_fee_cents": 3_000,
        "no_refund_hours": 2,
        "no_show_fee_cents": 0,
    }
    assert read_policy(four) == USUAL
    assert read_policy(asdict(USUAL)) == USUAL
    assert read_policy({**four, "weather": "rain"}) == USUAL

"""The cancellation policy: dates, dollars, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.policy import CancellationPolicy, refund_if_cancelled, statement
from local.testing.cast import at

EARLY = at("2026-09-01 08:00 +10:00")
START = at("2027-01-15 08:00 +11:00")
USUAL = CancellationPolicy(
    free_cancellation_hours=24, late_fee_cents=3_000, no_refund_hours=2, no_show_fee_cents=0
)


def policy_of(free: int, none: int, fee: int) -> CancellationPolicy:
    return replace(
        USUAL, free_cancellation_hours=max(free, none), no_refund_hours=min(free, none), late_fee_cents=fee
    )


hours = st.integers(0, 200)
policies = st.builds(policy_of, hours, hours, st.integers(0, 100_000))


def test_the_statement_has_the_dates_and_the_dollars():
    assert statement(USUAL, 5_000, START, "Australia/Sydney", now=EARLY) == [
        "Free to cancel until Thu 14 Jan, 8:00 am: all of $50 comes back.",
        "After that $30 is kept and $20 comes back.",
        "Nothing comes back after Fri 15 Jan, 6:00 am.",
    ]


def test_a_fee_above_the_deposit_keeps_just_the_deposit():
    assert statement(USUAL, 2_000, START, "Australia/Sydney", now=EARLY) == [
        "Free to cancel until Thu 14 Jan, 8:00 am: all of $20 comes back.",
        "After that nothing comes back.",
    ]


def test_the_statement_speaks_the_tradies_time_across_a_change_of_the_clocks():
    monday = at("2026-10-05 08:00 +11:00")  # daylight saving began on Sunday the 4th
    assert statement(
        replace(USUAL, free_cancellation_hours=48), 5_000, monday, "Australia/Sydney", now=EARLY
    )[0] == ("Free to cancel until Sat 3 Oct, 7:00 am: all of $50 comes back.")


def test_without_a_deposit_it_asks_nicely():
    assert statement(USUAL, 0, START, "Australia/Perth", now=EARLY) == [
        "No deposit. Please cancel before Thu 14 Jan, 5:00 am if plans change."
    ]


@pytest.mark.parametrize(
    ("now", "sentences"),
    [
        (
            "2027-01-14 08:00 +11:00",
            [
                "If you cancel before Fri 15 Jan, 6:00 am, $30 is kept and $20 comes back.",
                "After that nothing comes back.",
            ],
        ),
        ("2027-01-15 06:00 +11:00", ["Nothing comes back if you cancel now."]),
    ],
)
def test_what_is_over_is_not_promised(now, sentences):
    assert statement(USUAL, 5_000, START, "Australia/Sydney", now=at(now)) == sentences


def test_without_a_late_fee_it_is_free_until_nothing_comes_back():
    assert statement(replace(USUAL, late_fee_cents=0), 5_000, START, "Australia/Sydney", now=EARLY) == [
        "Free to cancel until Fri 15 Jan, 6:00 am: all of $50 comes back.",
        "After that nothing comes back.",
    ]


@given(policies, st.integers(0, 1_000_000), st.integers(-300 * 60, 60))
def test_what_comes_back_is_never_negative_never_more_than_paid_and_never_grows(policy, paid, minutes):
    now = START + timedelta(minutes=minutes)
    back = refund_if_cancelled(policy, paid, START, now)
    assert 0 <= back <= paid
    assert refund_if_cancelled(policy, paid, START, now + timedelta(hours=1)) <= back


@given(policies, st.integers(1, 1_000_000))
def test_at_the_very_edges(policy, paid):
    free = START - timedelta(hours=policy.free_cancellation_hours)
    none = START - timedelta(hours=policy.no_refund_hours)
    assert refund_if_cancelled(policy, paid, START, free - timedelta(seconds=1)) == paid
    assert refund_if_cancelled(policy, paid, START, none) == 0


def test_instants_are_compared_not_wall_clocks():
    assert refund_if_cancelled(USUAL, 5_000, START, datetime(2027, 1, 13, 21, 0, tzinfo=UTC)) == 2_000
    assert refund_if_cancelled(USUAL, 5_000, START, datetime(2027, 1, 13, 20, 59, tzinfo=UTC)) == 5_000

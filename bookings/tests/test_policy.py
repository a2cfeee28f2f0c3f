"""What cancelling costs, said before anybody cancels: dates and dollars."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bookings.policy import CancellationPolicy, in_short, statement
from local.testing.cast import at

EARLY = at("2026-09-01 08:00 +10:00")
START = at("2027-01-15 08:00 +11:00")
USUAL = CancellationPolicy(
    free_cancellation_hours=24, late_fee_cents=3_000, no_refund_hours=2, no_show_fee_cents=0
)


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


def test_a_late_fee_may_be_a_part_of_the_deposit():
    half = replace(USUAL, late_fee_cents=0, late_fee_percent=50)
    assert statement(half, 3_333, START, "Australia/Sydney", now=EARLY)[1] == (
        "After that $16.66 is kept and $16.67 comes back."
    )


def test_the_hour_that_comes_twice_is_told_apart():
    """On Sunday 4 April 2027 the clocks go back at 3:00 am, on Lord Howe Island by half an hour at 2:00 am."""
    said = [
        statement(replace(USUAL, free_cancellation_hours=24), 5_000, starts, "Australia/Sydney", now=EARLY)
        for starts in (at("2027-04-05 01:30 +10:00"), at("2027-04-05 02:30 +10:00"))
    ]
    assert [sentences[0] for sentences in said] == [
        "Free to cancel until Sun 4 Apr, 2:30 am AEDT: all of $50 comes back.",
        "Free to cancel until Sun 4 Apr, 2:30 am AEST: all of $50 comes back.",
    ]
    lord_howe = statement(USUAL, 5_000, at("2027-04-05 01:45 +10:30"), "Australia/Lord_Howe", now=EARLY)
    assert lord_howe[0] == "Free to cancel until Sun 4 Apr, 1:45 am (+10:30): all of $50 comes back."


@pytest.mark.parametrize(
    ("left_cents", "sentences"),
    [
        (
            4_000,
            [
                "Free to cancel until Thu 14 Jan, 8:00 am: all of $40 comes back.",
                "After that $30 is kept and $10 comes back.",
                "Nothing comes back after Fri 15 Jan, 6:00 am.",
            ],
        ),
        (
            3_000,
            [
                "Free to cancel until Thu 14 Jan, 8:00 am: all of $30 comes back.",
                "After that nothing comes back.",
            ],
        ),
        (0, ["Nothing comes back if you cancel now."]),
    ],
)
def test_what_went_back_before_is_not_promised_again(left_cents: int, sentences: list[str]) -> None:
    assert statement(USUAL, 5_000, START, "Australia/Sydney", now=EARLY, left_cents=left_cents) == sentences


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Free until 24 hours before the start; then $30 is kept; from 2 hours before it on all of it."),
        (
            {"no_refund_hours": 0},
            "Free until 24 hours before the start; then $30 is kept; from the start on all of it.",
        ),
        (
            {"free_cancellation_hours": 1, "no_refund_hours": 1},
            "Free until 1 hour before the start; after that all of the deposit is kept.",
        ),
        (
            {"late_fee_percent": 100},
            "Free until 24 hours before the start; after that all of the deposit is kept.",
        ),
        (
            {"late_fee_cents": 0, "no_refund_hours": 0},
            "Free until the start; after that all of the deposit is kept.",
        ),
    ],
)
def test_in_short_it_says_no_stage_that_there_is_not(changes: dict[str, int], said: str) -> None:
    assert in_short(replace(USUAL, **changes)) == said


def test_in_short_a_fee_above_a_known_deposit_keeps_all_of_it() -> None:
    said = "Free until 24 hours before the start; after that all of the deposit is kept."
    assert in_short(USUAL, 2_000) == in_short(USUAL, 3_000) == said

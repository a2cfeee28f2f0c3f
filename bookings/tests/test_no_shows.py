"""What a no-show costs: to the cent, and never more than was agreed on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.no_shows import NoShow, cap_of, if_no_show
from bookings.policy import CancellationPolicy

cents = st.integers(0, 100_000)


def policy(fee_cents: int) -> CancellationPolicy:
    return CancellationPolicy(24, 0, 2, fee_cents)


@pytest.mark.parametrize(
    ("fee", "deposit", "cap"),
    [
        (10_000, 3_000, 7_000),
        (3_000, 3_000, 0),
        (2_000, 3_000, 0),
        (3_049, 3_000, 0),  # less than Stripe takes
        (3_050, 3_000, 50),
        (10_000, 0, 10_000),
        (0, 3_000, 0),
    ],
)
def test_a_card_stands_for_what_the_deposit_does_not_cover(fee: int, deposit: int, cap: int) -> None:
    assert cap_of(policy(fee), deposit) == cap


@pytest.mark.parametrize(
    ("paid", "back", "card", "expected"),
    [
        (3_000, 0, 7_000, NoShow(10_000, 3_000, 7_000, 0)),
        (3_000, 0, 0, NoShow(10_000, 3_000, 0, 7_000)),  # no card was saved
        (3_000, 2_000, 7_000, NoShow(10_000, 1_000, 7_000, 2_000)),  # never above what was consented to
        (9_980, 0, 7_000, NoShow(10_000, 9_980, 0, 20)),  # less than Stripe takes
        (12_000, 0, 7_000, NoShow(10_000, 12_000, 0, 0)),
    ],
)
def test_what_was_paid_counts_towards_the_fee(paid: int, back: int, card: int, expected: NoShow) -> None:
    assert if_no_show(policy(10_000), paid_cents=paid, returned_cents=back, card_cents=card) == expected


def test_it_is_said_with_dollars() -> None:
    def said(**figures: int) -> list[str]:
        return if_no_show(policy(10_000), returned_cents=0, **figures).sentences

    kept = "$30 that was paid is kept."
    assert said(paid_cents=3_000, card_cents=7_000) == [
        kept,
        "$70 is charged to the saved card, which makes the no-show fee of $100.",
    ]
    assert said(paid_cents=3_000, card_cents=0) == [kept, "$70 of the agreed no-show fee isn't charged."]
    assert said(paid_cents=12_000, card_cents=0)[1] == (
        "That covers the no-show fee of $100: nothing more is charged."
    )
    assert if_no_show(policy(0), paid_cents=0, returned_cents=0, card_cents=0).sentences == [
        "Nothing was paid by card, so nothing is kept.",
        "No no-show fee was agreed on, so nothing more is charged.",
    ]


@given(fee=cents, paid=cents, part=st.integers(0, 100), card=cents)
def test_no_more_is_charged_than_the_fee_or_the_consent_allows(
    fee: int, paid: int, part: int, card: int
) -> None:
    back = paid * part // 100
    outcome = if_no_show(policy(fee), paid_cents=paid, returned_cents=back, card_cents=card)
    assert 0 <= outcome.charge_cents <= card
    assert outcome.charge_cents == 0 or outcome.charge_cents >= 50
    assert outcome.charge_cents + outcome.kept_cents <= max(fee, outcome.kept_cents)
    assert outcome.charge_cents + outcome.unpaid_cents == max(fee - outcome.kept_cents, 0)

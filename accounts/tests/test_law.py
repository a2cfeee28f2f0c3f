"""The law as dated rows: what a state allows of a price, from when, and by which source."""

from __future__ import annotations

from datetime import date

import pytest

from accounts import law
from accounts.places import AustralianState

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("state", "price_cents", "most_cents"),
    [
        ("NSW", 12_345, 1_234),  # the part of a cent isn't taken
        ("NSW", 5_000_000, 500_000),
        ("VIC", 1_999_999, 199_999),
        ("VIC", 2_000_000, 100_000),
        ("QLD", 330_000, 66_000),
        ("QLD", 330_100, 33_010),
        ("QLD", 2_000_000, 100_000),
        ("WA", 700_000, 700_000),
        ("WA", 1_000_000, 65_000),
    ],
)
def test_the_cap_of_a_price(state: str, price_cents: int, most_cents: int) -> None:
    cap = law.cap_in(state, TODAY)
    assert cap
    assert cap.most_cents(price_cents) == most_cents


def test_only_where_the_sources_agree_a_deposit_is_refused() -> None:
    assert {cap.state for cap in law.DEPOSIT_CAPS if cap.refuses} == {"NSW", "VIC"}


def test_a_rule_holds_from_its_day_on() -> None:
    assert law.cap_in("NSW", date(2015, 1, 14)) is None
    assert law.NO_SURCHARGE not in law.told_in("NSW", date(2026, 9, 30))
    assert law.NO_SURCHARGE in law.told_in("NSW", date(2026, 10, 1))


@pytest.mark.parametrize("state", AustralianState.values)
def test_every_state_is_told_something_with_its_source(state: str) -> None:
    about_caps, *rest = law.told_in(state, TODAY)
    assert about_caps in (law.cap_in(state, TODAY), law.NO_FIGURE.get(state))
    for told in (about_caps, *rest):
        assert told.source.url.startswith("http")
        assert told.source.title
        assert told.since <= TODAY

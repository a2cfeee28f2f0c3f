"""A deposit rises by rule: never below the service's, never above price or law, and never less for more risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.deposit_rules import DepositRule, RuleKind, as_column
from bookings.deposit_rules import Risk, raised, reason
from bookings.policy import CancellationPolicy, in_short

CENTS = st.integers(0, 2_000_000)
RULES = st.lists(
    st.builds(
        DepositRule,
        kind=st.sampled_from(RuleKind),
        least=st.integers(1, 3_000),
        percent=st.integers(0, 99),
        cents=st.integers(0, 100_000),
        measured_from=st.just("2204"),
    ),
    max_size=8,
)
RISKS = st.builds(
    Risk,
    notice=st.integers(0, 1_000).map(lambda hours: timedelta(hours=hours)),
    price_cents=CENTS,
    km=st.one_of(st.just({}), st.just({"2204": None}), st.integers(0, 4_000).map(lambda km: {"2204": km})),
    is_first=st.booleans(),
    missed=st.integers(0, 5),
)


@given(RULES, RISKS, CENTS, CENTS)
def test_it_stays_within_its_bounds(rules: list[DepositRule], risk: Risk, deposit: int, most: int) -> None:
    deposit = min(deposit, risk.price_cents)
    cents, met = raised(rules, risk, deposit_cents=deposit, most_cents=most)
    assert deposit <= cents <= max(deposit, min(most, risk.price_cents))
    assert bool(met) == (cents > deposit)
    assert set(met) <= set(rules)
    assert cents == 0 or deposit > 0


@given(RULES, RISKS, CENTS, CENTS, st.integers(0, 500), st.integers(0, 3))
def test_more_risk_and_more_rules_never_lower_it(
    rules: list[DepositRule], risk: Risk, deposit: int, most: int, more: int, missed: int
) -> None:
    deposit = min(deposit, risk.price_cents)

    def cents(rules: list[DepositRule], risk: Risk, most: int = most) -> int:
        return raised(rules, risk, deposit_cents=deposit, most_cents=most)[0]

    here = cents(rules, risk)
    worse = replace(
        risk,
        is_first=True,
        missed=risk.missed + missed,
        notice=max(timedelta(), risk.notice - timedelta(hours=more)),
        km={"2204": (risk.km.get("2204") or 0) + more},
    )
    assert cents(rules, worse) >= here
    assert cents(rules[1:], risk) <= here
    assert cents(rules, risk, most + more) >= here
    dearer = replace(risk, price_cents=risk.price_cents + more)
    assert cents(rules, dearer) >= here


def test_a_rule_that_raises_nothing_is_off_and_each_has_words() -> None:
    assert as_column([DepositRule(kind) for kind in RuleKind]) == []
    assert reason(DepositRule(RuleKind.FIRST)) == reason(DepositRule(RuleKind.MISSED, 1))
    assert all(reason(DepositRule(kind, 5)) for kind in RuleKind)


def test_one_hour_is_said_as_one() -> None:
    said = [reason(DepositRule(RuleKind.SOON, hours)) for hours in (1, 24)]
    assert said == ["it is within 1 hour", "it is within 24 hours"]
    policy = CancellationPolicy(2, 1_000, 1, 0)
    assert in_short(policy).startswith("Free until 2 hours before the start; then $10 is kept; from 1 hour ")

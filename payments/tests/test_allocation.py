"""A refund over several payments."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.allocation import MoreThanPaid, allocate


@dataclass(frozen=True)
class Paid:
    number: int
    left_cents: int


PAYMENTS = st.lists(st.integers(0, 50_000), max_size=5).map(
    lambda left: [Paid(number, cents) for number, cents in enumerate(left)]
)


@given(st.data(), PAYMENTS)
def test_no_payment_gives_more_than_it_has_and_the_parts_sum_to_the_amount(data, payments):
    amount = data.draw(st.integers(0, sum(payment.left_cents for payment in payments)))
    parts = allocate(amount, payments)
    assert sum(cents for _, cents in parts) == amount
    assert all(0 < cents <= payment.left_cents for payment, cents in parts)
    assert len({payment.number for payment, _ in parts}) == len(parts)


@given(st.data(), PAYMENTS)
def test_an_earlier_one_gives_all_it_has_before_a_later_one_gives_anything(data, payments):
    amount = data.draw(st.integers(0, sum(payment.left_cents for payment in payments)))
    parts = allocate(amount, payments)
    assert [payment.number for payment, _ in parts] == sorted(payment.number for payment, _ in parts)
    given_by = dict(parts)
    last = parts[-1][0].number if parts else -1
    assert all(given_by.get(paid, 0) == paid.left_cents for paid in payments if paid.number < last)


@given(PAYMENTS, st.integers(1, 1_000))
def test_more_than_there_is_is_refused(payments, too_many):
    with pytest.raises(MoreThanPaid):
        allocate(sum(payment.left_cents for payment in payments) + too_many, payments)

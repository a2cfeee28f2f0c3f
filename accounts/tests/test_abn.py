"""Australian business numbers: every slip of one digit, and every two swapped, is noticed."""

from __future__ import annotations

from itertools import combinations

from accounts.abn import is_abn

ABN = "51824753556"  # the tax office's own


def test_what_can_be_one() -> None:
    assert is_abn(ABN)
    assert not any(is_abn(text) for text in ("", "5182475355", ABN + "1", "5182475355x", "٥" * 11))


def test_one_wrong_digit_is_noticed() -> None:
    wrong = [
        ABN[:at] + digit + ABN[at + 1 :] for at in range(11) for digit in "0123456789" if digit != ABN[at]
    ]
    assert not any(map(is_abn, wrong))


def test_two_swapped_are_noticed() -> None:
    for left, right in combinations(range(11), 2):
        digits = list(ABN)
        digits[left], digits[right] = digits[right], digits[left]
        assert "".join(digits) == ABN or not is_abn("".join(digits))

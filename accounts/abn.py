"""Australian business numbers."""

from __future__ import annotations

_WEIGHTS = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)


def is_abn(digits: str) -> bool:
    """Whether these eleven digits can be one: a slip of one digit, or two swapped, can't.

    Source: https://abr.business.gov.au/Help/AbnFormat
    """
    if len(digits) != len(_WEIGHTS) or not digits.isascii() or not digits.isdigit():
        return False
    numbers = [int(digits[0]) - 1, *map(int, digits[1:])]
    return sum(number * weight for number, weight in zip(numbers, _WEIGHTS, strict=True)) % 89 == 0

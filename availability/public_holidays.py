"""The public holidays of each Australian state, by its own law (the `holidays` library; half days are not holidays)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def public_holidays(state: str, year: int) -> dict[date, str]:
    """Date -> name for a state such as "NSW", in one year."""
    # Imported here: it costs 0.3 s, which every process would pay and few need.
    from holidays.countries.australia import Australia

    return dict(Australia(subdiv=state, years=year).items())


def holidays_between(state: str, years: Iterable[int]) -> frozenset[date]:
    """The dates of a state's public holidays in those years."""
    return frozenset(day for year in years for day in public_holidays(state, year))

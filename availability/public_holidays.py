"""The public holidays of each Australian state, by its own law (the `holidays` library; half days are not holidays)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def public_holidays(state: str, year: int) -> dict[date, str]:
    """Date -> name for a state such as "NSW", in one year."""
    # Imported here: it costs 0.4 s and 20 MB, which only the processes that offer times should pay.
    from holidays.countries.australia import Australia

    # Named, or the language of the machine would decide how Labour Day is spelled.
    return dict(Australia(subdiv=state, years=year, language="en_AU").items())


@lru_cache(maxsize=64)
def holidays_between(state: str, first_year: int, last_year: int) -> frozenset[date]:
    """The dates of a state's public holidays from one year to another, both included."""
    return frozenset(day for year in range(first_year, last_year + 1) for day in public_holidays(state, year))

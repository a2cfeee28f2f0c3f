"""How the protocol machine chooses: which of several things, and what its calls to Stripe meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .interleaving import Fate

Course = Fate | None
PICK = st.integers(0, 1_000)
LATEST_FIRST = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7])
TROUBLE = [fate for fate in Fate if fate is not Fate.ANSWERED]
# How a procedure runs: to its end, every call meeting that fate; or it stands at each call until `stripe_answers`.
STANDS = None
COURSES = st.sampled_from([Fate.ANSWERED] * 14 + [STANDS] * 8 + TROUBLE)


def picked(things: list[Any], which: int) -> Any:
    """Counted from the latest."""
    return things[-1 - which % len(things)]

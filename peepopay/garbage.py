"""How often Python looks for garbage that counting references does not find."""

from __future__ import annotations

import gc

# Objects made and not yet gone, after which the youngest are looked at. Python's 700 are made by one query, so that a
# booking was interrupted some thirty times; little of what it makes is in circles at all.
YOUNG = 10_000


def settle() -> None:
    """For a program that has made all that it keeps: that is never looked at again, and stays shared with the
    processes that it forks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])

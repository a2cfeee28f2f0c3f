"""A page of a long list, without counting the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

MOST_PAGES = 400  # an offset beyond this costs more than anybody reads


@dataclass(frozen=True)
class Page:
    items: list[Any]
    number: int  # from 1
    has_next: bool

    @property
    def next_number(self) -> int | None:
        return self.number + 1 if self.has_next else None

    @property
    def previous_number(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def page_of(rows: QuerySet[Any], number: str | None, *, size: int = 25) -> Page:
    """One page; `number` is what the address says, and anything odd in it is page 1."""
    wanted = int(number) if number and number.isascii() and number.isdigit() and len(number) < 5 else 1
    at = min(max(wanted, 1), MOST_PAGES)
    found = list(rows[(at - 1) * size : at * size + 1])
    return Page(found[:size], at, len(found) > size and at < MOST_PAGES)

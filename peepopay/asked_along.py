"""What one statement may ask along for somebody else, so that it need not be asked by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """A column that depends on no row of the statement it stands in: SQL, with the values of the names in it."""

    sql: str
    given: Mapping[str, Any]

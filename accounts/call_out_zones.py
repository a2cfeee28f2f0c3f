"""Where a business goes on what terms: the column of its row, read. Called call-out zones, since a zone alone is a time
zone: docs/zones.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .localities import kilometres

if TYPE_CHECKING:
    from .models import Tradie

MOST_ZONES = 10
MOST_FEE_CENTS = 100_000
MOST_EXTRA_MINUTES = 120


@dataclass(frozen=True, slots=True)
class CallOutZone:
    """`postcodes`: `2042`, or `2040-2050` with all between; or `km` from the middle of one postcode to the middle of
    another; without either it is everywhere else. `weekdays`: when it is worked, Monday is 0; none are all.
    `extra_minutes` come on top of a service's buffers, before the job and after it."""

    name: str
    postcodes: tuple[str, ...] = ()
    km: int = 0
    measured_from: str = ""
    fee_cents: int = 0
    weekdays: tuple[int, ...] = ()
    extra_minutes: int = 0

    def covers(self, postcode: str) -> bool:
        if any(first <= postcode <= (last or first) for first, _, last in map(_ends, self.postcodes)):
            return True
        if not self.km:
            return not self.postcodes
        distance = kilometres(self.measured_from, postcode)
        return distance is not None and distance <= self.km


def _ends(postcodes: str) -> tuple[str, str, str]:
    return postcodes.partition("-")


def zones_of(tradie: Tradie) -> list[CallOutZone]:
    return read_zones(tradie.call_out_zones)


def read_zones(column: Iterable[dict[str, Any]]) -> list[CallOutZone]:
    return [
        CallOutZone(**{**row, "postcodes": tuple(row["postcodes"]), "weekdays": tuple(row["weekdays"])})
        for row in column
    ]


def as_column(zones: Sequence[CallOutZone]) -> list[dict[str, Any]]:
    return [{**asdict(zone), "postcodes": [*zone.postcodes], "weekdays": [*zone.weekdays]} for zone in zones]


def zone_for(zones: Iterable[CallOutZone], postcode: str) -> CallOutZone | None:
    """The first that covers it."""
    return next((zone for zone in zones if zone.covers(postcode)), None)

"""Which zone a postcode is in."""

from __future__ import annotations

from accounts.call_out_zones import CallOutZone, as_column, read_zones, zone_for

LISTED = CallOutZone("Listed", postcodes=("2040-2050", "2088"), weekdays=(1,))
RING = CallOutZone("Ring", km=20, measured_from="2042")
REST = CallOutZone("Rest")


def test_the_first_that_covers_it_counts() -> None:
    zones = [LISTED, RING, REST]
    found = {postcode: zone_for(zones, postcode) for postcode in ("2040", "2050", "2088", "2000", "3000")}
    assert found == {"2040": LISTED, "2050": LISTED, "2088": LISTED, "2000": RING, "3000": REST}
    assert zone_for([RING, LISTED], "2042") == RING


def test_nobody_is_in_a_ring_who_is_nowhere() -> None:
    assert zone_for([RING], "0001") is None
    assert zone_for([], "2042") is None


def test_the_column_reads_back() -> None:
    assert read_zones(as_column([LISTED, RING, REST])) == [LISTED, RING, REST]

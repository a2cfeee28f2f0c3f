"""How far a business goes to work: so many kilometres around a postcode, and into its zones; or anywhere."""

from __future__ import annotations

from peepopay.errors import OutsideServiceArea
from peepopay.phone import as_written

from .call_out_zones import zone_for, zones_of
from .localities import Locality, in_postcode, kilometres
from .models import Tradie


def require_in_area(tradie: Tradie, postcode: str) -> None:
    """Raises OutsideServiceArea, with whom to call, for a customer too far away, or in no zone of a business that has
    some. Postcodes are measured from middle to middle, and a postcode that nobody has placed is near."""
    please_call = f"To ask all the same, call {as_written(tradie.phone)}."
    if is_too_far(tradie, postcode):
        raise OutsideServiceArea(
            f"{postcode} is outside the area where {tradie.business_name} works: {area_of(tradie)}. {please_call}"
        )
    if is_in_no_zone(tradie, postcode):
        raise OutsideServiceArea(
            f"{postcode} is outside the area where {tradie.business_name} works. {please_call}"
        )


def is_too_far(tradie: Tradie, postcode: str) -> bool:
    return tradie.area_km is not None and (kilometres(tradie.area_postcode, postcode) or 0) > tradie.area_km


def is_in_no_zone(tradie: Tradie, postcode: str) -> bool:
    zones = zones_of(tradie)
    return bool(zones) and zone_for(zones, postcode) is None


def area_of(tradie: Tradie) -> str:
    """`within 20 km of Newtown 2042`: where there is such a limit."""
    return f"within {tradie.area_km} km of {_named(tradie.area_postcode)}"


def _named(postcode: str) -> str:
    there: list[Locality] = in_postcode(postcode)
    return f"{there[0].suburb} {postcode}" if len(there) == 1 else postcode

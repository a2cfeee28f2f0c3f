"""How far a business goes to work: so many kilometres around a postcode, or anywhere."""

from __future__ import annotations

from peepopay.errors import OutsideServiceArea
from peepopay.phone import as_written

from .localities import Locality, in_postcode, kilometres
from .models import Tradie


def require_in_area(tradie: Tradie, postcode: str) -> None:
    """Raises OutsideServiceArea, with whom to call, for a customer too far away. Postcodes are measured from middle to
    middle, and a postcode that nobody has placed is believed."""
    if tradie.area_km is None:
        return
    distance = kilometres(tradie.area_postcode, postcode)
    if distance is not None and distance > tradie.area_km:
        raise OutsideServiceArea(
            f"{postcode} is outside the area where {tradie.business_name} works: within {tradie.area_km} km of"
            f" {_named(tradie.area_postcode)}. To ask all the same, call {as_written(tradie.phone)}."
        )


def _named(postcode: str) -> str:
    there: list[Locality] = in_postcode(postcode)
    return f"{there[0].suburb} {postcode}" if len(there) == 1 else postcode

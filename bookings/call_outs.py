"""What the zone that an address is in adds to the terms: a call-out fee, and room before and after. docs/zones.md."""

from __future__ import annotations

from dataclasses import replace

from accounts.call_out_zones import CallOutZone, zone_for, zones_of
from accounts.models import Tradie
from accounts.service_area import require_in_area
from peepopay.errors import CallOutFee
from peepopay.money import dollars

from .details import Attempt, Details
from .scheduling import find_attempt
from .terms import Terms


def in_zone(terms: Terms, zone: CallOutZone) -> Terms:
    """The same terms in that zone, whichever they were in."""
    more_cents = zone.fee_cents - terms.call_out_fee_cents
    more_minutes = zone.extra_minutes - terms.call_out_minutes
    return replace(
        terms,
        price_cents=terms.price_cents + more_cents,
        buffer_before_minutes=terms.buffer_before_minutes + more_minutes,
        buffer_after_minutes=terms.buffer_after_minutes + more_minutes,
        call_out_zone=zone.name,
        call_out_fee_cents=zone.fee_cents,
        call_out_minutes=zone.extra_minutes,
    )


def fee_sentence(fee_cents: int, postcode: str, zone_name: str) -> str:
    return f"A call-out fee of {dollars(fee_cents)} is added to the price: {postcode} is in {zone_name}."


def call_out_fee(tradie: Tradie, terms: Terms, postcode: str) -> str:
    """What is said of the fee for that address, if there is one. Raises OutsideServiceArea."""
    if not postcode:
        return ""
    require_in_area(tradie, postcode)
    zone = zone_for(zones_of(tradie), postcode)
    if zone is None or not zone.fee_cents or zone.name == terms.call_out_zone:
        return ""
    return fee_sentence(zone.fee_cents, postcode, zone.name)


def agreed_in_zone(
    tradie: Tradie, terms: Terms, details: Details, attempt: Attempt, *, accepted_cents: int | None
) -> Terms | None:
    """The terms to book on where the address is in a zone; None: as they are. Terms that were made for this zone stay
    as they were agreed. Raises CallOutFee, before anything is held, for who hasn't seen the fee. No query but where it
    is raised."""
    zone = zone_for(zones_of(tradie), details.postcode)
    if zone is None or zone.name == terms.call_out_zone:
        return None
    there, fee_cents = in_zone(terms, zone), zone.fee_cents
    if fee_cents > max(accepted_cents or 0, terms.call_out_fee_cents) and not find_attempt(tradie, attempt):
        raise CallOutFee(
            f"{fee_sentence(fee_cents, details.postcode, zone.name)} Nothing is held yet: press the button again if"
            " that is fine.",
            call_out_fee_cents=fee_cents,
            price_cents=there.price_cents,
        )
    return there

"""A job where it is."""

from __future__ import annotations

from dataclasses import replace

from accounts.call_out_zones import zone_for, zones_of
from accounts.models import Service, Tradie
from availability.slots import Job

from .models import Booking
from .terms import terms_of


def at(job: Job, tradie: Tradie, postcode: str) -> Job:
    """The job at that place. No query."""
    if not postcode:
        return job
    zone = zone_for(zones_of(tradie), postcode)
    weekdays = frozenset(zone.weekdays) if zone and zone.weekdays else None
    return replace(job, weekdays=weekdays, postcode=postcode)


def on_offer(service: Service, postcode: str) -> Job:
    """What the service takes there, with the room that the zone adds. No query."""
    job, zone = terms_of(service).job, zone_for(zones_of(service.tradie), postcode) if postcode else None
    return at(job.with_more(zone.extra_minutes) if zone else job, service.tradie, postcode)


def job_of(booking: Booking) -> Job:
    """As it was agreed, where it is."""
    return at(booking.terms.job, booking.tradie, booking.address_postcode)

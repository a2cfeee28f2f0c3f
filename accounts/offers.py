"""What a customer may book."""

from __future__ import annotations

import uuid

from peepopay.errors import NotFound, ValidationFailed
from peepopay.lookups import only

from .models import Service, Tradie


def service_on_offer(slug: str, service_id: uuid.UUID, *, along: str = "tradie") -> Service:
    """An active service of an open tradie, with its tradie loaded; another tradie's service is as unknown as one that
    never was. `along`: what else to load by the same query, as `select_related` names it.
    Raises NotFound (no such business), ValidationFailed (no such service)."""
    rows = Service.objects.select_related(along)
    if service := only(rows.filter(pk=service_id, is_active=True, tradie__slug=slug, tradie__is_open=True)):
        return service
    if Tradie.objects.filter(slug=slug, is_open=True).exists():
        raise ValidationFailed(fields={"service": ["That service can't be booked."]})
    raise NotFound("We couldn't find that business.")

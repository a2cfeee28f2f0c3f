"""What a customer may book."""

from __future__ import annotations

import uuid
from functools import cache

from peepopay.errors import NotFound, ValidationFailed
from peepopay.written_once import Given, WrittenOnce

from .models import Service, Tradie


def service_on_offer(slug: str, service_id: uuid.UUID, *, along: str = "tradie") -> Service:
    """An active service of an open tradie, with its tradie loaded; another tradie's service is as unknown as one that
    never was. `along`: what else to load by the same query, as `select_related` names it.
    Raises NotFound (no such business), ValidationFailed (no such service)."""
    if service := _on_offer(along).only(id=service_id, slug=slug):
        return service
    if Tradie.objects.filter(slug=slug, is_open=True).exists():
        raise ValidationFailed(fields={"service": ["That service can't be booked."]})
    raise NotFound("We couldn't find that business.")


@cache
def _on_offer(along: str) -> WrittenOnce[Service]:
    rows = Service.objects.select_related(along).order_by()
    on_offer = {"is_active": True, "tradie__slug": Given("slug"), "tradie__is_open": True}
    return WrittenOnce(lambda: rows.filter(pk=Given("id"), **on_offer))

"""Every change of a business and of what it sells. It lives here, not in `accounts`: the length of a service and the
time zone of a tradie change what is free."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Service, Tradie
from accounts.profiles import forget_profile

from .calendars import mark_changed


@transaction.atomic
def change_business(tradie: Tradie, fields: Sequence[str]) -> None:
    """Save these validated fields of what the business says about itself."""
    _lock(tradie)
    tradie.save(update_fields=fields)
    _changed(tradie)


@transaction.atomic
def add_service(tradie: Tradie, service: Service) -> Service:
    """Put a new, validated service at the end of the list."""
    _lock(tradie)
    last = tradie.services.order_by("-position").values_list("position", flat=True).first()
    service.tradie = tradie
    service.position = 0 if last is None else last + 1
    service.save(force_insert=True)
    _changed(tradie)
    return service


@transaction.atomic
def change_service(tradie: Tradie, service: Service) -> None:
    """Save a validated service. Bookings keep the name, length, price and policy they were made with."""
    _lock(tradie)
    fields = [f.name for f in Service._meta.concrete_fields if f.name not in ("id", "tradie", "position")]
    service.save(update_fields=fields)
    _changed(tradie)


@transaction.atomic
def offer_service(tradie: Tradie, service: Service, *, is_active: bool) -> None:
    """Show it to customers, or don't; its bookings stay."""
    _lock(tradie)
    tradie.services.filter(pk=service.pk).update(is_active=is_active)
    _changed(tradie)


@transaction.atomic
def move_service(tradie: Tradie, service: Service, *, by: int) -> None:
    """One place up (-1) or down (+1); numbers all of them afresh, so that ties and gaps heal."""
    _lock(tradie)
    order = list(tradie.services.order_by("position", "name", "id"))
    at = next((index for index, other in enumerate(order) if other.pk == service.pk), None)
    if at is None or not 0 <= at + by < len(order):
        return
    order.insert(at + by, order.pop(at))
    for position, other in enumerate(order):
        other.position = position
    Service.objects.bulk_update(order, ["position"])
    _changed(tradie)


def _lock(tradie: Tradie) -> None:
    """So that two who reorder or rename at once do so one after the other."""
    Tradie.objects.select_for_update(no_key=True).only("pk").get(pk=tradie.pk)


def _changed(tradie: Tradie) -> None:
    mark_changed(tradie.pk)
    forget_profile(tradie)

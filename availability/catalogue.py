"""Every change of a business and of what it sells. It lives here, not in `accounts`: the length of a service and the
time zone of a tradie change what is free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Service, Tradie
from accounts.policy_columns import POLICY_FIELDS
from accounts.soundness import is_over_cap, require_sound_business, require_sound_service
from peepopay.local_time import in_zone
from peepopay.money import dollars

from .calendars import mark_offer_changed
from .models import Calendar
from .ordering import move_row


@transaction.atomic
def change_business(tradie: Tradie, fields: Sequence[str]) -> None:
    """Save these validated fields of what the business says about itself, or of its usual terms. Raises
    ValidationFailed where a service that is on offer could not be sold like that."""
    _lock(tradie)
    if {"state", *POLICY_FIELDS} & set(fields):
        require_sound_business(tradie, tradie.services.filter(is_active=True), _today(tradie))
    said = audit.difference(Tradie.objects.get(pk=tradie.pk), tradie, fields)
    tradie.save(update_fields=fields)
    if said:
        audit.note(tradie.pk, Change.BUSINESS_CHANGED, detail=said)
    mark_offer_changed(tradie)


@transaction.atomic
def add_service(tradie: Tradie, service: Service, calendars: Iterable[Calendar] = ()) -> Service:
    """Put a new, validated service at the end of the list. `calendars`: who can do it; none is any. Raises
    ValidationFailed."""
    tradie = _lock(tradie)
    require_sound_service(tradie, service, _today(tradie))
    last = tradie.services.order_by("-position").values_list("position", flat=True).first()
    service.tradie = tradie
    service.position = 0 if last is None else last + 1
    service.save(force_insert=True)
    service.calendars.set(calendars)
    audit.note(tradie.pk, Change.SERVICE_ADDED, about=service.name)
    _note_override(tradie, service)
    mark_offer_changed(tradie)
    return service


@transaction.atomic
def change_service(tradie: Tradie, service: Service, calendars: Iterable[Calendar] | None = None) -> None:
    """Save a validated service. Bookings keep the name, length, price and policy they were made with, and who does
    them. `calendars`: who can do it from now on; none is any, and None whoever could until now. Raises
    ValidationFailed."""
    tradie = _lock(tradie)
    require_sound_service(tradie, service, _today(tradie))
    fields = [f.name for f in Service._meta.concrete_fields if f.name not in ("id", "tradie", "position")]
    said = audit.difference(Service.objects.get(pk=service.pk), service, fields)
    service.save(update_fields=fields)
    by_others = calendars is not None and set(calendars) != set(service.calendars.all())
    if calendars is not None:
        service.calendars.set(calendars)
    if by_others:
        said = f"{said}; who can do it" if said else "who can do it"
    if said:
        audit.note(tradie.pk, Change.SERVICE_CHANGED, about=service.name, detail=said)
        _note_override(tradie, service)
    mark_offer_changed(tradie)


@transaction.atomic
def offer_service(tradie: Tradie, service: Service, *, is_active: bool) -> None:
    """Show it to customers, or don't; its bookings stay. Raises ValidationFailed where it can't be sold any more."""
    tradie = _lock(tradie)
    if is_active:
        require_sound_service(tradie, service, _today(tradie))
    if not tradie.services.filter(pk=service.pk).exclude(is_active=is_active).update(is_active=is_active):
        return
    kind = Change.SERVICE_OFFERED if is_active else Change.SERVICE_WITHDRAWN
    audit.note(tradie.pk, kind, about=service.name)
    mark_offer_changed(tradie)


@transaction.atomic
def move_service(tradie: Tradie, service: Service, *, by: int) -> None:
    """One place up (-1) or down (+1)."""
    _lock(tradie)
    if move_row(tradie.services.order_by("position", "name", "id"), service.pk, by=by):
        mark_offer_changed(tradie)


def _lock(tradie: Tradie) -> Tradie:
    """So that two who reorder or rename at once do so one after the other. The business as it is then."""
    return Tradie.objects.select_for_update(no_key=True).get(pk=tradie.pk)


def _today(tradie: Tradie) -> date:
    return in_zone(timezone.now(), tradie.timezone).date()


def _note_override(tradie: Tradie, service: Service) -> None:
    """Who asked for more than the law's cap, when, of what, and why."""
    if not is_over_cap(tradie, service, _today(tradie)):
        return
    told = (
        f"{dollars(service.deposit_cents)} of {dollars(service.price_cents)}: {service.cap_override_reason}"
    )
    audit.note(tradie.pk, Change.DEPOSIT_CAP_OVERRIDDEN, about=service.name, detail=told)

"""Every change of a business and of what it sells. It lives here, not in `accounts`: the length of a service and the
time zone of a tradie change what is free."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts import audit
from accounts.audit_models import Change
from accounts.logo_models import Logo
from accounts.logos import path_of
from accounts.models import Service, Tradie
from accounts.policy_columns import POLICY_FIELDS
from accounts.questions import QuestionRow
from accounts.soundness import is_over_cap, require_sound_business, require_sound_service
from peepopay.local_time import in_zone
from peepopay.money import dollars

from .asked_twice import made_before
from .calendars import lock_calendars, mark_offer_changed
from .models import Calendar
from .ordering import move_row

CHANGED_BY_THEMSELVES = ("id", "tradie", "position", "is_active")


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
def set_logo(tradie: Tradie, logo: Logo | None) -> None:
    """What `logos.drawn_from` made; None: it has none any more."""
    before = _lock(tradie).logo_url
    Logo.objects.filter(tradie=tradie).delete()
    tradie.logo_url = ""
    if logo:
        logo.tradie = tradie
        logo.save(force_insert=True)
        tradie.logo_url = path_of(logo)
    if tradie.logo_url == before:
        return
    tradie.save(update_fields=["logo_url"])
    said = "logo removed" if not logo else "another logo" if before else "logo added"
    audit.note(tradie.pk, Change.BUSINESS_CHANGED, detail=said)
    mark_offer_changed(tradie)


@transaction.atomic
def add_service(
    tradie: Tradie, service: Service, calendars: Iterable[Calendar] = (), *, key: uuid.UUID | None = None
) -> Service:
    """Put a new, validated service at the end of the list. `calendars`: who can do it; none is any. `key`: whoever
    asks twice with one gets one service. Raises ValidationFailed; IdempotencyConflict for a key that made another."""
    tradie = _lock(tradie)
    if made := made_before(tradie.services.all(), tradie.pk, service, key):
        return made
    require_sound_service(tradie, service, _today(tradie))
    last = tradie.services.order_by("-position").values_list("position", flat=True).first()
    service.tradie = tradie
    service.position = 0 if last is None else last + 1
    service.save(force_insert=True)
    service.calendars.set(calendars)
    _note(tradie, service, Change.SERVICE_ADDED)
    _note_override(tradie, service)
    mark_offer_changed(tradie)
    return service


@transaction.atomic
def change_service(
    tradie: Tradie,
    service: Service,
    calendars: Iterable[Calendar] | None = None,
    *,
    is_active: bool | None = None,
) -> None:
    """Save a validated service. Bookings keep the name, length, price and policy they were made with, and who does
    them. `calendars`: who can do it from now on; none is any, and None whoever could until now. `is_active`: whether
    customers see it; None as until now. Raises ValidationFailed."""
    tradie = _lock(tradie)
    require_sound_service(tradie, service, _today(tradie))
    fields = [f.name for f in Service._meta.concrete_fields if f.name not in CHANGED_BY_THEMSELVES]
    said = audit.difference(Service.objects.get(pk=service.pk), service, fields)
    service.save(update_fields=fields)
    by_others = calendars is not None and set(calendars) != set(service.calendars.all())
    if calendars is not None:
        service.calendars.set(calendars)
    if by_others:
        said = f"{said}; who can do it" if said else "who can do it"
    if said:
        _note(tradie, service, Change.SERVICE_CHANGED, detail=said)
        _note_override(tradie, service)
    if is_active is not None:
        offer_service(tradie, service, is_active=is_active)
    mark_offer_changed(tradie)


@transaction.atomic
def set_questions(tradie: Tradie, service: Service, questions: list[QuestionRow]) -> None:
    """What who books it is asked from now on, in this order. Bookings keep the questions they were made with."""
    tradie = _lock(tradie)
    if not tradie.services.filter(pk=service.pk).exclude(questions=questions).update(questions=questions):
        return
    _note(tradie, service, Change.SERVICE_CHANGED, detail="questions")
    mark_offer_changed(tradie)


@transaction.atomic
def remove_service(tradie: Tradie, service: Service) -> bool:
    """Gone where nothing was ever booked or quoted of it, else it is on offer no longer. True: gone."""
    lock_calendars(tradie.pk)  # so that nobody books it meanwhile
    _lock(tradie)
    try:
        service.delete()
    except ProtectedError:
        offer_service(tradie, service, is_active=False)
        return False
    _note(tradie, service, Change.SERVICE_REMOVED)
    mark_offer_changed(tradie)
    return True


@transaction.atomic
def offer_service(tradie: Tradie, service: Service, *, is_active: bool) -> None:
    """Show it to customers, or don't; its bookings stay. Raises ValidationFailed where it can't be sold any more."""
    tradie = _lock(tradie)
    if is_active:
        require_sound_service(tradie, service, _today(tradie))
    if not tradie.services.filter(pk=service.pk).exclude(is_active=is_active).update(is_active=is_active):
        return
    kind = Change.SERVICE_OFFERED if is_active else Change.SERVICE_WITHDRAWN
    _note(tradie, service, kind)
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


def _note(tradie: Tradie, service: Service, kind: Change, *, detail: str = "") -> None:
    audit.note(tradie.pk, kind, about=service.name, about_id=service.pk, detail=detail)


def _note_override(tradie: Tradie, service: Service) -> None:
    """Who asked for more than the law's cap, when, of what, and why."""
    if not is_over_cap(tradie, service, _today(tradie)):
        return
    told = (
        f"{dollars(service.deposit_cents)} of {dollars(service.price_cents)}: {service.cap_override_reason}"
    )
    _note(tradie, service, Change.DEPOSIT_CAP_OVERRIDDEN, detail=told)

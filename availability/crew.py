"""Every change of who can be booked: the people and vans of a business, each with a calendar."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Service, Tradie, User
from accounts.people import lock_business
from peepopay.errors import ValidationFailed

from .calendars import lock_calendars, mark_offer_changed
from .hours import CALENDAR_RULES
from .models import NAME_TAKEN, Calendar, WorkingHours
from .ordering import move_row

MOST_CALENDARS = 30  # a booking locks them all, and a list of times reads them all
TOO_MANY = f"There can be {MOST_CALENDARS} at most."
LAST_ONE = "Somebody has to take bookings. To take none at all, turn off online booking in Business details."
NOBODY_LEFT = "Somebody has to do “{service}”. Let somebody else do it first, or stop offering it."
NOT_HERE = "They don't belong to the business any more."


@transaction.atomic
def add_calendar(tradie: Tradie, name: str, *, first_name: str = "") -> Calendar:
    """One more at the end of the order, open for every service that names nobody, with the booking rules of the first;
    it has no hours yet, so nothing of it is on offer. `first_name`: what the first is called from now on.

    Raises ValidationFailed with `name` or `first_name`.
    """
    lock_calendars(tradie.pk)
    first, *others = tradie.calendars.all()
    if len(others) + 1 >= MOST_CALENDARS:
        raise ValidationFailed(TOO_MANY, fields={"name": [TOO_MANY]})
    if first_name:
        _rename(first, first_name, field="first_name")
    _require_new_name(tradie, name)
    rules = {rule: getattr(first, rule) for rule in CALENDAR_RULES}
    position = max(calendar.position for calendar in (first, *others)) + 1
    calendar = Calendar.objects.create(tradie=tradie, name=name, position=position, **rules)
    audit.note(tradie.pk, Change.CREW_CHANGED, about=name, detail="added")
    mark_offer_changed(tradie)
    return calendar


@transaction.atomic
def change_calendar(
    calendar: Calendar, *, name: str, worker: User | None = None, does: Mapping[Service, bool] | None = None
) -> None:
    """Its name, who of the business works by it, and what it can do. `does`: whether it can do these services; of the
    others nothing changes.

    Raises ValidationFailed with `name`, `worker` or `services`.
    """
    lock_calendars(calendar.tradie_id)
    tradie = lock_business(calendar.tradie_id)
    if worker and not tradie.memberships.filter(user=worker).exists():
        raise ValidationFailed(NOT_HERE, fields={"worker": [NOT_HERE]})
    _require_new_name(tradie, name, unless=calendar)
    as_it_was = Calendar.objects.filter(pk=calendar.pk, name=name, worker=worker)
    changed = not as_it_was.exists()
    Calendar.objects.filter(pk=calendar.pk).update(name=name, worker=worker)
    calendar.name, calendar.worker = name, worker
    if _change_services(calendar, does or {}) or changed:
        audit.note(tradie.pk, Change.CREW_CHANGED, about=name)
        mark_offer_changed(tradie)


@transaction.atomic
def reorder_calendar(calendar: Calendar, *, by: int) -> None:
    """One place up (-1) or down (+1): of those who are free and equally busy, the first gets a booking."""
    lock_calendars(calendar.tradie_id)
    if move_row(calendar.tradie.calendars.all(), calendar.pk, by=by):
        mark_offer_changed(calendar.tradie)


@transaction.atomic
def stop_calendar(calendar: Calendar) -> None:
    """No new bookings. Those it has stay, and their customers can still cancel them or move them to somebody else.

    Raises ValidationFailed for the last that takes bookings.
    """
    lock_calendars(calendar.tradie_id)
    if not calendar.tradie.calendars.filter(is_active=True).exclude(pk=calendar.pk).exists():
        raise ValidationFailed(LAST_ONE)
    _set_active(calendar, is_active=False)


@transaction.atomic
def start_calendar(calendar: Calendar) -> None:
    """New bookings again, in the hours it had."""
    lock_calendars(calendar.tradie_id)
    _set_active(calendar, is_active=True)


@transaction.atomic
def let_customers_choose(tradie: Tradie, may: bool) -> None:
    """Whether they see who there is, and may ask for one of them."""
    lock_calendars(tradie.pk)
    may_not_yet = Tradie.objects.filter(pk=tradie.pk).exclude(customers_choose_who=may)
    changed = may_not_yet.update(customers_choose_who=may)
    tradie.customers_choose_who = may
    if not changed:
        return
    said = "customers may ask for one of them" if may else "customers may not ask for one of them"
    audit.note(tradie.pk, Change.CREW_CHANGED, detail=said)
    mark_offer_changed(tradie)


def who_does_what(tradie: Tradie, services: Sequence[Service]) -> list[tuple[Calendar, list[Service]]]:
    """Those that take bookings, in order, each with what it can do of these services; nothing where only one does."""
    crew = list(tradie.calendars.filter(is_active=True))
    return abilities(crew, services) if len(crew) > 1 else []


def everybody(tradie: Tradie) -> QuerySet[Calendar]:
    """Those that have stopped too, in order, with who works by them and whether they `has_hours`."""
    hours = WorkingHours.objects.filter(calendar=OuterRef("pk"))
    return tradie.calendars.select_related("worker").annotate(has_hours=Exists(hours))


def abilities(crew: Iterable[Calendar], services: Sequence[Service]) -> list[tuple[Calendar, list[Service]]]:
    """Each with what it can do of these services. One query."""
    named = _named(services)
    return [
        (calendar, [service for service in services if calendar.pk in (named[service.pk] or {calendar.pk})])
        for calendar in crew
    ]


def services_nobody_does(tradie: Tradie) -> QuerySet[Service]:
    """Those on offer that name only calendars that have stopped: no time of them can be booked."""
    named = tradie.services.filter(is_active=True, calendars__isnull=False)
    return named.exclude(calendars__is_active=True).distinct()


def _set_active(calendar: Calendar, *, is_active: bool) -> None:
    changed = Calendar.objects.filter(pk=calendar.pk).exclude(is_active=is_active).update(is_active=is_active)
    calendar.is_active = is_active
    if not changed:
        return
    said = "takes bookings again" if is_active else "takes no more bookings"
    audit.note(calendar.tradie_id, Change.CREW_CHANGED, about=calendar.name, detail=said)
    mark_offer_changed(calendar.tradie)


def _change_services(calendar: Calendar, does: Mapping[Service, bool]) -> bool:
    """A service that anybody could do names all others once one can't, and nobody again once everybody can. False:
    nothing changed."""
    changed = False
    crew = list(calendar.tradie.calendars.all())
    for service, named in zip(does, _named(does).values(), strict=True):
        who = [other for other in crew if other.pk in named] or crew
        able = [other for other in crew if (does[service] if other == calendar else other in who)]
        if not able:
            said = NOBODY_LEFT.format(service=service)
            raise ValidationFailed(said, fields={"services": [said]})
        if able != who:
            service.calendars.set([] if able == crew else able)
            changed = True
    return changed


def _named(services: Collection[Service]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """The calendars that each of these services names, in the order of the services."""
    named: dict[uuid.UUID, set[uuid.UUID]] = {service.pk: set() for service in services}
    rows = Calendar.services.through.objects.filter(service__in=named)
    for service_id, calendar_id in rows.values_list("service", "calendar"):
        named[service_id].add(calendar_id)
    return named


def _rename(calendar: Calendar, name: str, *, field: str = "name") -> None:
    _require_new_name(calendar.tradie, name, field=field, unless=calendar)
    Calendar.objects.filter(pk=calendar.pk).update(name=name)
    calendar.name = name


def _require_new_name(
    tradie: Tradie, name: str, *, field: str = "name", unless: Calendar | None = None
) -> None:
    same = tradie.calendars.filter(name__iexact=name)
    if (same.exclude(pk=unless.pk) if unless else same).exists():
        raise ValidationFailed(NAME_TAKEN, fields={field: [NAME_TAKEN]})

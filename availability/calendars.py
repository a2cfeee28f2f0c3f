"""The calendars of a business: locked by whoever takes their time or gives it back, and marked when that changed."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Func, TextField, Value

from accounts.models import Tradie

from . import slot_cache
from .models import Calendar


def lock_calendar(calendar_id: uuid.UUID) -> None:
    """Take the calendar's row for this transaction; everything that writes its time does so first.

    The exclusion constraint alone would deadlock when many want one slot. NO KEY: foreign keys to it stay insertable.
    Waits at most `lock_timeout`, then raises OperationalError (answered as 503).
    """
    Calendar.objects.select_for_update(no_key=True).only("pk").get(pk=calendar_id)


def lock_calendars(
    tradie_id: uuid.UUID, *, only: uuid.UUID | None = None, names: Collection[str] = ()
) -> None:
    """The same for all calendars of a business, or `only` one of them: for whoever takes the time of any that is free.

    `names` are held against whoever names one of them too, at any business, by the same statement. Always in one
    order, so that no two of them wait for each other.
    """
    wanted = Calendar.objects.filter(tradie=tradie_id)
    if only:
        wanted = wanted.filter(pk=only)
    held = [AdvisoryLock(Value(name)) for name in sorted(names)]
    list(wanted.order_by("pk").select_for_update(no_key=True).values_list("pk", *held))


class AdvisoryLock(Func):
    """Held until the transaction ends."""

    template = "pg_advisory_xact_lock(hashtextextended(%(expressions)s, 0))"
    output_field = TextField()


def mark_changed(tradie_id: uuid.UUID) -> None:
    """Say, inside the transaction that changes what is free, that it changed: as its last statement, because whoever
    else changes anything of this business waits for the row from here to the commit.

    Raises the version that is part of every cached answer, and drops the cached answers on commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_tradie SET calendar_version = calendar_version + 1 WHERE id = %s"
            " RETURNING slug, calendar_version",
            [tradie_id],
        )
        slug, version = cursor.fetchone()
    transaction.on_commit(lambda: slot_cache.drop(slug, version))


@transaction.atomic
def add_calendar(tradie: Tradie, name: str) -> Calendar:
    """One more, at the end of the order, open for every service; it has no hours yet."""
    last = tradie.calendars.order_by("-position").values_list("position", flat=True).first()
    calendar = Calendar.objects.create(tradie=tradie, name=name, position=0 if last is None else last + 1)
    mark_changed(tradie.pk)
    return calendar

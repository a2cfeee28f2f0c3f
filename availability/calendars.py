"""The calendars of a business: locked by whoever takes their time or gives it back, and marked when that changed."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Func, TextField

from accounts.models import Tradie
from accounts.profiles import forget_profile
from peepopay.written_once import Given, WrittenOnce

from . import slot_cache
from .models import Calendar


def lock_calendar(calendar_id: uuid.UUID) -> None:
    """Take the calendar's row for this transaction; everything that writes its time does so first.

    The exclusion constraint alone would deadlock when many want one slot. NO KEY: foreign keys to it stay insertable.
    Waits at most `lock_timeout`, then raises OperationalError (answered as 503).
    """
    Calendar.objects.select_for_update(no_key=True).only("pk").get(pk=calendar_id)


def lock_calendars(tradie_id: uuid.UUID, *, names: Collection[str] = ()) -> int:
    """The same for all calendars of a business: for whoever takes the time of any that is free, or changes which there
    are. Returns how many of them take bookings.

    `names` are held against whoever names one of them too, at any business, by the same statement. Always in one
    order, so that no two of them wait for each other.
    """
    held = {f"name{number}": name for number, name in enumerate(sorted(names))}
    return sum(row[0] for row in _locking(len(held))(tradie=tradie_id, **held))


@cache
def _locking(names: int) -> WrittenOnce[Any]:
    """Of the calendars of `tradie` whether each takes bookings, with `name0` and so on held."""
    held = [AdvisoryLock(Given(f"name{number}")) for number in range(names)]
    rows = Calendar.objects.filter(tradie=Given("tradie")).order_by("pk").select_for_update(no_key=True)
    return WrittenOnce(lambda: rows.values_list("is_active", *held))


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


def mark_offer_changed(tradie: Tradie) -> None:
    """The same where what customers read of the business changed too: its services, or who does them."""
    mark_changed(tradie.pk)
    forget_profile(tradie)

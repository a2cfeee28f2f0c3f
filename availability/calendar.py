"""The calendar of a tradie as one thing to lock and to mark as changed."""

from __future__ import annotations

import uuid

from django.db import connection, transaction

from accounts.models import Tradie

from . import slot_cache


def lock_calendar(tradie_id: uuid.UUID) -> Tradie:
    """Take the tradie's row for this transaction; everything that writes the calendar does so first.

    The exclusion constraint alone would deadlock when many want one slot. NO KEY: foreign keys to the
    tradie stay insertable. Waits at most `lock_timeout`, then raises OperationalError (answered as 503).
    """
    return Tradie.objects.select_for_update(no_key=True).get(pk=tradie_id)


def touch_calendar(tradie_id: uuid.UUID) -> None:
    """Say, inside the transaction that changes what is free, that it changed. Takes the lock as `lock_calendar` does.

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

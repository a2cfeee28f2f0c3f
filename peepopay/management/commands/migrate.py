"""manage.py migrate: Django's own; then the table of the cache, and the role's limits in this database."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections
from psycopg import sql

from peepopay.database import SESSION_LIMITS
from peepopay.migrating import in_use, until_unlocked


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # What is done stays done: another try goes on with the first migration that is missing.
        with in_use(connections[options["database"]]):
            until_unlocked(partial(super().handle, *args, **options))
        if not options["plan"]:
            call_command("createcachetable", database=options["database"], verbosity=0)
            limit_sessions(options["database"])


def limit_sessions(alias: str) -> None:
    """Write SESSION_LIMITS into the role that migrates, for this database: every new session of it has them, whichever
    way it comes. Not a migration, because a copy of a database that was restored elsewhere has none."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        role, database = (sql.Identifier(name) for name in cursor.fetchone())
        for name, value in SESSION_LIMITS.items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                    role, database, sql.Identifier(name), sql.Literal(value)
                )
            )

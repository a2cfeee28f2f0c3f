"""The statements of `outbox.py` that every piece of work is begun and ended with, written once for each kind of row:
the ORM can't write some of them, and the others only anew each time, which took longer than PostgreSQL's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection

from .alone import TRY_TO_HOLD
from .models import OutboxRow
from .written_rows import column, inserting, updating, values_of

Row = TypeVar("Row", bound=OutboxRow)
DUE = "done_at IS NULL AND dead_at IS NULL AND due_at <= %s"


# What makes a row that was given up due again.
BEGUN_ANEW = ("dead_at", "due_at", "attempts", "last_error", "running_since", "waiting_since")


def putting(rows: Sequence[OutboxRow], channel: str, *, reviving: bool) -> tuple[str, list[Any]]:
    """What writes new rows of one kind unless they are there, `reviving` those that were given up, and says so on the
    channel; and its values."""
    writing, values = inserting(rows)
    or_else = _reviving(type(rows[0])) if reviving else "DO NOTHING"
    return f"WITH put AS ({writing} ON CONFLICT {or_else}) SELECT pg_notify(%s, '')", [*values, channel]


@cache
def _reviving(model: type[OutboxRow]) -> str:
    table, key, _ = _names(model)
    anew = (column(model, name) for name in (*BEGUN_ANEW, *model.revived_as))
    changes = ", ".join(f"{name} = excluded.{name}" for name in anew)
    return f"""({key}) DO UPDATE SET {changes}, lease = {table}.lease + 1
        WHERE {table}.dead_at IS NOT NULL AND {table}.done_at IS NULL"""


@cache
def looking(models: tuple[type[OutboxRow], ...]) -> str:
    """Of an instant for each model: whether a row of it was due by then, a column each."""
    columns = (f"EXISTS (SELECT FROM {_names(model)[0]} WHERE {DUE})" for model in models)
    return f"SELECT {', '.join(columns)}"


@cache
def claiming(model: type[OutboxRow]) -> str:
    """Of (due by when, limit, lease's end): leases what is due, and gives key, lease and group of each."""
    table, key, _ = _names(model)
    # A row that failed before goes alone, so that no other waits for it again.
    group = f"CASE WHEN attempts = 0 THEN {column(model, model.together)} END" if model.together else "NULL"
    return f"""
        WITH due AS MATERIALIZED (
            SELECT {key} AS key FROM {table}
            WHERE {DUE}
            ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
        )
        UPDATE {table} SET due_at = %s, lease = lease + 1, waiting_since = coalesce(waiting_since, due_at)
        FROM due WHERE {table}.{key} = due.key RETURNING due.key, lease, {group}
        """  # noqa: S608 (names of our own tables)


@cache
def beginning(model: type[OutboxRow]) -> str:
    """Of (name, lease's end, now, what to say of an attempt that died, key, lease or None): holds the name, counts the
    attempt and reads the row, in one statement; as three they were half of a short task.

    Always one row: all columns, or NULLs where there is nothing to run; whether the name is held; whether it has begun.
    """
    table, key, columns = _names(model)
    return f"""
        WITH mine AS MATERIALIZED (SELECT {TRY_TO_HOLD} AS is_mine),
        begun AS (
            UPDATE {table} SET due_at = %s, running_since = %s,
                attempts = attempts + CASE WHEN running_since IS NULL THEN 1 ELSE 2 END,
                last_error = CASE WHEN running_since IS NULL THEN last_error ELSE %s END
            FROM mine
            WHERE is_mine AND {key} = %s AND lease = coalesce(%s, lease) AND done_at IS NULL AND dead_at IS NULL
            RETURNING {columns}
        )
        SELECT {columns}, is_mine, {key} IS NOT NULL FROM mine LEFT JOIN begun ON true
        """  # noqa: S608 (names of our own tables)


def row_of(model: type[Row], columns: Sequence[Any]) -> Row:
    """The row, of what `beginning` gives of its columns."""
    values = list(columns)
    for position, converters, expression in _converters(model):
        for convert in converters:
            values[position] = convert(values[position], expression, connection)
    return model.from_db(connection.alias, [field.attname for field in model._meta.concrete_fields], values)


@cache
def _converters(model: type[OutboxRow]) -> list[tuple[int, Any, Any]]:
    """What makes the columns into values, where they are not yet, by their place."""
    columns = [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]
    found = model._default_manager.all().query.get_compiler(connection.alias).get_converters(columns)
    return [(position, converters, column) for position, (converters, column) in found.items()]


def finishing(row: OutboxRow, changes: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """What saves these columns, unless the row is done, and its values."""
    changing = updating(type(row), tuple(changes))
    return f"{changing} AND done_at IS NULL", [*values_of(type(row), changes), row.pk]


def _names(model: type[OutboxRow]) -> tuple[str, str, str]:
    """As SQL writes them: the model's table, its key, all its columns."""
    columns = ", ".join(column(model, field.name) for field in model._meta.concrete_fields)
    return connection.ops.quote_name(model._meta.db_table), column(model, model._meta.pk.name), columns

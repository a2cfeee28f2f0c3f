"""Rows whose SQL is written once: new ones, and some columns of one that is there. Django writes it anew each time,
which for a booking and all that follows from it took longer than PostgreSQL does. As `written_once.py`, for what every
customer's way writes; no signals are sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import AutoField, Field, Model
from django.db.models.expressions import DatabaseDefault

Row = TypeVar("Row", bound=Model)


def insert(row: Row) -> Row:
    """As `save(force_insert=True)`, and raises what that does."""
    left = _left(row)
    with connection.cursor() as cursor:
        cursor.execute(_inserting(type(row), (left,)) + _returning(type(row), left), _values([row]))
        given = cursor.fetchone() if left else ()
    for field, value in zip(left, given, strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias
    return row


def insert_together(*rows: Model) -> None:
    """New rows of several tables in one statement, in this order; raises what `insert` does. What the database gives
    of their values, such as numbers that it draws, they don't know afterwards."""
    *others, last = (_inserting(type(row), (_left(row),)) for row in rows)
    before = ", ".join(f"row_{number} AS ({statement})" for number, statement in enumerate(others))
    values = [value for row in rows for value in _values([row])]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {before} {last}" if before else last, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_unless_there(rows: Sequence[Model]) -> None:
    """As `bulk_create(rows, ignore_conflicts=True)`."""
    statement, values = inserting(rows)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", values)


def inserting(rows: Sequence[Model]) -> tuple[str, list[Any]]:
    """What writes these rows of one table, for a statement that does more than that, and its values."""
    return _inserting(type(rows[0]), tuple(map(_left, rows))), _values(rows)


def update(row: Model, **changes: Any) -> None:
    """As `save(update_fields=...)` of a row that is known to be there."""
    for name, value in changes.items():
        setattr(row, name, value)
    with connection.cursor() as cursor:
        cursor.execute(updating(type(row), tuple(changes)), [*values_of(type(row), changes), row.pk])


@cache
def updating(model: type[Model], names: tuple[str, ...]) -> str:
    """Of a value for each of these columns and a key."""
    changes = ", ".join(f"{column(model, name)} = {_place(_field(model, name))}" for name in names)
    table, key = connection.ops.quote_name(model._meta.db_table), column(model, model._meta.pk.name)
    return f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608 (names of our own tables)


def values_of(model: type[Model], changes: Mapping[str, Any]) -> list[Any]:
    """As the columns take them. A relation is named by its column (`booking_id`)."""
    return [_field(model, name).get_db_prep_save(value, connection) for name, value in changes.items()]


def column(model: type[Model], name: str) -> str:
    """As SQL writes it."""
    return connection.ops.quote_name(_field(model, name).column)


@cache
def _inserting(model: type[Model], left: tuple[tuple[Any, ...], ...]) -> str:
    """A row for each of `left`."""
    fields = model._meta.concrete_fields
    names = ", ".join(column(model, field.name) for field in fields)
    rows = (", ".join("DEFAULT" if field in those else _place(field) for field in fields) for those in left)
    table = connection.ops.quote_name(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES {', '.join(f'({row})' for row in rows)}"  # noqa: S608


@cache
def _returning(model: type[Model], fields: tuple[Any, ...]) -> str:
    return f" RETURNING {', '.join(column(model, field.name) for field in fields)}" if fields else ""


def _left(row: Model) -> tuple[Any, ...]:
    """The fields whose values the database gives: a number that it draws, or a default of its own."""
    return tuple(field for field in row._meta.db_returning_fields if _is_left(row, field))


def _is_left(row: Model, field: Any) -> bool:
    value = getattr(row, field.attname)
    return isinstance(value, DatabaseDefault) or (value is None and isinstance(field, AutoField))


def _values(rows: Sequence[Model]) -> list[Any]:
    return [
        field.get_db_prep_save(field.pre_save(row, True), connection)
        for row in rows
        for field in row._meta.concrete_fields
        if not (field in row._meta.db_returning_fields and _is_left(row, field))
    ]


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


def _place(field: Field[Any, Any]) -> str:
    """Arrays say of what."""
    placeholder = getattr(field, "get_placeholder", None)
    return str(placeholder([], None, connection)) if placeholder else "%s"

"""Queries whose SQL is written once. Django writes it anew each time a query is asked, which for a booking with its
business and calendar takes longer than PostgreSQL's answer.

    _by_token = WrittenOnce(lambda: Booking.objects.select_related("tradie").filter(token_hash=Given("token_hash")))
    found = _by_token(token_hash=hash_of(token))

For what is asked by every customer; what it gives are the same objects as those of the query itself.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet

Row = TypeVar("Row")


class Given(Expression):
    """Stands in a query for a value that is given each time it is asked: a text, a number, a UUID or an instant."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=Field())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class WrittenOnce(Generic[Row]):
    """`make` makes the query when it is first asked; it selects whole rows, or with `values_list` columns. One that
    locks must always be asked in a transaction: Django looks whether there is one only while it writes."""

    def __init__(self, make: Callable[[], QuerySet[Any, Row]]) -> None:
        self.make = make

    @cached_property
    def _written(self) -> tuple[Any, Any, str, list[Any]]:
        """What makes rows into what is asked for; the compiler, which knows which column goes where; what it wrote."""
        asked: Any = self.make()
        compiler = asked.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, values = compiler.as_sql()
        return asked._iterable_class, compiler, sql, list(values)

    def __call__(self, **given: Any) -> list[Row]:
        """One query."""
        read, compiler, sql, values = self._written
        asked = copy(compiler)  # threads have connections of their own
        asked.connection = connections[DEFAULT_DB_ALIAS]
        written = sql, [given[value.name] if isinstance(value, Given) else value for value in values]
        asked.as_sql = lambda: written
        stand_in: Any = _Asked(asked)
        return list(read(stand_in))

    def only(self, **given: Any) -> Row | None:
        """The one row, or None."""
        return next(iter(self(**given)), None)


class _Asked:
    """What Django's maker of objects wants to know of a queryset and its query."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: Any) -> None:
        self.compiler, self.query = compiler, self

    def get_compiler(self, using: str) -> Any:
        return self.compiler

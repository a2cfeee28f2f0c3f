"""Rounds over many rows in which none spoils it for the others."""

from __future__ import annotations

import itertools
import logging

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from peepopay import sweeps

pytestmark = pytest.mark.django_db(transaction=True)


def test_counts_what_was_done() -> None:
    assert sweeps.each([1, 2, 3, 4], lambda number: number % 2 == 0) == 2


def test_what_raises_is_noted_and_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    def act(number: int) -> bool:
        if number == 2:
            raise ZeroDivisionError("about jo@example.com")
        return True

    with caplog.at_level(logging.WARNING):
        assert sweeps.each([1, 2, 3], act) == 2
    (line,) = [record.getMessage() for record in caplog.records]
    assert "act 2: ZeroDivisionError at sweeps.py:" in line
    assert "jo@example.com" not in line


def test_a_lost_connection_costs_one_row() -> None:
    def act(number: int) -> bool:
        with connection.cursor() as cursor:
            if number == 2:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            cursor.execute("SELECT %s", [number])
            return bool(cursor.fetchone())

    assert sweeps.each([1, 2, 3], act) == 2


def test_ends_when_its_time_is_up() -> None:
    assert sweeps.each(itertools.count(), lambda _: True, seconds=0.1) > 0


def test_the_end_of_a_tasks_own_time_ends_it_too() -> None:
    def act(_number: int) -> bool:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        sweeps.each([1, 2], act)

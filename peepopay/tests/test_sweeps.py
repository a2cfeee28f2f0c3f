"""Rounds over many rows in which none spoils it for the others."""

from __future__ import annotations

import itertools
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection
from django.utils import timezone

from peepopay import sweeps
from peepopay.models import RateCount
from peepopay.throttling import count_try

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


def test_a_nights_work_goes_on_past_what_fails(caplog: pytest.LogCaptureFixture) -> None:
    def forget_some(now: datetime) -> int:
        return 3

    def forget_none(now: datetime) -> int:
        raise OperationalError("canceling statement due to statement timeout")

    with caplog.at_level(logging.WARNING):
        assert sweeps.every(forget_some, forget_none, forget_some, now=timezone.now()) == 6
    assert "forget_none: OperationalError" in caplog.text


def test_what_ran_out_goes_in_small_transactions_as_far_as_the_time_allows(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 2)
    for number in range(5):
        count_try(f"{number}", window=timedelta(minutes=1), now=timezone.now())
    rows = RateCount.objects.filter(key__lte="4")
    assert sweeps.forget(rows, seconds=0) == 0
    with django_assert_num_queries(3 * 3):  # BEGIN, DELETE, COMMIT
        assert sweeps.forget(rows) == 5

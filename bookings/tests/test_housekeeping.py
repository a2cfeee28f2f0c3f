"""What the night drops: only what has run out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from bookings import housekeeping
from bookings.housekeeping import forget_old_rows
from local.testing.cast import make_user
from peepopay.models import RateCount
from peepopay.throttling import count_try


def test_counters_sessions_and_cached_values_go_when_they_have_run_out(db: None) -> None:
    now = timezone.now()
    count_try("old", window=timedelta(minutes=1), now=now - timedelta(hours=2))
    count_try("new", window=timedelta(minutes=1), now=now)
    for seconds in (60, 3600):
        session = SessionStore()
        session.set_expiry(seconds)
        session.create()
        cache.set(f"for-{seconds}", "x", seconds)
    assert forget_old_rows(now=now + timedelta(minutes=2)) == 3
    assert (RateCount.objects.get().key, Session.objects.count()) == ("new", 1)
    assert (cache.get("for-60"), cache.get("for-3600")) == (None, "x")


def test_a_browser_is_forgotten_with_its_session(db: None) -> None:
    now, user = timezone.now(), make_user("sam@example.com")
    for seconds in (60, 3600):
        session = SessionStore()
        session.set_expiry(seconds)
        session.create()
        user.browsers.create(session_key=session.session_key, signed_in_at=now - timedelta(hours=1))
    user.browsers.create(session_key="is-being-written", signed_in_at=now)
    forget_old_rows(now=now + timedelta(minutes=2))
    left = set(user.browsers.values_list("session_key", flat=True))
    assert left == {Session.objects.get().session_key, "is-being-written"}


@pytest.mark.django_db(transaction=True)
def test_what_can_not_go_keeps_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(now: datetime) -> int:
        raise TimeoutError

    monkeypatch.setattr(housekeeping, "STEPS", (locked, *housekeeping.STEPS))
    now = timezone.now()
    count_try("old", window=timedelta(minutes=1), now=now - timedelta(hours=2))
    assert forget_old_rows(now=now) == 1

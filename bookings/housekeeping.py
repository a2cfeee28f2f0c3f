"""Rows that have served their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.invitations import forget_old as forget_invitations
from peepopay.models import RateCount

RATE_COUNTS_FOR = timedelta(hours=1)


def forget_old_rows(*, now: datetime) -> int:
    """Counters of windows that are over, and invitations; returns how many went."""
    deleted, _ = RateCount.objects.filter(ends_at__lt=now - RATE_COUNTS_FOR).delete()
    return deleted + forget_invitations(now=now)

"""Accounts that somebody asked for and nobody confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta

from peepopay import sweeps

from .models import User

KEPT_FOR = timedelta(days=7)


def forget_unconfirmed(*, now: datetime) -> int:
    """Whoever it was can sign up again. Returns how many went."""
    unconfirmed = User.objects.filter(
        date_joined__lt=now - KEPT_FOR, last_login=None, is_staff=False, memberships=None
    ).exclude(emailaddress__verified=True)
    return sweeps.forget(unconfirmed)

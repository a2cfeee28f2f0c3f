"""Accounts that somebody asked for and nobody confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta

from .models import User

KEPT_FOR = timedelta(days=7)
MOST_AT_ONCE = 1000  # the next night takes the rest


def forget_unconfirmed(*, now: datetime) -> int:
    """Whoever it was can sign up again. Returns how many went."""
    unconfirmed = User.objects.filter(
        date_joined__lt=now - KEPT_FOR, last_login=None, is_staff=False, memberships=None
    ).exclude(emailaddress__verified=True)
    _, deleted = User.objects.filter(pk__in=unconfirmed.values("pk")[:MOST_AT_ONCE]).delete()
    return deleted.get(User._meta.label, 0)

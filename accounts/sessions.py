"""Ending a person's sessions, wherever they are kept."""

from __future__ import annotations

from django.db.models import F

from .browser_models import SignedInBrowser
from .models import User


def end_sessions(user: User) -> None:
    """Every session of theirs ends with its next request, on every device.

    A session carries a hash of the epoch (`User.session_epoch`), which is compared with the row on each request: it
    can't come back from a cache that was away when it ended.
    """
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    SignedInBrowser.objects.filter(user=user).delete()

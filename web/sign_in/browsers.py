"""Where somebody is signed in is written down, for them to see: `sessions.py`."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from accounts.browser_models import SignedInBrowser
from accounts.models import User
from peepopay.client_address import client_address


def note(request: HttpRequest) -> None:
    """Somebody has signed in, or chosen another password, and the session has its key for that: at the answer."""
    user: User | None = getattr(request, "known_to", None)
    if user is None or (key := request.session.session_key) is None:
        return
    said = {
        "user": user,
        "signed_in_at": timezone.now(),
        "address": client_address(request)[:60],
        "user_agent": request.headers.get("User-Agent", "").replace("\x00", "")[:300],
    }
    SignedInBrowser.objects.update_or_create(session_key=key, defaults=said)

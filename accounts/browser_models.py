"""The browsers in which somebody is signed in, for them to see."""

from __future__ import annotations

from django.db import models


class SignedInBrowser(models.Model):
    """Of one session; it goes in the night after the session is over."""

    session_key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="browsers")
    signed_in_at = models.DateTimeField()
    address = models.CharField(max_length=60, blank=True)  # of IPv6 the network
    user_agent = models.CharField(max_length=300, blank=True)  # as the browser says

    def __str__(self) -> str:
        return f"of {self.user_id}"

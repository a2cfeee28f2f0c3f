"""The private address under which a person's own calendar program reads their jobs."""

from __future__ import annotations

import uuid

from django.db import models


class CalendarFeed(models.Model):
    """One for each person of a business, ended with their place in it. The secret of the address is derived, never
    stored; see `feeds.py`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.OneToOneField(
        "accounts.Membership", on_delete=models.CASCADE, related_name="calendar_feed"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True, help_text="To the hour.")

    def __str__(self) -> str:
        return f"of {self.member_id}"

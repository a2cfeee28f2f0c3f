"""The phones that are told of what happens, though nobody has the page open."""

from __future__ import annotations

import uuid

from django.db import models

from accounts.browser_models import SignedInBrowser
from accounts.models import Membership


class PushSubscription(models.Model):
    """One phone of somebody in a business, for as long as they are signed in there. Where it is reached, and the keys
    that only it can read with, are sealed; see `phones.py`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="phones")
    browser = models.ForeignKey(SignedInBrowser, on_delete=models.CASCADE, related_name="phones")
    endpoint_hash = models.CharField(max_length=64)
    sealed = models.TextField()
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When its push service last took something."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint_hash"], name="push_subscription_once_per_phone")
        ]

    def __str__(self) -> str:
        return f"a phone of {self.member_id}"

"""An account that is being opened at Stripe."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from accounts.models import Tradie


class AccountOpening(models.Model):
    """Written before Stripe is asked, gone once the account is known: whoever presses again meanwhile asks for the same
    one, in the same words, under the same key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.OneToOneField(Tradie, on_delete=models.CASCADE, related_name="+")
    parameters = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at"]

    def __str__(self) -> str:
        return f"account of {self.tradie_id}"

    @property
    def key(self) -> str:
        return f"pp-ac-{self.pk}"

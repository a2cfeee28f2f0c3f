"""Messages to customers and tradies: what was to be sent, and what became of it."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Tradie
from peepopay.models import OutboxRow


class Channel(models.TextChoices):
    EMAIL = "email", "Email"
    SMS = "sms", "SMS"


class Audience(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    TRADIE = "tradie", "Tradie"
    INVITED = "invited", "Somebody invited"


class Message(OutboxRow):
    """One message to one person over one channel. `about` is the id of what it speaks of, such as a booking: whoever
    registered its `kind` knows what that is."""

    queue = "messages"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="messages")
    about = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=40)  # see `kinds.py`
    audience = models.CharField(max_length=8, choices=Audience)
    channel = models.CharField(max_length=5, choices=Channel)
    recipient = models.CharField(max_length=254)
    dedupe_key = models.CharField(max_length=160)
    facts = models.JSONField(
        default=dict, blank=True
    )  # what the change knew and no row keeps: {"refund_cents": 3000}
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    skipped_because = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=200, blank=True)  # as it was sent

    class Meta(OutboxRow.Meta):
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="message_sent_once_per_event")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.audience} by {self.channel}"

    @property
    def state(self) -> str:
        """waiting, retrying, sent, skipped or failed."""
        if self.sent_at:
            return "sent"
        if self.done_at:
            return "skipped"
        if self.dead_at:
            return "failed"
        return "retrying" if self.last_error else "waiting"


class Recipient(models.Model):
    """What an e-mail address or phone number got lately, without saying which it is; see `budgets.py`."""

    key = models.CharField(max_length=80, primary_key=True)  # "person:email:" and a keyed hash
    sent = ArrayField(models.DateTimeField())  # of the last 24 hours
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key

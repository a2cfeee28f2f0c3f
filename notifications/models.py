"""Messages to customers and tradies, and events to the tradies' own systems: what was to be sent, and what became of
it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Tradie
from peepopay.models import OutboxRow
from peepopay.outbound import LONGEST_URL

from .contact_models import FirstReminder as FirstReminder
from .contact_models import LastReminder as LastReminder
from .contact_models import MessageSettings as MessageSettings  # so that Django finds them
from .contact_models import News as News
from .contact_models import NewsChoice as NewsChoice
from .contact_models import OptOut as OptOut
from .contact_models import StoppedBy as StoppedBy
from .contact_models import TextSeen as TextSeen
from .push_models import PushSubscription as PushSubscription


class Channel(models.TextChoices):
    EMAIL = "email", "Email"
    SMS = "sms", "SMS"
    PUSH = "push", "Phone"


class Audience(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    TRADIE = "tradie", "Tradie"
    INVITED = "invited", "Somebody invited"


def state_of(row: Message | AccountMail) -> str:
    if row.sent_at:
        return "sent"
    if row.done_at:
        return "skipped"
    if row.dead_at:
        return "failed"
    return "retrying" if row.last_error else "waiting"


class Message(OutboxRow):
    """One message to one person over one channel. `about` is the id of what it speaks of, such as a booking: whoever
    registered its `kind` knows what that is."""

    queue = "messages"
    together = "about"
    no_hurry = timedelta(seconds=2)

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
        return state_of(self)


class AccountMail(OutboxRow):
    """A mail of signing in: a code, a link, news of the account. To whom and what is sealed; see `account_mails.py`."""

    queue = "messages"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)  # its templates, after account/email/ or mfa/email/
    sealed = models.TextField(blank=True)  # nothing once it was sent or is out of date
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True, help_text="From then on nobody could use it.")
    sent_at = models.DateTimeField(null=True, blank=True)
    skipped_because = models.CharField(max_length=200, blank=True)

    class Meta(OutboxRow.Meta):
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="account_mail_wiped_once_sent", condition=Q(sent_at__isnull=True) | Q(sealed="")
            )
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def state(self) -> str:
        """waiting, retrying, sent, skipped or failed."""
        return state_of(self)


class Recipient(models.Model):
    """What an e-mail address or phone number got lately, without saying which it is; see `budgets.py`."""

    key = models.CharField(max_length=80, primary_key=True)  # "person:email:" and a keyed hash
    sent = ArrayField(models.DateTimeField())  # of the last 24 hours
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key


class WebhookEndpoint(models.Model):
    """Where a business wants to be told of its events. Its secret is derived, never stored; see
    `webhooks/endpoints.py`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=LONGEST_URL)
    description = models.CharField(max_length=80, blank=True)
    event_types = ArrayField(models.CharField(max_length=40))  # names of `webhooks/event_types.py`
    secret_number = models.PositiveSmallIntegerField(default=1)
    secret_hash = models.CharField(max_length=64)
    former_secret_hash = models.CharField(max_length=64, blank=True)
    former_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0, help_text="In a row, whichever event it was.")
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    switched_off_at = models.DateTimeField(null=True, blank=True)
    switched_off_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tradie", "url"], name="webhook_endpoint_once_per_url"),
            models.CheckConstraint(
                name="webhook_endpoint_former_secret_has_an_end",
                condition=Q(former_secret_hash="") | Q(former_secret_until__isnull=False),
            ),
            models.CheckConstraint(
                name="webhook_endpoint_failing_since_its_first_failure",
                condition=Q(failures=0, failing_since__isnull=True)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookEvent(models.Model):
    """Something that happened, as its business is told: the same to every endpoint and in every try."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="webhook_events")
    type = models.CharField(max_length=40)
    about = models.UUIDField(db_index=True)  # of which booking, say
    data = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class WebhookDelivery(OutboxRow):
    """One event on its way to one endpoint. What is not delivered in time is given up as done: it waits for its
    business, not for an operator."""

    queue = "outgoing"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    created_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often it was sent.")
    tried_at = models.DateTimeField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer_text = models.CharField(max_length=300, blank=True)
    problem = models.CharField(max_length=200, blank=True, help_text="Why the last try failed.")
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta(OutboxRow.Meta):
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "endpoint"],
                name="webhook_delivery_one_on_its_way",
                condition=Q(done_at__isnull=True),
            )
        ]
        indexes = [
            *OutboxRow.Meta.indexes,
            models.Index(fields=["endpoint", "-created_at"], name="webhook_delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"

    @property
    def state(self) -> str:
        """waiting, retrying, delivered or failed."""
        if self.delivered_at:
            return "delivered"
        if self.done_at or self.dead_at:
            return "failed"
        return "retrying" if self.tries else "waiting"

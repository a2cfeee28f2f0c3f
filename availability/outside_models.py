"""A calendar that somebody keeps elsewhere: what is on there holds their time here."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from peepopay.models import OutboxRow


class OutsideKind(models.TextChoices):
    ICS = "ics", "Read at its address"
    CALDAV = "caldav", "Read and written by CalDAV"


class OutsideCalendar(OutboxRow):
    """Work that is never done: it comes due again and again, to be read (`outside.read`). Its times are rows of
    `TimeOff` and go with it; of what is on there nothing else is kept. Where it is and what opens it is sealed."""

    queue = "outgoing"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    calendar = models.ForeignKey(
        "availability.Calendar", on_delete=models.CASCADE, related_name="outside_calendars"
    )
    kind = models.CharField(
        max_length=8, choices=OutsideKind, default=OutsideKind.ICS, db_default=OutsideKind.ICS
    )
    name = models.CharField(max_length=60)
    host = models.CharField(max_length=255, help_text="Of its address, whose rest is often a secret.")
    sealed = models.TextField(editable=False)
    address_hash = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When what is known was last so.")
    whole_at = models.DateTimeField(null=True, blank=True, help_text="When all of it was last read.")
    in_zone = models.CharField(max_length=64, blank=True, help_text="Whose days whole days were then.")
    etag = models.CharField(max_length=300, blank=True, help_text="Or what CalDAV has for it.")
    last_modified = models.CharField(max_length=100, blank=True)
    collection = models.CharField(
        max_length=500, blank=True, db_default="", help_text="Where the calendar is on its CalDAV server."
    )
    choices = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        help_text="Addresses and names of those that the account has, until one is chosen.",
    )
    failing_since = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta(OutboxRow.Meta):
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "address_hash"], name="outside_calendar_read_once"),
            models.CheckConstraint(
                name="outside_calendar_kind_known", condition=Q(kind__in=OutsideKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.host})"

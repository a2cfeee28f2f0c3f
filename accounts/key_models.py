"""The keys by which a business's own programs come in."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Scope(models.TextChoices):
    """Something a program may do; the label completes "may ..."."""

    BOOKINGS_READ = "bookings:read", "read bookings, with names, phone numbers and addresses of customers"
    BOOKINGS_MAKE = "bookings:make", "book a time for a customer, also against your booking rules"
    BOOKINGS_CHANGE = "bookings:change", "approve, decline, move, cancel and note bookings"
    SERVICES_READ = "services:read", "read services, also those that are not on offer"
    SERVICES_CHANGE = "services:change", "add, change and remove services, with their prices"
    HOURS_READ = "hours:read", "read working hours and time off"
    HOURS_CHANGE = "hours:change", "change working hours and time off"
    INVOICES_READ = "invoices:read", "read invoices and credit notes, with names and addresses of customers"
    QUOTES_READ = "quotes:read", "read quotes, with names, phone numbers and addresses of customers"
    PROFILE_READ = "profile:read", "read whose key it is"


class ApiKey(models.Model):
    """A program's way in, in the name of the owner who made it: it ends with their place in the business. The key is
    derived, never stored; see `api_keys.py`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Not the user: whoever leaves takes no way in along.
    member = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=20))  # of Scope
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="api_key_scopes_known",
                condition=models.Q(scopes__contained_by=Scope.values) & ~models.Q(scopes=[]),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may(self) -> list[Scope]:
        return [Scope(scope) for scope in Scope.values if scope in self.scopes]

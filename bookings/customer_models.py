"""Who books, across their bookings: one row for a person of a business, known by their numbers and addresses."""

from __future__ import annotations

import uuid

from django.db import models

from accounts.models import Tradie


class Customer(models.Model):
    """A person as one business knows them. Made with their first booking, or brought along; gone with the details of
    their last."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, models.PROTECT, related_name="customers", db_index=False)
    name = models.CharField(max_length=120)
    notes = models.TextField(max_length=4000, blank=True, default="", db_default="")
    blocked_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when they can't book online and are asked to call."
    )
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When they last began to book.")
    imported_at = models.DateTimeField(
        null=True, blank=True, help_text="When their business brought them along from a file."
    )

    class Meta:
        ordering = ["-seen_at", "id"]
        indexes = [models.Index(fields=["tradie", "-seen_at"], name="customer_by_tradie_latest")]

    def __str__(self) -> str:
        return self.name


class CustomerContact(models.Model):
    """A phone number (E.164) or an e-mail address (in small letters) by which they are known."""

    id = models.BigAutoField(primary_key=True)
    tradie = models.ForeignKey(Tradie, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts")
    value = models.CharField(max_length=254)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tradie", "value"], name="customer_contact_is_one_persons")
        ]

    def __str__(self) -> str:
        return self.value

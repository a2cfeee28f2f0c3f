"""Somebody who found no time that suits and waits for one."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Service, Tradie
from peepopay.phone_column import PhoneColumn, is_e164


class Waiter(models.Model):
    """Waits for one job at one business; `waitlist.py` says who may, `waitlist_offers.py` what they are offered.

    `offer` is the booking that holds a time for them as long as they think about it. Goes once they are booked, and by
    itself some time after; see `waitlist.py`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, models.CASCADE, related_name="waiters", db_index=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    phone = PhoneColumn()
    email = models.EmailField(blank=True)
    day = models.DateField(null=True, blank=True, help_text="That day only; without one any will do.")
    sooner_than = models.DateField(
        null=True, blank=True, help_text="The first free day when they asked: they wait for one before it."
    )
    token_hash = models.CharField(max_length=64, unique=True)
    offer = models.OneToOneField(
        "bookings.Booking", models.SET_NULL, null=True, blank=True, related_name="waiter"
    )
    offered = ArrayField(
        models.DateTimeField(), default=list, blank=True, help_text="What they were offered so far."
    )
    # For which state of the calendar, and when, something was looked for.
    seen_version = models.BigIntegerField(default=0, editable=False)
    looked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(name="waiter_phone_is_e164", condition=is_e164("phone")),
            # However often they press: they wait once.
            models.UniqueConstraint(fields=["tradie", "service", "phone"], name="waiter_once_for_a_service"),
        )

    def __str__(self) -> str:
        return self.name

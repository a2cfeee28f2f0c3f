"""Somebody who left their number with a business instead of booking."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Tradie, User
from peepopay.phone_column import PhoneColumn, is_e164

LONGEST_ABOUT = 500


class CallBack(models.Model):
    """Waits on Today until somebody called. Goes by itself some time after; see `call_backs.py`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, models.CASCADE, related_name="call_backs", db_index=False)
    name = models.CharField(max_length=120)
    phone = PhoneColumn()
    about = models.TextField(blank=True, max_length=LONGEST_ABOUT)
    created_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(name="call_back_phone_is_e164", condition=is_e164("phone")),
            # However often they press: they are called once.
            models.UniqueConstraint(
                fields=["tradie", "phone"],
                name="call_back_one_at_a_time",
                condition=Q(called_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.name

"""What a business sells."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from peepopay.money import percent_of

from .policy_columns import PolicyColumns
from .service_rules import LONGEST_JOB_MINUTES, SERVICE_RULES, DepositIs, DepositKind


class Service(PolicyColumns):
    """A job a customer can book. Prices are in cents and include GST; lengths are in minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey("accounts.Tradie", on_delete=models.CASCADE, related_name="services")
    name = models.CharField(max_length=120)
    description = models.TextField(max_length=2000, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(5), MaxValueValidator(LONGEST_JOB_MINUTES)]
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(240)])
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(240)])
    arrival_window_minutes = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How long after the start we may arrive; 0: at the start."
    )
    price_cents = models.PositiveIntegerField(default=0)
    price_from = models.BooleanField(default=False, help_text="Shown as “from $120”.")
    deposit_kind = models.CharField(max_length=8, choices=DepositKind, default=DepositKind.NONE)
    deposit_fixed_cents = models.PositiveIntegerField(default=0)
    deposit_percent = models.PositiveSmallIntegerField(default=0)
    requires_approval = models.BooleanField(default=False)
    questions = models.JSONField(default=list, blank=True)  # a list of QuestionRow
    deposit_is = models.CharField(
        max_length=12, choices=DepositIs, default=DepositIs.SECURITY, db_default=DepositIs.SECURITY
    )
    follows_business_policy = models.BooleanField(default=False, db_default=False)
    is_residential_building = models.BooleanField(default=False, db_default=False)
    cap_override_reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = SERVICE_RULES
        indexes = [models.Index(fields=["tradie", "position"], name="service_by_tradie_in_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def deposit_cents(self) -> int:
        """What is paid when booking, in cents; 0 where no deposit is due."""
        match self.deposit_kind:
            case DepositKind.FIXED:
                return self.deposit_fixed_cents
            case DepositKind.PERCENT:
                return percent_of(self.price_cents, self.deposit_percent)
            case DepositKind.FULL:
                return self.price_cents
        return 0

    @property
    def deposit_treatment(self) -> DepositIs:
        """A price paid in full is no security for anything."""
        return DepositIs.PART_PAYMENT if self.deposit_kind == DepositKind.FULL else DepositIs(self.deposit_is)

    @property
    def policy(self) -> dict[str, Any]:
        """The cancellation policy that applies: the service's own, or that of its business."""
        return self.tradie.own_policy if self.follows_business_policy else self.own_policy

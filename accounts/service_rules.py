"""What a service can be, as constraints of its table: each with the field to change and the sentence that says so."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThanOrEqual

from peepopay.money import MINIMUM_CHARGE_CENTS

LONGEST_JOB_MINUTES = 720


class DepositKind(models.TextChoices):
    NONE = "none", "No deposit"
    FIXED = "fixed", "A fixed amount"
    PERCENT = "percent", "A percentage of the price"
    FULL = "full", "The full price"


SERVICE_RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="service_lasts_5_minutes_to_12_hours",
        condition=Q(duration_minutes__gte=5, duration_minutes__lte=LONGEST_JOB_MINUTES),
        violation_error_code="duration_minutes",
        violation_error_message="A service lasts from 5 minutes to 12 hours.",
    ),
    models.CheckConstraint(
        name="service_buffers_at_most_4_hours",
        condition=Q(buffer_before_minutes__lte=240, buffer_after_minutes__lte=240),
        violation_error_code="buffer_before_minutes",
        violation_error_message="Free time before and after is at most 240 minutes each.",
    ),
    models.CheckConstraint(
        name="service_price_at_most_a_million",
        condition=Q(price_cents__lte=100_000_000),
        violation_error_code="price_cents",
        violation_error_message="The price is at most $1,000,000.",
    ),
    models.CheckConstraint(
        name="service_deposit_kind_known",
        condition=Q(deposit_kind__in=DepositKind.values),
        violation_error_code="deposit_kind",
        violation_error_message="Choose what the customer pays.",
    ),
    models.CheckConstraint(
        name="service_fixed_deposit_is_chargeable",
        condition=~Q(deposit_kind="fixed")
        | Q(deposit_fixed_cents__gte=MINIMUM_CHARGE_CENTS, deposit_fixed_cents__lte=F("price_cents")),
        violation_error_code="deposit_fixed_cents",
        violation_error_message="A fixed deposit is at least $0.50 and at most the price.",
    ),
    models.CheckConstraint(
        name="service_percent_deposit_is_chargeable",
        condition=~Q(deposit_kind="percent")
        | Q(
            GreaterThanOrEqual(F("price_cents") * F("deposit_percent"), MINIMUM_CHARGE_CENTS * 100),
            deposit_percent__gte=1,
            deposit_percent__lte=99,
        ),
        violation_error_code="deposit_percent",
        violation_error_message="Choose 1 to 99 percent, so that the deposit is at least $0.50.",
    ),
    models.CheckConstraint(
        name="service_full_deposit_is_chargeable",
        condition=~Q(deposit_kind="full") | Q(price_cents__gte=MINIMUM_CHARGE_CENTS),
        violation_error_code="price_cents",
        violation_error_message="To be paid in full when booking, the price must be at least $0.50.",
    ),
    models.CheckConstraint(
        name="service_refund_ends_after_it_is_free",
        condition=Q(no_refund_hours__lte=F("free_cancellation_hours")),
        violation_error_code="no_refund_hours",
        violation_error_message="This can't be longer before the start than the time until which"
        " cancelling is free.",
    ),
]

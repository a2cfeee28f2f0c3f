"""What a service can be, as constraints of its table: each with the field to change and the sentence that says so."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from peepopay.money import MINIMUM_CHARGE_CENTS

from .policy_columns import LONGEST_WITHOUT_REFUND_HOURS, policy_rules

LONGEST_JOB_MINUTES = 720
SHORTEST_WINDOW_MINUTES, LONGEST_WINDOW_MINUTES = 30, 240


class DepositKind(models.TextChoices):
    NONE = "none", "No deposit"
    FIXED = "fixed", "A fixed amount"
    PERCENT = "percent", "A percentage of the price"
    FULL = "full", "The full price"


class DepositIs(models.TextChoices):
    """What a deposit is to the tax office: when GST on it falls due hangs on it (`law.py`)."""

    SECURITY = "security", "A security deposit"
    PART_PAYMENT = "part_payment", "A part payment of the price"


# In cents times a hundred, and wider than the columns: a million dollars times 99 percent would not fit in them.
_HUNDREDTHS = Cast(F("price_cents"), models.BigIntegerField()) * F("deposit_percent")
_OWN_FIXED_FEE = Q(follows_business_policy=False, late_fee_kind="fixed") & ~Q(deposit_kind="none")

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
        name="service_arrives_within_4_hours",
        condition=Q(arrival_window_minutes=0)
        | Q(
            arrival_window_minutes__gte=SHORTEST_WINDOW_MINUTES,
            arrival_window_minutes__lte=LONGEST_WINDOW_MINUTES,
        ),
        violation_error_code="arrival_window_minutes",
        violation_error_message="An arrival window is 30 to 240 minutes; 0 is the exact time.",
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
            GreaterThanOrEqual(_HUNDREDTHS, MINIMUM_CHARGE_CENTS * 100),
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
    *policy_rules("service"),
    models.CheckConstraint(
        name="service_late_fee_within_the_deposit",
        condition=~_OWN_FIXED_FEE
        | Q(deposit_kind="fixed", late_fee_cents__lte=F("deposit_fixed_cents"))
        | Q(
            LessThanOrEqual(Cast(F("late_fee_cents"), models.BigIntegerField()) * 100, _HUNDREDTHS + 50),
            deposit_kind="percent",
        )
        | Q(deposit_kind="full", late_fee_cents__lte=F("price_cents")),
        violation_error_code="late_fee_cents",
        violation_error_message="You can't keep more than the deposit. Choose a smaller amount, or a larger deposit.",
    ),
    models.CheckConstraint(
        name="service_whole_deposit_kept_for_a_week_at_most",
        condition=~_OWN_FIXED_FEE
        | Q(free_cancellation_hours__lte=LONGEST_WITHOUT_REFUND_HOURS)
        | Q(deposit_kind="fixed", late_fee_cents__lt=F("deposit_fixed_cents"))
        | Q(
            LessThanOrEqual(Cast(F("late_fee_cents"), models.BigIntegerField()) * 100, _HUNDREDTHS - 50),
            deposit_kind="percent",
        )
        | Q(deposit_kind="full", late_fee_cents__lt=F("price_cents")),
        violation_error_code="late_fee_cents",
        violation_error_message="With all of the deposit kept, cancelling must be free until 168 hours (7 days)"
        " before the start, or less. Keep less, or choose fewer hours.",
    ),
    models.CheckConstraint(
        name="service_no_show_fee_within_the_price",
        condition=Q(no_show_fee_cents__lte=10_000) | Q(no_show_fee_cents__lte=F("price_cents")),
        violation_error_code="no_show_fee_cents",
        violation_error_message="A no-show fee is at most the price, or $100 where that is less.",
    ),
    models.CheckConstraint(
        name="service_deposit_is_known",
        condition=Q(deposit_is__in=DepositIs.values),
        violation_error_code="deposit_is",
        violation_error_message="Choose what the deposit is.",
    ),
]

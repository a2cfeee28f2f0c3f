"""The columns of a cancellation policy, of a business and of a service, and what such a policy can't be.

"Non-refundable whatever happens" is read down as a penalty or as an unfair term, so it can't be set: nothing comes back
for a week before the start at most, and some time earlier everything does.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

LONGEST_WITHOUT_REFUND_HOURS = 7 * 24
LONGEST_WITH_LATE_FEE_HOURS = 30 * 24
MOST_NO_SHOW_FEE_CENTS = 50_000


class LateFeeKind(models.TextChoices):
    FIXED = "fixed", "A fixed amount"
    PERCENT = "percent", "A part of the deposit"


class PolicyColumns(models.Model):
    """Hours before the start; fees in cents, or percent of the deposit, by `late_fee_kind`; the other one is kept."""

    free_cancellation_hours = models.PositiveSmallIntegerField(default=24, db_default=24)
    late_fee_kind = models.CharField(
        max_length=8, choices=LateFeeKind, default=LateFeeKind.FIXED, db_default=LateFeeKind.FIXED
    )
    late_fee_cents = models.PositiveIntegerField(default=0, db_default=0)
    late_fee_percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    no_refund_hours = models.PositiveSmallIntegerField(default=2, db_default=2)
    no_show_fee_cents = models.PositiveIntegerField(default=0, db_default=0)
    no_show_card_required = models.BooleanField(
        "Customers must agree to that before they can book",
        default=False,
        db_default=False,
        help_text="Where the fee is more than the deposit, customers are asked whether their card may be charged for"
        " the rest. Without this they can say no and still book: then you can keep the deposit only. Services without a"
        " deposit ask for a card only with this.",
    )

    class Meta:
        abstract = True

    @property
    def own_policy(self) -> dict[str, Any]:
        """As it is frozen into a booking, but for PeepoPay's own fee."""
        of_percent = self.late_fee_kind == LateFeeKind.PERCENT
        return {
            "free_cancellation_hours": self.free_cancellation_hours,
            "late_fee_cents": 0 if of_percent else self.late_fee_cents,
            "late_fee_percent": self.late_fee_percent if of_percent else None,
            "no_refund_hours": self.no_refund_hours,
            "no_show_fee_cents": self.no_show_fee_cents,
            "no_show_card_required": self.no_show_card_required,
        }


POLICY_FIELDS = tuple(field.name for field in PolicyColumns._meta.local_fields)


def policy_rules(table: str) -> list[models.BaseConstraint]:
    """The constraints of a table with these columns, each with the field to change and the sentence that says so."""
    return [
        models.CheckConstraint(
            name=f"{table}_refund_ends_after_it_is_free",
            condition=Q(no_refund_hours__lte=F("free_cancellation_hours")),
            violation_error_code="no_refund_hours",
            violation_error_message="This can't be longer before the start than the time until which"
            " cancelling is free.",
        ),
        models.CheckConstraint(
            name=f"{table}_no_refund_for_a_week_at_most",
            condition=Q(no_refund_hours__lte=LONGEST_WITHOUT_REFUND_HOURS),
            violation_error_code="no_refund_hours",
            violation_error_message="A deposit that never comes back can't be enforced. Choose at most 168 hours"
            " (7 days).",
        ),
        models.CheckConstraint(
            name=f"{table}_late_fee_for_30_days_at_most",
            condition=Q(free_cancellation_hours__lte=LONGEST_WITH_LATE_FEE_HOURS),
            violation_error_code="free_cancellation_hours",
            violation_error_message="Customers need a time in which cancelling is free. Choose at most 720 hours"
            " (30 days).",
        ),
        models.CheckConstraint(
            name=f"{table}_late_fee_kind_known",
            condition=Q(late_fee_kind__in=LateFeeKind.values),
            violation_error_code="late_fee_kind",
            violation_error_message="Choose what is kept.",
        ),
        models.CheckConstraint(
            name=f"{table}_late_fee_is_part_of_the_deposit",
            condition=Q(late_fee_percent__lte=100),
            violation_error_code="late_fee_percent",
            violation_error_message="Choose 0 to 100 percent of the deposit.",
        ),
        models.CheckConstraint(
            name=f"{table}_all_is_kept_for_a_week_at_most",
            condition=Q(late_fee_kind="fixed")
            | Q(late_fee_percent__lt=100)
            | Q(free_cancellation_hours__lte=LONGEST_WITHOUT_REFUND_HOURS),
            violation_error_code="late_fee_percent",
            violation_error_message="With all of the deposit kept, cancelling must be free until 168 hours (7 days)"
            " before the start, or less. Keep less than 100 percent, or choose fewer hours.",
        ),
        models.CheckConstraint(
            name=f"{table}_no_show_fee_at_most_500_dollars",
            condition=Q(no_show_fee_cents__lte=MOST_NO_SHOW_FEE_CENTS),
            violation_error_code="no_show_fee_cents",
            violation_error_message="A no-show fee is at most $500.",
        ),
    ]

"""What Stripe pays out to a business's bank, as rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Tradie


class PayoutStatus(models.TextChoices):
    """Stripe's words."""

    PENDING = "pending", "On its way"
    IN_TRANSIT = "in_transit", "With your bank"
    PAID = "paid", "Paid"
    CANCELED = "canceled", "Cancelled"
    FAILED = "failed", "Came back"


# A later one of these may follow an earlier one, never the other way round: a bank may send back what was paid, and
# answers of Stripe may be read out of order.
ORDER = list(PayoutStatus)
CAME_TO_NOTHING = (PayoutStatus.CANCELED, PayoutStatus.FAILED)
TO_COME = (PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT)
# What the owner can do about it, by Stripe's code; of the rest Stripe's own dashboard says more.
BANK_SAID = {
    "account_closed": "the account was closed",
    "account_frozen": "the account is frozen",
    "bank_account_restricted": "the account doesn't take such payments",
    "bank_ownership_changed": "the account has another owner by now",
    "incorrect_account_holder_name": "the name on the account is another",
    "incorrect_account_type": "it is another kind of account",
    "invalid_account_number": "there is no such account number",
    "invalid_account_number_length": "there is no such account number",
    "invalid_currency": "the account doesn't take Australian dollars",
    "no_account": "there is no such account",
}


class Payout(models.Model):
    """One payout of a connected account, as Stripe last told it; its id is Stripe's. Below nothing where Stripe takes
    from the bank what its balance lacks. What it does to the books comes with its balance transaction."""

    id = models.CharField(max_length=100, primary_key=True)
    tradie = models.ForeignKey(Tradie, on_delete=models.PROTECT, related_name="payouts", db_index=False)
    account = models.ForeignKey(
        "payments.ConnectedAccount", on_delete=models.PROTECT, related_name="payouts", db_index=False
    )
    status = models.CharField(max_length=10, choices=PayoutStatus)
    amount_cents = models.BigIntegerField()
    arrives_on = models.DateField(help_text="The day on which the bank should have it.")
    failure = models.CharField(max_length=100, blank=True, help_text="Stripe's word for why it came back.")
    created_at = models.DateTimeField(help_text="Stripe's time.")
    failed_at = models.DateTimeField(null=True, blank=True, help_text="When we learned that it came back.")
    checked_at = models.DateTimeField(help_text="When Stripe was last asked about it.")

    class Meta:
        ordering = ["-arrives_on", "-created_at"]
        constraints = [
            models.CheckConstraint(name="payout_status_known", condition=Q(status__in=PayoutStatus.values)),
            models.CheckConstraint(
                name="payout_failed_has_its_time",
                condition=Q(status=PayoutStatus.FAILED) ^ Q(failed_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["tradie", "arrives_on"], name="payout_by_tradie_and_day"),
            models.Index(fields=["account", "created_at"], name="payout_by_account_and_time"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_followed(self) -> bool:
        """Of one that came back: whether Stripe has sent another since. Those that were on their way by then, as of the
        days between, say nothing: they may come back too. One query."""
        later = Payout.objects.filter(account=self.account_id, created_at__gt=self.failed_at)
        return later.exclude(status__in=CAME_TO_NOTHING).exists()

    @property
    def why(self) -> str:
        """What the bank said, to go on with "because"; nothing where that doesn't say what to do."""
        return BANK_SAID.get(self.failure, "")

"""What Stripe says of its balance, as rows."""

from __future__ import annotations

from django.db import models


class StripeTransaction(models.Model):
    """One balance transaction of a tradie's account; its id is Stripe's. Positive amounts came in.

    What `amount_cents` of a payment of ours are for stands in the books by our own rows; only its fees are entered from
    here. Of everything else in the account, here is all that we know.
    """

    id = models.CharField(max_length=100, primary_key=True)
    account_id = models.CharField(max_length=64)
    payment = models.ForeignKey(
        "payments.Payment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stripe_transactions",
    )
    type = models.CharField(max_length=64, help_text="Stripe's word.")
    amount_cents = models.BigIntegerField()
    stripe_fee_cents = models.BigIntegerField(help_text="Taken by Stripe; negative: given back.")
    peepopay_fee_cents = models.BigIntegerField(help_text="Our fee; negative: given back.")
    created_at = models.DateTimeField(help_text="Stripe's time.")
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["account_id", "created_at"], name="stripe_transaction_by_account")]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    @property
    def net_cents(self) -> int:
        """By how much it changed the balance."""
        return self.amount_cents - self.stripe_fee_cents - self.peepopay_fee_cents

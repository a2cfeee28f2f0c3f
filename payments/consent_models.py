"""What customers allowed their cards to be used for, and what was charged by it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from bookings.models import Booking
from peepopay.models import OutboxRow


class CardConsent(models.Model):
    """A customer's yes to a no-show fee on the card that pays their deposit: the words they read, the most that may be
    charged, when and from where. Written before Stripe is asked to save the card.

    Stripe keeps the card with a customer of this one booking; `payment_method_id` is known once it was paid with.
    Forgetting it deletes that customer, in two steps: `let_go_at`, from which on nothing is charged, then Stripe.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="card_consents")
    account_id = models.CharField(max_length=64)
    text = models.TextField(help_text="Word for word what was shown.")
    version = models.PositiveSmallIntegerField(help_text="Of the wording.")
    cap_cents = models.PositiveIntegerField(help_text="The most that may be charged.")
    given_at = models.DateTimeField()
    ip_address = models.CharField(
        max_length=64, blank=True, help_text="From where it was given; of IPv6 the network."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    customer_id = models.CharField(max_length=64, blank=True, db_default="", default="")
    payment_method_id = models.CharField(max_length=64, blank=True, db_default="", default="")
    setup_intent_id = models.CharField(
        max_length=64, blank=True, db_default="", default="", help_text="Where nothing is paid when booking."
    )
    saved_at = models.DateTimeField(null=True, blank=True, help_text="When the card was saved with Stripe.")
    let_go_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is charged no more.")
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe had deleted it.")

    class Meta:
        ordering = ["given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                name="card_consent_one_that_holds",
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="card_consent_has_a_cap", condition=Q(cap_cents__gt=0)),
            models.CheckConstraint(
                name="card_consent_saved_card_is_known",
                condition=Q(saved_at__isnull=True) | (~Q(customer_id="") & ~Q(payment_method_id="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["given_at"], name="card_consent_kept", condition=Q(forgotten_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"for {self.booking_id}"


class FeeCharge(OutboxRow):
    """A no-show fee that is charged to a saved card: the row first, in the transaction that asks for it; a worker asks
    Stripe. `pay_by` is set where the card could not be charged and the customer was asked to pay by link."""

    queue = "webhooks"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.OneToOneField("payments.Payment", on_delete=models.PROTECT, related_name="fee_charge")
    consent = models.ForeignKey(CardConsent, on_delete=models.PROTECT, related_name="charges")
    amount_cents = models.PositiveIntegerField()
    cap_cents = models.PositiveIntegerField(help_text="Of the consent.")
    created_at = models.DateTimeField(db_index=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe was first asked for it.")
    pay_by = models.DateTimeField(null=True, blank=True, help_text="Until when its customer may pay by link.")
    lapsed_at = models.DateTimeField(null=True, blank=True, help_text="When that had passed unpaid.")

    class Meta(OutboxRow.Meta):
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                name="fee_charge_within_the_consent", condition=Q(amount_cents__lte=F("cap_cents"))
            ),
        ]

    def __str__(self) -> str:
        return f"no-show fee {self.payment_id}"

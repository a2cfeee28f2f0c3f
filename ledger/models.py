"""The books: journals of entries that sum to zero, only ever added to. See docs/ledger.md."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Tradie
from bookings.models import Booking
from peepopay.money import dollars

from .chart import XERO_CODES, Account


class JournalKind(models.TextChoices):
    DEPOSIT = "deposit", "Deposit received"
    BALANCE = "balance", "Balance received"
    NO_SHOW_FEE = "no_show_fee", "No-show fee received"
    CASH = "cash", "Cash or transfer received"
    FEES = "fees", "Fees"
    REFUND = "refund", "Refund"
    DISPUTE = "dispute", "Disputed"
    DISPUTE_WON = "dispute_won", "Dispute won"
    DISPUTE_LOST = "dispute_lost", "Dispute lost"
    GST = "gst", "GST due"
    EARNED = "earned", "Job done"
    KEPT = "kept", "Kept"
    ADJUSTED = "adjusted", "Adjusted"
    REVERSED = "reversed", "Reversed"
    PAYOUT = "payout", "Payout"
    OTHER = "other", "Other Stripe activity"


class Journal(models.Model):
    """One event in the books of a business. `source` says of what, such as "payment:ID"; a later journal of the same
    source (`number`) is the difference to what stood there before.

    The database itself refuses to change or delete one, and one whose entries don't sum to zero: see the migration.
    """

    id = models.BigAutoField(primary_key=True)
    tradie = models.ForeignKey(Tradie, on_delete=models.PROTECT, related_name="journals", db_index=False)
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="journals", null=True, blank=True
    )
    kind = models.CharField(max_length=12, choices=JournalKind)
    source = models.CharField(max_length=100)
    number = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(help_text="When it happened.")
    posted_at = models.DateTimeField(default=timezone.now, help_text="When it was entered.")
    taxed_cents = models.IntegerField(
        default=0, db_default=0, help_text="By how much what GST is reckoned on changed, GST included."
    )

    free_cents = models.IntegerField(
        default=0, db_default=0, help_text="By how much what was earned free of GST changed."
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="journal_once_per_event"),
            models.CheckConstraint(name="journal_kind_known", condition=Q(kind__in=JournalKind.values)),
        ]
        indexes = [
            models.Index(fields=["tradie", "at"], name="journal_by_tradie_and_time"),
            models.Index(fields=["tradie", "posted_at"], name="journal_by_tradie_and_posted"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source}"

    @property
    def debits(self) -> list[Entry]:
        """Where it went to, and of `credits` where it came from; of entries that the caller fetched."""
        return [entry for entry in self.entries.all() if entry.cents > 0]

    @property
    def credits(self) -> list[Entry]:
        return [entry for entry in self.entries.all() if entry.cents < 0]

    @property
    def moved_cents(self) -> int:
        """How much it is about."""
        return sum(entry.cents for entry in self.debits)


class Entry(models.Model):
    """`cents` to one account: positive is debit, negative is credit."""

    id = models.BigAutoField(primary_key=True)
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="entries", db_index=False)
    account = models.CharField(max_length=16, choices=Account)
    cents = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["journal", "account"], name="entry_once_per_account"),
            models.CheckConstraint(name="entry_account_known", condition=Q(account__in=Account.values)),
            models.CheckConstraint(name="entry_moves_something", condition=~Q(cents=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_account_display()}: {dollars(self.cents)}"


class Folio(models.Model):
    """How far the books of one booking go, and what was so when its first money came."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, primary_key=True, related_name="folio")
    gst_registered = models.BooleanField(help_text="Whether its business was, when the first money came.")
    posted_until = models.DateTimeField(
        null=True, blank=True, help_text="What happened until then is entered as of when it happened."
    )

    def __str__(self) -> str:
        return f"of {self.booking_id}"


class XeroAccount(models.Model):
    """The code that an account has in the Xero file of a business that doesn't use ours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="xero_accounts", db_index=False)
    account = models.CharField(max_length=16, choices=[(name.value, name.label) for name in XERO_CODES])
    code = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tradie", "account"], name="xero_account_once")]

    def __str__(self) -> str:
        return f"{self.get_account_display()}: {self.code}"

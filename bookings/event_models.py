"""What happened to a booking, as rows, and the links to it that were replaced."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from peepopay import request_ids


class EventKind(models.TextChoices):
    HELD = "held", "Time held"
    REQUESTED = "requested", "Booking requested"
    APPROVED = "approved", "Approved"
    CONFIRMED = "confirmed", "Confirmed"
    OVERRIDDEN = "overridden", "Booked against your own rules"
    PAID = "paid", "Deposit paid"
    INVOICED = "invoiced", "Invoice issued"
    CREDITED = "credited", "Credit note issued"
    BALANCE_PAID = "balance_paid", "Balance paid"
    RECEIVED = "received", "Payment written down"
    RECEIPT_UNDONE = "receipt_undone", "Written-down payment undone"
    FEE_PAID = "fee_paid", "No-show fee paid"
    MOVED = "moved", "Moved"
    HANDED_OVER = "handed_over", "Handed over"
    EXPIRED = "expired", "Hold lapsed"
    PAID_LATE = "paid_late", "Paid after the hold lapsed"
    LOST = "lost", "Paid too late, time gone"
    CANCELLED = "cancelled", "Cancelled"
    DECLINED = "declined", "Declined"
    COMPLETED = "completed", "Marked done"
    COMPLETED_UNDONE = "completed_undone", "Not done after all"
    NO_SHOW = "no_show", "Marked as a no-show"
    NO_SHOW_UNDONE = "no_show_undone", "No-show taken back"
    FEE_ASKED = "fee_asked", "No-show fee asked for"
    CARD_SAVED = "card_saved", "Card saved for a no-show fee"
    REFUND_REQUESTED = "refund_requested", "Refund requested"
    REFUNDED = "refunded", "Refund sent"
    REFUND_FAILED = "refund_failed", "Refund failed"
    DISPUTED = "disputed", "Disputed with the bank"
    DISPUTE_CLOSED = "dispute_closed", "Dispute closed"
    EVIDENCE_ASKED = "evidence_asked", "Answer to the dispute asked for"
    EVIDENCE_SENT = "evidence_sent", "Answer sent to the bank"
    NOTED = "noted", "Note changed"
    ACKNOWLEDGED = "acknowledged", "Confirmed by its customer"
    CALL_WANTED = "call_wanted", "Asked to be called"
    CALLED = "called", "Called"
    RUNNING_LATE = "running_late", "Told that you're running late"
    ON_MY_WAY = "on_my_way", "Told that you're on your way"
    ON_TIME = "on_time", "Told that you're on time again"
    ASKED_TO_MOVE = "asked_to_move", "Asked to choose another time"
    KEPT = "kept", "Told that its time stays"
    LINK_RENEWED = "link_renewed", "New link asked for"
    SENT_AGAIN = "sent_again", "Message sent again"
    TEXTED = "texted", "Sent a text"
    ATTENDING = "attending", "Says they'll be there"
    CUSTOMER_LATE = "customer_late", "Texted that they're late"
    TEXT_MATCHED = "text_matched", "Several bookings under this number"
    ON_SITE = "on_site", "Who is home, or how to get in, changed"
    PHOTOS_ADDED = "photos_added", "Photos added"
    PHOTOS_REMOVED = "photos_removed", "Photo removed"


class Actor(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    TRADIE = "tradie", "Tradie"
    SYSTEM = "system", "PeepoPay"


class BookingEvent(models.Model):
    """A line of a booking's history; only ever added to."""

    id = models.BigAutoField(primary_key=True)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    actor = models.CharField(max_length=8, choices=Actor)
    # Who of the tradie's people it was; stays when they leave the business.
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    detail = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=request_ids.LENGTH, blank=True, default=request_ids.current)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="booking_event_user_acts_for_the_tradie",
                condition=Q(user__isnull=True) | Q(actor=Actor.TRADIE),
            )
        ]
        indexes = [
            models.Index(fields=["booking", "at"], name="booking_event_timeline"),
            # Not of every event: customers' own, by far the most, have no user.
            models.Index(fields=["user"], name="booking_event_by_user", condition=Q(user__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.who}"

    @property
    def who(self) -> str:
        """The person's name where it is known, or else their side; asks for `user`, which the caller loads."""
        return self.user.get_full_name() if self.user else self.get_actor_display()


class FormerToken(models.Model):
    """Of a link that was replaced: opens nothing, but whoever still has it can have the new one mailed to the address
    of the booking."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="former_tokens")

    def __str__(self) -> str:
        return f"of {self.booking_id}"

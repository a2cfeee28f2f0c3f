"""Who did what when in a business."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from peepopay import acting, request_ids


class Change(models.TextChoices):
    SIGNED_IN = "signed_in", "Signed in with a new browser"
    INVITED = "invited", "Invited somebody"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "Withdrew an invitation"
    JOINED = "joined", "Joined the business"
    ROLE_CHANGED = "role_changed", "Changed a role"
    LEFT = "left", "Left, or was removed"
    KEY_MADE = "key_made", "Made an API key"
    KEY_REVOKED = "key_revoked", "Revoked an API key"
    WEBHOOK_ADDED = "webhook_added", "Added a webhook"
    WEBHOOK_CHANGED = "webhook_changed", "Changed a webhook"
    WEBHOOK_REMOVED = "webhook_removed", "Removed a webhook"
    WEBHOOK_SECRET = "webhook_secret", "Made a new signing secret"
    WEBHOOK_ON = "webhook_on", "Switched a webhook on"
    WEBHOOK_OFF = "webhook_off", "Switched a webhook off"
    FEED_MADE = "feed_made", "Made a private calendar address"
    FEED_RENEWED = "feed_renewed", "Made a new private calendar address"
    FEED_STOPPED = "feed_stopped", "Stopped a private calendar address"
    BUSINESS_CHANGED = "business_changed", "Changed business details"
    STRIPE_OPENED = "stripe_opened", "Opened an account at Stripe"
    SERVICE_ADDED = "service_added", "Added a service"
    SERVICE_CHANGED = "service_changed", "Changed a service"
    SERVICE_OFFERED = "service_offered", "Offered a service again"
    SERVICE_WITHDRAWN = "service_withdrawn", "Took a service off"
    SERVICE_REMOVED = "service_removed", "Removed a service that nobody ever booked"
    DEPOSIT_CAP_OVERRIDDEN = "deposit_cap_overridden", "Took a deposit above the legal cap"
    CREW_CHANGED = "crew_changed", "Changed who does the jobs"
    HOURS_CHANGED = "hours_changed", "Changed working hours"
    TIME_OFF_CHANGED = "time_off_changed", "Changed time off"
    CALENDAR_CONNECTED = "calendar_connected", "Connected a calendar kept elsewhere"
    CALENDAR_REMOVED = "calendar_removed", "Removed a calendar kept elsewhere"
    RULES_CHANGED = "rules_changed", "Changed booking rules"
    DAY_MOVED = "day_moved", "Called a day off, with other times for its customers"
    DAY_REOPENED = "day_reopened", "Opened a day again"
    WAITLIST_CHANGED = "waitlist_changed", "Changed the waitlist"
    SERIES_STARTED = "series_started", "Had a job repeat"
    SERIES_MOVED = "series_moved", "Moved a job that repeats"
    SERIES_ENDED = "series_ended", "Ended a job that repeats"
    VISIT_SKIPPED = "visit_skipped", "Left out a date of a job that repeats"
    VISIT_BOOKED = "visit_booked", "Booked a date of a job that repeats after all"
    RULES_OVERRIDDEN = "rules_overridden", "Booked a job against the booking rules"
    BOOKING_CANCELLED = "booking_cancelled", "Cancelled a booking"
    REFUND_REQUESTED = "refund_requested", "Asked for a refund"
    NO_SHOW_FEE = "no_show_fee", "Charged a no-show fee"
    NO_SHOW_UNDONE = "no_show_undone", "Took back a no-show"
    QUOTE_SENT = "quote_sent", "Sent a quote"
    QUOTE_CHANGED = "quote_changed", "Changed a quote"
    QUOTE_WITHDRAWN = "quote_withdrawn", "Withdrew a quote"
    INVOICED = "invoiced", "Issued an invoice"
    CREDITED = "credited", "Issued a credit note"
    PAYMENT_RECORDED = "payment_recorded", "Wrote a payment down"
    PAYMENT_UNDONE = "payment_undone", "Undid a payment written down"
    PAY_TO_CHANGED = "pay_to_changed", "Changed the bank details on invoices"
    XERO_CODES_CHANGED = "xero_codes_changed", "Changed account codes for Xero"
    DISPUTE_ANSWERED = "dispute_answered", "Answered a dispute"
    OPERATOR_CAME = "operator_came", "PeepoPay's support opened the dashboard"
    CUSTOMER_BLOCKED = "customer_blocked", "Asked a customer to call instead of booking"
    CUSTOMER_UNBLOCKED = "customer_unblocked", "Let a customer book online again"
    CUSTOMERS_MERGED = "customers_merged", "Made one customer of two"
    EXPORT_ASKED = "export_asked", "Asked for a file of everything"
    EXPORT_FETCHED = "export_fetched", "Downloaded the file of everything"
    IMPORTED = "imported", "Brought in a file"
    BUSINESS_CLOSED = "business_closed", "Closed the account"
    BUSINESS_REOPENED = "business_reopened", "Opened the account again"
    BUSINESS_ENDED = "business_ended", "The account ended: nobody gets in any more"
    DETAILS_ERASED = "details_erased", "Erased customers' details"


class AuditEntry(models.Model):
    """One change; only ever added. The database itself refuses anything else: see the migration that made the table.

    `about` and `detail` say nothing of customers, so retention leaves them alone.
    """

    id = models.BigAutoField(primary_key=True)
    tradie = models.ForeignKey("accounts.Tradie", on_delete=models.PROTECT, related_name="changes")
    # Stays when they leave the business. None: a customer, or PeepoPay itself.
    user = models.ForeignKey(
        "accounts.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        default=acting.current,
    )
    kind = models.CharField(max_length=24, choices=Change)
    about = models.CharField(max_length=200, blank=True)
    about_id = models.UUIDField(null=True, blank=True, help_text="Of the service, where it is about one.")
    detail = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    request_id = models.CharField(max_length=request_ids.LENGTH, blank=True, default=request_ids.current)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["tradie", "-id"], name="audit_by_tradie")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"
